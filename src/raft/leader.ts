import { invariant } from './assert.ts';
import type { Core, Leader } from './core.ts';
import type { RefusalReason } from './io.ts';
import type { AppendRejected, AppendReply } from './message.ts';
import type { Progress } from './progress.ts';
import { quorumMin } from './quorum.ts';
import { restartElectionTimer } from './timing.ts';
import { becomeFollower } from './transitions.ts';
import type { Millis, NodeId, Ref } from './types.ts';

/**
 * A leader that has not heard a quorum for an election timeout is one no longer, as far as it can know (thesis §6.2).
 * Judged by `now` before each step, so that a process that was paused finds out before it says anything.
 */
export function checkQuorum(core: Core, leader: Leader, now: Millis): void {
  if (now < leader.quorumDeadline) return;
  const contactAt = quorumMin(core.log.membership, (id) =>
    id === core.id ? now : (leader.peers.get(id)?.contactAt ?? -Infinity),
  );
  leader.quorumDeadline = contactAt + core.options.electionTimeoutMaxMs;
  if (now >= leader.quorumDeadline) becomeFollower(core, core.term, null, now);
}

/** Steps down and lets others go first for an election timeout. */
export function stepDownQuietly(core: Core, now: Millis): void {
  becomeFollower(core, core.term, null, now);
  restartElectionTimer(core, now + core.options.electionTimeoutMaxMs);
}

export function onAppendReply(core: Core, message: AppendReply, now: Millis): void {
  const { role } = core;
  if (role.kind !== 'leader') return;
  const peer = role.peers.get(message.from);
  if (peer === undefined) return;
  const { result } = message;
  const index = result.accepted ? result.match : result.prevIndex;
  if (message.readSeq > role.reads.latest || index > core.log.lastIndex) {
    core.malformed += 1; // Echoes what we never sent.
    return;
  }
  // Contact is proven as of the sending, not the arrival: what waited in a paused process's queue proves little.
  peer.contactAt = Math.max(peer.contactAt, Math.min(message.sentAt, now));
  peer.readSeq = Math.max(peer.readSeq, message.readSeq);
  if (result.accepted) {
    peer.accepted(result.match);
    advanceCommit(core, role, now);
  } else {
    onRejected(core, peer, result);
  }
  settleReads(core, role);
}

/**
 * Both sides skip whole terms, so that a long divergence costs a round trip per term and not one per entry (C19):
 * the hint is the follower's last position with a term up to ours at `prev`; the logs cannot meet after our own last
 * position with a term up to the hint's.
 */
function onRejected(core: Core, peer: Progress, rejection: AppendRejected): void {
  if (peer.isStaleRejection(rejection.prevIndex)) return;
  const below = Math.min(rejection.hint.index, rejection.prevIndex - 1);
  peer.probe(core.log.lastWithTermAtMost(below, rejection.hint.term).index + 1);
}

/**
 * Only entries of this term commit by being counted; earlier ones commit with them (Raft §5.4.2). Entries at or
 * after the no-op are exactly those. Our own copy counts once it is durable (edge case A6).
 */
export function advanceCommit(core: Core, leader: Leader, now: Millis): void {
  const index = quorumMin(core.log.membership, (id) =>
    id === core.id ? core.writes.durable.index : (leader.peers.get(id)?.match ?? 0),
  );
  if (index > leader.quorumMatch) {
    leader.quorumMatch = index;
    leader.progressAt = now;
  }
  if (index <= core.committed || index < leader.noopIndex) return;
  core.committed = index;
  leader.backlog.commit(index);
  settleReads(core, leader);
}

export function propose(core: Core, ref: Ref, payloads: readonly Uint8Array[], now: Millis): void {
  const { role } = core;
  invariant(payloads.length > 0, 'a proposal has a payload');
  if (role.kind !== 'leader') return refuse(core, ref, 'not-leader', core.leader);
  if (core.handover !== null) return refuse(core, ref, 'transferring', core.handover.to);
  let bytes = 0;
  for (const payload of payloads) bytes += payload.length;
  if (!role.backlog.admits(bytes, core.options.uncommittedBytesMax)) {
    return refuse(core, ref, 'overloaded', core.id);
  }
  const first = core.log.lastIndex + 1;
  for (const data of payloads) {
    core.log.append({ kind: 'command', index: core.log.lastIndex + 1, term: core.term, data });
  }
  role.backlog.add(core.log.lastIndex, bytes, now);
  core.settled.push({ type: 'proposed', ref, term: core.term, first });
}

function refuse(core: Core, ref: Ref, reason: RefusalReason, leader: NodeId | null): void {
  core.settled.push({ type: 'refused', ref, reason, leader });
}

/** Thesis §6.4. Before the no-op commits the index is the no-op's, so the read waits for it (edge cases D25, D29). */
export function read(core: Core, ref: Ref): void {
  const { role } = core;
  if (role.kind !== 'leader') {
    core.settled.push({ type: 'unreadable', ref, leader: core.leader });
    return;
  }
  role.reads.add(ref, Math.max(core.committed, role.noopIndex));
  settleReads(core, role);
}

function settleReads(core: Core, leader: Leader): void {
  if (leader.reads.pending === 0) return;
  const confirmed = quorumMin(core.log.membership, (id) =>
    id === core.id ? leader.reads.latest : (leader.peers.get(id)?.readSeq ?? 0),
  );
  for (const { ref, index } of leader.reads.take(confirmed, core.committed)) {
    core.settled.push({ type: 'readable', ref, index });
  }
}
