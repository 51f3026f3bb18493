import { unreachable } from './assert.ts';
import type { Candidate, Core, Leader, RoleState } from './core.ts';
import type { Millis } from './types.ts';

/**
 * For exhaustive exploration (src/sim/explore): of two nodes with equal fingerprints, equal logs and equal options,
 * each answers any inputs as the other does. Times count from `now`, and no further back than anything looks.
 *
 * Between a drain and the next step nothing waits to be said or written, so outbox and unwritten entries are not here.
 */
export function fingerprintOf(core: Core, now: Millis): string {
  const age = agesAt(core, now);
  return JSON.stringify([
    [core.term, core.votedFor, core.leader, core.committed, core.handedOut, core.applied],
    [
      age(core.leaderHeardAt),
      core.electionDeadline - now,
      core.hintDeadline === null ? null : core.hintDeadline - now,
    ],
    [Math.min(core.roundsAlone, 2), [...core.linksDown].toSorted(), core.serving, core.handover],
    [core.log.last, core.log.tailFirst, core.log.hasUnwritten(), core.writes.inside()],
    [age(core.writes.oldestIssuedAt ?? now), core.pace.patienceMs(now)],
    insideOf(core.role, age),
  ]);
}

type Age = (at: Millis) => Millis;

function agesAt(core: Core, now: Millis): Age {
  const longest = 4 * core.options.electionTimeoutMaxMs;
  return (at) => Math.min(now - at, longest);
}

function insideOf(role: RoleState, age: Age): unknown {
  switch (role.kind) {
    case 'follower':
      return { ...role, ackedAt: age(role.ackedAt), sentAt: age(role.sentAt) };
    case 'preCandidate':
      return [role.kind, sorted(role.votes), role.asked, sorted(role.ahead), role.catchUp];
    case 'candidate':
      return [role.kind, role.reason, sorted(role.votes), role.asked, age(role.standsSince), silent(role)];
    case 'leader':
      return insideOfLeader(role, age);
    default:
      return unreachable(role);
  }
}

function insideOfLeader(role: Leader, age: Age): unknown {
  const peers = Array.from(role.peers.values(), (peer) => [
    peer.inside(),
    age(peer.contactAt),
    age(peer.sentAt),
  ]);
  const backlog = [role.backlog.bytes, age(role.backlog.oldestSince ?? Infinity)];
  const reads = [role.reads.latest, role.reads.pending];
  const progress = [role.noopIndex, role.quorumMatch, age(role.progressAt), role.abdicating];
  return [role.kind, progress, age(role.quorumDeadline), peers, backlog, reads];
}

function sorted(map: ReadonlyMap<string, unknown>): unknown {
  return [...map].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

/** Of the willing, only those count who have not answered yet. */
function silent({ willing, votes }: Candidate): unknown {
  return willing.filter((id) => !votes.has(id)).toSorted();
}
