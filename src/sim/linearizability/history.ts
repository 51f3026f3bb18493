/**
 * What clients saw: one operation each, from the moment before the send to the moment after the answer, all on one
 * clock. This is what the checkers judge, whether it was recorded in the simulator, against containers, or by
 * somebody else (README.md has the JSON lines form).
 *
 * The union grows with what Quorate can do (sessions, watches): a new kind of operation is a new variant, and the
 * exhaustive switches of the checkers say where it must be taught.
 */
import type { Operation, Query, QueryResult, Reply, Revision } from '../../kv/operation.ts';
import type { Request } from '../../kv/state-machine.ts';
import type { ReadLevel } from '../../wire/client-protocol.ts';

export type History = readonly ClientOperation[];

export type ClientOperation = WriteOperation | ReadOperation;

export interface Interval {
  /** Logical: one operation open at a time. A client that pipelines is recorded as several. */
  readonly client: string;
  /** Unique in the history. */
  readonly callId: number;
  readonly callMs: number;
  /** Infinity exactly when the outcome is unknown. Intervals are closed: what touches, overlaps. */
  readonly returnMs: number;
}

export interface WriteOperation extends Interval {
  readonly type: 'write';
  readonly operation: Operation;
  /** A refusal by the state machine (CONFLICT, NOT_A_COUNTER, …) is an answer: `ok` with a `failure` reply. */
  readonly outcome: Outcome<Reply>;
}

export interface ReadOperation extends Interval {
  readonly type: 'read';
  readonly query: Query;
  /** The level asked for. */
  readonly level: ReadLevel;
  /** 0 for none. */
  readonly minRevision: Revision;
  readonly outcome: Outcome<Answer>;
}

export type Outcome<Output> =
  | { readonly type: 'ok'; readonly output: Output }
  /** Definitely not applied: refused before the log, or answered by an error that promises so. */
  | { readonly type: 'failed' }
  /** Timed out, cut off, or answered by an error that does not know: it may have happened, or happen yet. */
  | { readonly type: 'unknown' };

export interface Answer {
  /** Of the state that was read. */
  readonly revision: Revision;
  /** The level that the answer states. */
  readonly level: ReadLevel;
  readonly result: QueryResult;
}

/**
 * In place of a revision or a version that the recorder did not see: it is not judged, by neither checker. No real
 * one is 0 (an empty store is at revision 1, a new record at version 1).
 */
export const UNSTATED = 0;

/** One committed command entry, as wire/envelope decodes it. Entries that carry no requests may be left out. */
export interface CommittedEntry {
  readonly index: number;
  readonly term: number;
  readonly clusterTimeMs: number;
  readonly requests: readonly Request[];
}

export type CommittedLog = readonly CommittedEntry[];
