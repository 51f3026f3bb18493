import type { Entry } from './entry.ts';
import type { MembershipAt } from './membership.ts';
import type { Message } from './message.ts';
import type { HardState, LogIndex, Millis, NodeId, Position, Ref, Term, TermRun, WriteSeq } from './types.ts';

/**
 * The whole contract of the core on one screen: inputs are plain data, outputs are plain data.
 *
 *   raft.step(input, now)   changes what is true
 *   raft.drain(now)         says what may be said; any number of steps, then one drain
 *
 * Cursors, named everywhere the same:  applied ≤ committed ≤ last,  durable ≤ last.
 */
export type Input =
  | { readonly type: 'wake' }
  | { readonly type: 'message'; readonly message: Message }
  /** Cumulative: every write up to and including `through` is durable. */
  | { readonly type: 'persisted'; readonly through: WriteSeq }
  /** Cumulative: the state machine has applied every entry up to `through`. */
  | { readonly type: 'applied'; readonly through: LogIndex }
  /** Each payload becomes one command entry, in order, or none of them does. */
  | { readonly type: 'propose'; readonly ref: Ref; readonly payloads: readonly Uint8Array[] }
  /** One ref may stand for any number of client reads that began before this step. */
  | { readonly type: 'read'; readonly ref: Ref }
  /** Hand leadership to `to`, or to the most caught-up voter (`null`). A no-op on a node that does not lead. */
  | { readonly type: 'transfer'; readonly ref: Ref; readonly to: NodeId | null }
  /** Answers a `fetches` order; `entries` start at its `from`, hold at least one entry, and have no gap. */
  | { readonly type: 'fetched'; readonly fetch: number; readonly entries: readonly Entry[] }
  /** The transport saw a connection to the peer come up or go down. A hint: safety never depends on it. */
  | { readonly type: 'link'; readonly peer: NodeId; readonly up: boolean };

export interface Output {
  /** At most one; all writes form one ordered stream. */
  readonly persist: Write | null;
  /** Unconditional: send now, drop freely. */
  readonly messages: readonly Message[];
  /** Committed entries, contiguous, each index once per incarnation; empty when there is nothing to apply. */
  readonly apply: readonly Entry[];
  /** Log ranges that are no longer in memory; answer each with `fetched`. */
  readonly fetches: readonly Fetch[];
  readonly settled: readonly Settled[];
  /** Present when term, leader or role changed since the last drain. */
  readonly leadership: Leadership | null;
  /** The core wants a `wake` step at this time at the latest. */
  readonly wakeAt: Millis;
}

/** ONE atomic, synced batch, applied in field order. */
export interface Write {
  readonly seq: WriteSeq;
  readonly hardState: HardState | null;
  /** Every entry at or above it goes, before `append`. */
  readonly truncateFrom: LogIndex | null;
  readonly append: readonly Entry[];
  /** Saves a reader from seeing an older state after a restart (edge case H58); needs no sync of its own. */
  readonly commitHint: LogIndex;
}

export interface Fetch {
  readonly fetch: number;
  readonly from: LogIndex;
  /** Inclusive. */
  readonly to: LogIndex;
  /** Stop after the entry that reaches it; at least one entry is always returned. */
  readonly bytesMax: number;
}

export type Settled =
  /** The entries stand in this leader's log from `first` on, in `term`. Committed once that index is applied with that term; lost once another term is. */
  | {
      readonly type: 'proposed';
      readonly ref: Ref;
      readonly term: Term;
      readonly first: LogIndex;
    }
  /** Never entered a log. */
  | {
      readonly type: 'refused';
      readonly ref: Ref;
      readonly reason: RefusalReason;
      readonly leader: NodeId | null;
    }
  /** A quorum confirmed the leader after the read began: answer once `applied ≥ index`. */
  | { readonly type: 'readable'; readonly ref: Ref; readonly index: LogIndex }
  /** The barrier died with the leadership; ask again. */
  | { readonly type: 'unreadable'; readonly ref: Ref; readonly leader: NodeId | null }
  | { readonly type: 'transferred'; readonly ref: Ref; readonly ok: boolean };

export type RefusalReason =
  | 'not-leader'
  /** Leadership is being handed over; the successor will take it. */
  | 'transferring'
  /** `uncommittedBytesMax` is reached. */
  | 'overloaded';

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

export interface Leadership {
  readonly term: Term;
  readonly leader: NodeId | null;
  readonly role: Role;
}

/** What storage found at open. The entries themselves are fetched when needed. */
export interface DurableState {
  readonly hardState: HardState;
  readonly last: Position;
  /** Runs of the whole log, ascending; empty for an empty log. */
  readonly terms: readonly TermRun[];
  /** Ascending by index; the first one is the genesis membership at index 0. */
  readonly memberships: readonly MembershipAt[];
  /** A lower bound of what was committed; 0 when unknown. Never above `last.index`. */
  readonly commitHint: LogIndex;
}

export interface RaftOptions {
  readonly id: NodeId;
  readonly heartbeatMs: Millis;
  /** The election timeout is drawn anew from [min, max) at every reset. */
  readonly electionTimeoutMinMs: Millis;
  readonly electionTimeoutMaxMs: Millis;
  /** Writes handed out and not yet acknowledged; what comes meanwhile shares the next one (group commit). */
  readonly writesInFlightMax: number;
  /** Appends in flight to one peer. */
  readonly windowMessages: number;
  readonly windowBytes: number;
  /** One append carries at most this many bytes of entries (but always at least one entry). */
  readonly appendBytesMax: number;
  /** Proposals are refused above it; an empty backlog always admits one. */
  readonly uncommittedBytesMax: number;
  /** Durable and applied entries beyond this many bytes leave memory and are fetched when needed. */
  readonly tailBytesMax: number;
  /** A uniformly drawn 32-bit unsigned integer; seeded by the caller. */
  readonly random: () => number;
  /**
   * After every step: the cheap laws, or all of them (tests and the simulator).
   * @default 'cheap'
   */
  readonly checkInvariants?: 'all' | 'cheap';
}
