import { invariant } from './assert.ts';
import { Backlog } from './backlog.ts';
import type { Candidate, Core, Follower, Leader, PreCandidate } from './core.ts';
import { Progress } from './progress.ts';
import { membersOf } from './quorum.ts';
import { ReadBarriers } from './reads.ts';
import { restartElectionTimer } from './timing.ts';
import type { Millis, NodeId, Term } from './types.ts';

/**
 * Every change of role. There are no others.
 *
 *              timeout            pre-vote won             vote won
 *   follower ───────────▶ pre-candidate ─────▶ candidate ─────▶ leader
 *      ▲         timeoutNow (transfer) ────────────▲              │
 *      └── higher term, a leader's append, a lost ballot, no quorum
 */
export function newFollower(now: Millis): Follower {
  return {
    kind: 'follower',
    accepted: 0,
    acked: 0,
    ackedAt: now,
    ackOwed: false,
    readSeq: 0,
    sentAt: -Infinity,
    voteOwedTo: null,
  };
}

/**
 * The timer keeps running unless we led: a losing candidate's term must not put off a better one (edge case B12).
 * An equal term never clears the vote (edge case A1).
 */
export function becomeFollower(core: Core, term: Term, leader: NodeId | null, now: Millis): Follower {
  invariant(term >= core.term, 'terms never fall');
  if (term > core.term) core.votedFor = null;
  core.term = term;
  core.leader = leader;
  core.hintDeadline = null;
  if (core.role.kind === 'leader') leaveLeadership(core, core.role, now);
  const follower = newFollower(now);
  core.role = follower;
  return follower;
}

/** Nothing durable changes. The old leader is given up, so that others' pre-votes are judged without it (B8). */
export function becomePreCandidate(core: Core): PreCandidate {
  invariant(core.role.kind !== 'leader', 'a leader does not campaign');
  core.leader = null;
  core.hintDeadline = null;
  const role: PreCandidate = {
    kind: 'preCandidate',
    votes: new Map([[core.id, true]]),
    asked: false,
    ahead: new Map(),
    catchUp: null,
  };
  core.role = role;
  return role;
}

export function becomeCandidate(
  core: Core,
  reason: Candidate['reason'],
  willing: readonly NodeId[],
  now: Millis,
): Candidate {
  invariant(core.role.kind !== 'leader', 'a leader does not campaign');
  core.term += 1;
  core.votedFor = core.id;
  core.leader = null;
  core.hintDeadline = null;
  restartElectionTimer(core, now);
  const role: Candidate = {
    kind: 'candidate',
    reason,
    votes: new Map(),
    asked: false,
    standsSince: now,
    willing,
  };
  core.role = role;
  return role;
}

/** Thesis §6.4: a no-op at once, so that the new leader learns what is committed. */
export function becomeLeader(core: Core, now: Millis): Leader {
  const { durable } = core.writes;
  invariant(core.role.kind === 'candidate', 'only a candidate becomes leader');
  invariant(durable.term === core.term && durable.votedFor === core.id, 'a leader has its own vote on disk');
  const noopIndex = core.log.lastIndex + 1;
  core.log.append({ kind: 'noop', index: noopIndex, term: core.term });
  const role: Leader = {
    kind: 'leader',
    noopIndex,
    peers: peersFrom(core, noopIndex, now),
    reads: new ReadBarriers(),
    backlog: new Backlog(),
    quorumDeadline: now + core.options.electionTimeoutMaxMs,
    quorumMatch: 0,
    progressAt: now,
    abdicating: false,
  };
  role.backlog.add(noopIndex, 0, now);
  core.roundsAlone = 0;
  core.leader = core.id;
  core.role = role;
  return role;
}

function peersFrom(core: Core, next: number, now: Millis): ReadonlyMap<NodeId, Progress> {
  const peers = new Map<NodeId, Progress>();
  for (const id of membersOf(core.log.membership)) {
    if (id !== core.id) peers.set(id, new Progress(id, next, core.options, now));
  }
  return peers;
}

/** Reads die with the leadership; proposals stay in the log and their fate is decided there. */
function leaveLeadership(core: Core, leader: Leader, now: Millis): void {
  for (const ref of leader.reads.abandon())
    core.settled.push({ type: 'unreadable', ref, leader: core.leader });
  restartElectionTimer(core, now);
}
