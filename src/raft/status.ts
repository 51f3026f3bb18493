import type { Core, Leader } from './core.ts';
import type { Role } from './io.ts';
import type { Membership } from './membership.ts';
import type { LogIndex, Millis, NodeId, Position, Term } from './types.ts';

/** A look inside, for operators and tests; a copy, so that nobody can hold on to the core's own state. */
export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: Term;
  readonly votedFor: NodeId | null;
  readonly leader: NodeId | null;
  /** When the leader was last heard of; meaningful while following one. */
  readonly leaderHeardAt: Millis;
  readonly last: Position;
  readonly durableIndex: LogIndex;
  readonly committed: LogIndex;
  readonly applied: LogIndex;
  readonly membership: Membership;
  /** The first index whose entry is in memory, and what the entries from there on weigh. */
  readonly tailFirst: LogIndex;
  readonly tailBytes: number;
  readonly writesInFlight: number;
  /** Of this leader's own proposals; 0 elsewhere. */
  readonly uncommittedBytes: number;
  readonly readsPending: number;
  readonly transferTarget: NodeId | null;
  /** By id; empty unless leading. */
  readonly peers: readonly PeerStatus[];
  /** Messages dropped because no correct peer sends them. */
  readonly malformed: number;
}

export interface PeerStatus {
  readonly id: NodeId;
  readonly state: 'probe' | 'replicate';
  readonly match: LogIndex;
  readonly next: LogIndex;
  readonly inFlight: number;
  /** When the newest append that it answered was sent. */
  readonly contactAt: Millis;
  readonly linkUp: boolean;
}

export function statusOf(core: Core): RaftStatus {
  const leader = core.role.kind === 'leader' ? core.role : null;
  return {
    id: core.id,
    role: core.role.kind,
    term: core.term,
    votedFor: core.votedFor,
    leader: core.leader,
    leaderHeardAt: core.leaderHeardAt,
    last: core.log.last,
    durableIndex: core.writes.durable.index,
    committed: core.committed,
    applied: core.applied,
    membership: core.log.membership,
    tailFirst: core.log.tailFirst,
    tailBytes: core.log.tailBytes,
    writesInFlight: core.writes.inFlight,
    uncommittedBytes: leader?.backlog.bytes ?? 0,
    readsPending: leader?.reads.pending ?? 0,
    transferTarget: core.handover?.to ?? null,
    peers: leader === null ? [] : peersOf(core, leader),
    malformed: core.malformed,
  };
}

function peersOf(core: Core, leader: Leader): readonly PeerStatus[] {
  const peers: PeerStatus[] = [];
  for (const peer of leader.peers.values()) {
    peers.push({
      id: peer.id,
      state: peer.state,
      match: peer.match,
      next: peer.next,
      inFlight: peer.inFlight,
      contactAt: peer.contactAt,
      linkUp: !core.linksDown.has(peer.id),
    });
  }
  return peers;
}
