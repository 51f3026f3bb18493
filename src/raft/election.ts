import { catchUpIfAlone } from './catch-up.ts';
import type { Candidate, Core } from './core.ts';
import type { PreVote, PreVoteReply, TimeoutNow, Vote, VoteReply } from './message.ts';
import { isVoter, tally, votersOf } from './quorum.ts';
import { HINT_HEARTBEATS, restartElectionTimer, scheduleHint } from './timing.ts';
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './transitions.ts';
import type { Millis, NodeId } from './types.ts';

/** Called on `wake` while not leading. */
export function onElectionTimer(core: Core, now: Millis): void {
  const hinted = core.hintDeadline !== null && now >= core.hintDeadline;
  if (!hinted && now < core.electionDeadline) return;
  core.hintDeadline = null;
  if (core.role.kind === 'candidate') learnFromSilence(core, core.role, now);
  restartElectionTimer(core, now);
  if (!mayCampaign(core, now) || voteIsUnderWay(core)) return;
  core.roundsAlone += 1;
  becomePreCandidate(core);
  countPreVotes(core, now);
}

/**
 * A voter of the membership in force, or of the committed one while its removal is not committed (edge case B14).
 * A stuck disk could not make the vote durable; campaigning would only raise terms.
 */
function mayCampaign(core: Core, now: Millis): boolean {
  const voter =
    isVoter(core.log.membership, core.id) || isVoter(core.log.membershipAt(core.committed), core.id);
  const oldest = core.writes.oldestIssuedAt;
  return voter && (oldest === null || now - oldest < core.options.electionTimeoutMaxMs);
}

/** Whoever gave a vote, to itself or to another, lets it reach the disk before it stands (again): the clock starts then. */
function voteIsUnderWay(core: Core): boolean {
  return core.leader === null && core.votedFor !== null && !voteIsDurable(core, core.votedFor);
}

/** Those who would have voted said nothing in all this time: their promises take longer than ours (pace.ts). */
function learnFromSilence(core: Core, role: Candidate, now: Millis): void {
  const silent = role.asked && role.willing.some((id) => !role.votes.has(id));
  if (silent) core.pace.observe(now - role.standsSince, now);
}

/**
 * Stickiness: who heard a leader within the minimum election timeout helps nobody to depose it (thesis §4.2.3).
 * A leader is loyal to itself, as CheckQuorum has just proven it. A request from the leader itself shows that it
 * restarted, and a closed link that it is probably gone (edge case B9).
 */
export function leaderIsFresh(core: Core, asker: NodeId, now: Millis): boolean {
  if (core.role.kind === 'leader') return true;
  if (core.leader === null || core.leader === asker || core.linksDown.has(core.leader)) return false;
  return now - core.leaderHeardAt < core.options.electionTimeoutMinMs;
}

/** Changes nothing here but our own hint: no term, no vote, no election timer (edge case B8). */
export function onPreVote(core: Core, message: PreVote, now: Millis): void {
  const free = message.term > core.term && !leaderIsFresh(core, message.from, now);
  const granted = free && core.log.isUpToDate(message.last);
  if (granted && core.hintDeadline !== null) scheduleHint(core, HINT_HEARTBEATS, now);
  core.outbox.push({
    type: 'preVoteReply',
    from: core.id,
    to: message.from,
    term: granted ? message.term : core.term,
    granted,
    ahead: free && !granted ? core.log.last : null,
  });
}

export function onPreVoteReply(core: Core, message: PreVoteReply, now: Millis): void {
  if (core.role.kind !== 'preCandidate') return;
  if (message.granted !== (message.term === core.term + 1)) return;
  if (message.ahead !== null && core.log.isAtLeast(message.ahead)) return; // We have caught up with it since.
  core.role.votes.set(message.from, message.granted);
  if (message.ahead !== null) core.role.ahead.set(message.from, message.ahead);
  countPreVotes(core, now);
}

/** One vote per term, first come, first served, and only for a log at least as complete (Raft §5.2, §5.4.1). */
export function onVote(core: Core, message: Vote, now: Millis): void {
  const { role } = core;
  const free = core.votedFor === null ? core.leader === null : core.votedFor === message.from;
  const eligible = role.kind === 'follower' || role.kind === 'preCandidate';
  // A repeated grant checks the log again: ours may have grown meanwhile (edge case A3).
  if (!eligible || !free || !core.log.isUpToDate(message.last)) return refuseVote(core, message.from);
  const follower = role.kind === 'follower' ? role : becomeFollower(core, core.term, null, now);
  core.votedFor = message.from;
  follower.voteOwedTo = message.from;
  core.hintDeadline = null;
  restartElectionTimer(core, now);
}

