/**
 * Identity, position and time, as the consensus core counts them.
 *
 * Everything here is a plain number or string, so that it crosses the wire and the disk unchanged.
 * Index, term, write sequence and read sequence are safe integers (below 2^53), asserted where they grow.
 */
declare const nodeIdBrand: unique symbol;

/** The operator's name for a node; never reused (SPEC 7). */
export type NodeId = string & { readonly [nodeIdBrand]: true };

/** Raft's logical clock: at most one leader per term. Starts at 0, before any election. */
export type Term = number;

/** A place in the log; the first entry stands at 1, and 0 means "before the log". */
export type LogIndex = number;

/** Monotonic milliseconds handed in by the caller; never a wall clock. */
export type Millis = number;

/** Counts the writes that the core has asked for, from 1; acknowledgements are cumulative. */
export type WriteSeq = number;

/** Counts read barriers within one leader's term, from 1 (a leader-made counter, never a client's context). */
export type ReadSeq = number;

/** The caller's handle for one request to the core; returned in `settled`, never interpreted. */
export type Ref = number;

/** Identifies one entry: two logs that agree on a position agree on everything up to it (Log Matching). */
export interface Position {
  readonly index: LogIndex;
  readonly term: Term;
}

/** What must survive a crash besides the log; always written as one record (edge case A2). */
export interface HardState {
  readonly term: Term;
  readonly votedFor: NodeId | null;
}

/** Entries `from`, `from + 1`, … up to the next run all have this term. */
export interface TermRun {
  readonly from: LogIndex;
  readonly term: Term;
}
