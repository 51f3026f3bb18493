import type { Core, Leader } from './core.ts';
import type { Millis } from './types.ts';

/**
 * How many election timeouts a leader's own disk, or the commit of its oldest entry, may stall before it gives
 * leadership away. Below 2 a slow fsync would cost an election; far above, a gray leader holds everybody up (I63).
 */
export const GRAY_ELECTION_TIMEOUTS = 3;

/**
 * How many heartbeats a leader whose link is down may stay silent before its follower asks for an election. It must
 * exceed 1: the leader may still be heard over the link of the other direction.
 */
export const HINT_HEARTBEATS = 2;

/**
 * Drawn anew at every reset, so that followers do not time out together (Raft §5.2). From [min, max) while there is a
 * leader to hear: what disks take does not make its silence longer. In an election from [min + 2 P, max + 4 P), where P
 * is what promises take here beyond a heartbeat (pace.ts): a voter may have to finish one write before it can begin to
 * write its vote, and two who stand within one sync of each other may both fail.
 */
export function restartElectionTimer(core: Core, now: Millis): void {
  const { electionTimeoutMinMs, electionTimeoutMaxMs } = core.options;
  const patienceMs = core.leader === null ? core.pace.patienceMs(now) : 0;
  const minMs = electionTimeoutMinMs + 2 * patienceMs;
  const maxMs = electionTimeoutMaxMs + 4 * patienceMs;
  core.electionDeadline = now + minMs + draw(core, maxMs - minMs);
}

/** Uniform in [0, span), whole milliseconds. */
export function draw(core: Core, span: Millis): Millis {
  return Math.floor((core.options.random() / 2 ** 32) * span);
}

/** Our link to the leader is gone: campaign soon, at a random moment so that two followers do not collide. */
export function scheduleHint(core: Core, heartbeats: number, now: Millis): void {
  const { heartbeatMs } = core.options;
  core.hintDeadline = now + heartbeats * heartbeatMs + draw(core, heartbeatMs);
}

/**
 * When the core wants to be woken, exactly: nothing happens by time before it. Capped at an election timeout, so
 * that a runtime need not handle "never".
 */
export function nextWake(core: Core, now: Millis): Millis {
  const { electionTimeoutMaxMs, heartbeatMs } = core.options;
  let at = Math.min(now + electionTimeoutMaxMs, core.handover?.deadline ?? Infinity);
  const { role } = core;
  if (role.kind !== 'leader') return Math.min(at, core.electionDeadline, core.hintDeadline ?? Infinity);
  for (const peer of role.peers.values()) at = Math.min(at, peer.sentAt + heartbeatMs);
  if (role.peers.size > 0) at = Math.min(at, role.quorumDeadline);
  return core.handover === null ? Math.min(at, stuckAt(core, role)) : at;
}

/**
 * The moment from which a leader counts as stuck unless something moves: its oldest own write is that old, or it has
 * uncommitted entries and no quorum has come any further since.
 */
export function stuckAt(core: Core, leader: Leader): Millis {
  const write = core.writes.oldestIssuedAt ?? Infinity;
  const entry = Math.max(leader.backlog.oldestSince ?? Infinity, leader.progressAt);
  return Math.min(write, entry) + GRAY_ELECTION_TIMEOUTS * core.options.electionTimeoutMaxMs;
}
