import { invariant } from './assert.ts';
import type { Core, Leader } from './core.ts';
import { membersOf, quorumMin } from './quorum.ts';

/** Laws of one state: true after every step. The cheap ones hold in production too. */
export function checkState(core: Core): void {
  const { log, writes } = core;
  invariant(core.applied <= core.handedOut, 'only what was handed out is applied');
  invariant(core.handedOut <= core.committed, 'only what is committed is handed out');
  invariant(core.committed <= log.lastIndex, 'only what is in the log is committed');
  invariant(core.handedOut <= writes.durable.index, 'only what is durable here is handed out');
  invariant(writes.durable.index <= log.lastIndex, 'only what is in the log is durable');
  invariant(writes.durable.term <= core.term, 'no term on disk is ahead of memory');
  invariant(log.lastTerm <= core.term, 'no entry is of a later term');
  invariant((core.role.kind === 'leader') === (core.leader === core.id), 'a leader follows itself, alone');
  if (core.role.kind === 'leader') checkLeadership(core, core.role);
  if (core.role.kind === 'candidate') invariant(core.votedFor === core.id, 'a candidate votes for itself');
}

function checkLeadership(core: Core, leader: Leader): void {
  const { durable } = core.writes;
  invariant(durable.term === core.term, 'a leader has its term on disk (edge case A4)');
  invariant(durable.votedFor === core.id, 'a leader has its own vote on disk (edge case A6)');
  invariant(leader.noopIndex <= core.log.lastIndex, 'a leader never loses its own entries');
}

/** Laws that look at everything; for tests and the simulator. */
export function checkStateThoroughly(core: Core): void {
  checkTail(core);
  if (core.role.kind === 'leader') checkPeers(core, core.role);
  if (core.role.kind === 'follower') {
    invariant(core.role.accepted <= core.log.lastIndex, 'what was accepted stays in the log');
    invariant(core.role.acked <= core.role.accepted, 'only what was accepted is acknowledged');
  }
}

function checkTail(core: Core): void {
  const { log } = core;
  invariant(log.tailFirst <= log.lastIndex + 1, 'the tail ends where the log ends');
  if (log.tailFirst > log.lastIndex) return;
  const tail = log.slice(log.tailFirst, log.lastIndex, Number.POSITIVE_INFINITY);
  invariant(tail.length === log.lastIndex - log.tailFirst + 1, 'the tail has no gap');
  let index = log.tailFirst;
  for (const entry of tail) {
    invariant(entry.index === index, 'entries stand at their index');
    invariant(entry.term === log.termAt(index), 'entries and terms agree');
    index += 1;
  }
}

function checkPeers(core: Core, leader: Leader): void {
  const others = membersOf(core.log.membership).filter((id) => id !== core.id);
  invariant(others.length === leader.peers.size, 'a leader knows every member');
  for (const id of others) {
    const peer = leader.peers.get(id);
    invariant(peer !== undefined, 'a leader knows every member');
    invariant(peer.match < peer.next, 'the next entry is beyond what matches');
    invariant(peer.next <= core.log.lastIndex + 1, 'the next entry is at most one beyond the log');
    invariant(peer.match <= core.log.lastIndex, 'a match is inside the log');
    invariant(peer.readSeq <= peer.readSeqSent, 'only a barrier that was sent is confirmed');
  }
  if (core.committed < leader.noopIndex) return;
  const held = quorumMin(core.log.membership, (id) =>
    id === core.id ? core.writes.durable.index : (leader.peers.get(id)?.match ?? 0),
  );
  invariant(core.committed <= held, 'what this leader committed is durable on a quorum');
}
