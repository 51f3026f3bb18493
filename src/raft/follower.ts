import type { Core, Follower } from './core.ts';
import type { Entry } from './entry.ts';
import { HINT_HEARTBEATS, restartElectionTimer, scheduleHint } from './timing.ts';
import { becomeFollower } from './transitions.ts';
import type { Append } from './message.ts';
import type { LogIndex, Millis, NodeId } from './types.ts';

/** How many heartbeats an answer may wait for the disk: above 1, so that one answer per append is the rule. */
const SILENT_HEARTBEATS_MAX = 2;

/** This term's leader speaks: follow it, compare logs, take what is new, owe it an answer. */
export function onAppend(core: Core, message: Append, now: Millis): void {
  if (core.leader !== null && core.leader !== message.from) {
    core.malformed += 1; // Two leaders in one term: the other one was elected, this one is not real.
    return;
  }
  const follower = hearLeader(core, message.from, now);
  if (!hasPrevious(core, message)) return reject(core, message);
  const known = isKnownAlready(core, follower, message, now);
  storeEntries(core, message.entries);
  const matched = message.prev.index + message.entries.length;
  // Committed entries are in every later leader's log (Leader Completeness), so they match without a look.
  follower.accepted = Math.max(follower.accepted, matched, core.committed);
  // Raft Figure 2 says "index of last new entry": what this append proves, not where our log happens to end (C18).
  core.committed = Math.max(core.committed, Math.min(message.commit, follower.accepted));
  if (!known && !mayWaitForDisk(core, follower, message, now)) follower.ackOwed = true;
  follower.readSeq = Math.max(follower.readSeq, message.readSeq);
  follower.sentAt = Math.max(follower.sentAt, message.sentAt);
}

/** Only tells a commit index, a moment after we answered: what is not acknowledged yet will be when it is durable. */
function isKnownAlready(core: Core, follower: Follower, message: Append, now: Millis): boolean {
  return (
    follower.acked > 0 &&
    message.entries.length === 0 &&
    message.commit > core.committed &&
    message.readSeq <= follower.readSeq &&
    now - follower.ackedAt < core.options.heartbeatMs / 2
  );
}

/** Any append of the current leader restarts the timer, and it is what makes a candidate give up (Raft §5.2). */
function hearLeader(core: Core, leader: NodeId, now: Millis): Follower {
  const follower = core.role.kind === 'follower' ? core.role : becomeFollower(core, core.term, leader, now);
  core.leader = leader;
  core.leaderHeardAt = now;
  core.roundsAlone = 0;
  restartElectionTimer(core, now);
  // A closed link makes its next silence short; on an open one there is nothing to fear.
  if (core.linksDown.has(leader)) scheduleHint(core, HINT_HEARTBEATS, now);
  else core.hintDeadline = null;
  return follower;
}

function hasPrevious(core: Core, message: Append): boolean {
  const { prev } = message;
  return prev.index <= core.committed || core.log.termAt(prev.index) === prev.term;
}

/**
 * Delete only from the first entry that conflicts, never "everything after prev": a late or repeated append must not
 * remove what a newer one has brought (edge case C17).
 *
 *   ours   1@1 2@1 3@1 4@1          append prev 1@1: 2@1 3@1   nothing to do, 4@1 stays
 *   ours   1@1 2@1 3@1 4@1          append prev 2@1: 3@2       3@1 and 4@1 go, 3@2 comes
 */
export function storeEntries(core: Core, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.index <= core.committed) continue;
    const term = core.log.termAt(entry.index);
    if (term === entry.term) continue;
    if (term !== null) truncateFrom(core, entry.index);
    core.log.append(entry);
  }
}

function truncateFrom(core: Core, index: LogIndex): void {
  core.log.truncateFrom(index);
  core.writes.truncateFrom(index);
}

/**
 * The hint skips all our entries of terms beyond that of `prev`, which cannot be where the logs meet:
 *
 *   ours      1@1 2@1 3@2 4@2      the leader asks for 4@3, hint 4@2; it looks below with terms up to 2 in its own log
 *   leader's  1@1 2@1 3@1 4@3      and probes 3@1; we answer with hint 2@1, where they meet
 */
function reject(core: Core, message: Append): void {
  core.outbox.push({
    type: 'appendReply',
    from: core.id,
    to: message.from,
    term: core.term,
    result: {
      accepted: false,
      prevIndex: message.prev.index,
      hint: core.log.lastWithTermAtMost(message.prev.index, message.prev.term),
    },
    readSeq: message.readSeq,
    sentAt: message.sentAt,
  });
}

/**
 * What is not durable yet is answered once it is; then one answer is enough. But a read barrier does not wait for
 * the disk, and a leader must hear from us every few heartbeats however slow our disk is.
 */
function mayWaitForDisk(core: Core, follower: Follower, message: Append, now: Millis): boolean {
  const barrier = message.readSeq > follower.readSeq;
  const overdue = now - follower.ackedAt >= SILENT_HEARTBEATS_MAX * core.options.heartbeatMs;
  const matched = message.prev.index + message.entries.length;
  return message.entries.length > 0 && matched > core.writes.durable.index && !barrier && !overdue;
}

/** At drain: one answer for any number of appends and acknowledged writes (raft-core.md 1.3). */
export function acknowledgeAppends(core: Core, now: Millis): void {
  const { role, leader, writes } = core;
  if (role.kind !== 'follower' || leader === null || writes.durable.term !== core.term) return;
  const match = Math.min(writes.durable.index, role.accepted);
  if (!role.ackOwed && match <= role.acked) return;
  role.acked = match;
  role.ackedAt = now;
  role.ackOwed = false;
  core.outbox.push({
    type: 'appendReply',
    from: core.id,
    to: leader,
    term: core.term,
    result: { accepted: true, match },
    readSeq: role.readSeq,
    sentAt: role.sentAt,
  });
}