export function refuseVote(core: Core, to: NodeId): void {
  core.outbox.push({ type: 'voteReply', from: core.id, to, term: core.term, granted: false });
}

export function onVoteReply(core: Core, message: VoteReply, now: Millis): void {
  if (core.role.kind !== 'candidate' || !core.role.asked) return;
  core.role.votes.set(message.from, message.granted);
  countVotes(core, core.role, now);
}

/** Thesis §3.10: the leader chose us, so no pre-vote. Stale unless it speaks of this term and our exact log (E32). */
export function onTimeoutNow(core: Core, message: TimeoutNow, now: Millis): void {
  const { index, term } = message.last;
  if (core.leader !== message.from || index !== core.log.lastIndex || term !== core.log.lastTerm) return;
  if (mayCampaign(core, now)) becomeCandidate(core, 'transfer', [], now);
}

/**
 * A candidate counts its own vote once it is on disk, like any other promise (edge case A6). Its round begins only now;
 * and whoever voted for another gives it from now on the time to be heard as a leader.
 */
export function onVoteDurable(core: Core, now: Millis): void {
  const { role } = core;
  if (role.kind === 'follower' && role.voteOwedTo !== null && voteIsDurable(core, role.voteOwedTo)) {
    return restartElectionTimer(core, now);
  }
  if (role.kind !== 'candidate' || !voteIsDurable(core, core.id) || role.votes.has(core.id)) return;
  role.standsSince = now;
  restartElectionTimer(core, now);
  role.votes.set(core.id, true);
  countVotes(core, role, now);
}

function voteIsDurable(core: Core, candidate: NodeId): boolean {
  const { durable } = core.writes;
  return durable.term === core.term && durable.votedFor === candidate;
}

function countPreVotes(core: Core, now: Millis): void {
  if (core.role.kind !== 'preCandidate') return;
  const { votes } = core.role;
  const verdict = tally(core.log.membership, votes);
  if (verdict === 'won') becomeCandidate(core, 'election', grantersOf(core, votes), now);
  else if (catchUpIfAlone(core, core.role)) return;
  else if (verdict === 'lost') becomeFollower(core, core.term, null, now);
}

function grantersOf(core: Core, votes: ReadonlyMap<NodeId, boolean>): readonly NodeId[] {
  return [...votes].filter(([id, granted]) => granted && id !== core.id).map(([id]) => id);
}

function countVotes(core: Core, role: Candidate, now: Millis): void {
  const verdict = tally(core.log.membership, role.votes);
  if (verdict === 'won') becomeLeader(core, now);
  if (verdict === 'lost') becomeFollower(core, core.term, null, now);
}

/** At drain: what an election lets us say by now. */
export function speakOfElection(core: Core): void {
  switch (core.role.kind) {
    case 'preCandidate':
      if (!core.role.asked) askForPreVotes(core);
      core.role.asked = true;
      return;
    case 'candidate':
      // Never before the own vote is durable: a crash would forget it and let us lead this term twice (edge case A4).
      if (core.role.asked || !voteIsDurable(core, core.id)) return;
      core.role.asked = true;
      return askForVotes(core, core.role);
    case 'follower':
      // A vote is a promise: it leaves only once it is durable (thesis §3.8).
      if (core.role.voteOwedTo === null || !voteIsDurable(core, core.role.voteOwedTo)) return;
      core.outbox.push({
        type: 'voteReply',
        from: core.id,
        to: core.role.voteOwedTo,
        term: core.term,
        granted: true,
      });
      core.role.voteOwedTo = null;
      return;
    case 'leader':
      return;
  }
}

function askForPreVotes(core: Core): void {
  for (const to of votersOf(core.log.membership)) {
    if (to === core.id) continue;
    core.outbox.push({ type: 'preVote', from: core.id, to, term: core.term + 1, last: core.log.last });
  }
}

function askForVotes(core: Core, role: Candidate): void {
  for (const to of votersOf(core.log.membership)) {
    if (to === core.id) continue;
    core.outbox.push({
      type: 'vote',
      from: core.id,
      to,
      term: core.term,
      last: core.log.last,
      reason: role.reason,
    });
  }
}
