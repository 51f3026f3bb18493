/**
 * What clients can ask of the state machine, and what it answers. Bytes are bytes: a key need not be UTF-8.
 *
 * Later capabilities (transactions, leases, sessions, fences) extend these unions; nothing here is optional for
 * one kind and meaningless for another.
 */
export type Bytes = Uint8Array;

/** Grows by one for each committed operation that changes something; an empty store is at 1. */
export type Revision = number;

export type Operation = PutOperation | DeleteOperation | IncrementOperation;

/**
 * All conditions given must hold; checked at apply, in the log's order. `revision` and `version` never hold for an
 * absent key, 0 neither: `absent` is the way to say absent.
 */
export type Condition =
  | { readonly type: 'absent' }
  | { readonly type: 'present' }
  | { readonly type: 'revision'; readonly modRevision: Revision }
  | { readonly type: 'version'; readonly version: number };

export interface PutOperation {
  readonly type: 'put';
  readonly key: Bytes;
  readonly value: Bytes;
  readonly conditions: readonly Condition[];
  readonly returnPrevious: boolean;
}

export interface DeleteOperation {
  readonly type: 'delete';
  readonly target: KeyRange;
  /** Of a single key only. On a range they are refused before the log; there, none would hold. */
  readonly conditions: readonly Condition[];
  readonly returnPrevious: boolean;
}

/** An absent key counts as 0. By 0 creates an absent key, which is a change, and is a no-op on one that is there. */
export interface IncrementOperation {
  readonly type: 'increment';
  readonly key: Bytes;
  /** A signed 64-bit amount. */
  readonly by: bigint;
}

/** `end` null: the single key `start`. Otherwise [start, end); an empty `end` means "to the last key". */
export interface KeyRange {
  readonly start: Bytes;
  readonly end: Bytes | null;
}

/** `version` counts puts since creation; a delete ends the life. `lease` is 0n without one. */
export interface KvRecord {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  readonly version: number;
  readonly lease: bigint;
}

/** The outcome of one applied operation. `revision` is that of the change, or the current one where nothing changed. */
export type Reply =
  | { readonly type: 'put'; readonly revision: Revision; readonly previous: KvRecord | null }
  | {
      readonly type: 'delete';
      readonly revision: Revision;
      readonly deleted: number;
      readonly previous: readonly KvRecord[];
    }
  | { readonly type: 'increment'; readonly revision: Revision; readonly value: bigint }
  | { readonly type: 'failure'; readonly revision: Revision; readonly failure: Failure };

/** Why an operation took no effect; deterministic, part of the state machine's answer. */
export type Failure =
  /** A condition did not hold; `current` is the record that stands there. */
  | { readonly code: 'CONFLICT'; readonly current: KvRecord | null }
  | { readonly code: 'NOT_A_COUNTER' }
  | { readonly code: 'COUNTER_OVERFLOW'; readonly value: bigint };

export type Query =
  /** One snapshot; the answer has one slot per key, in the order asked. */
  { readonly type: 'get'; readonly keys: readonly Bytes[] } | ScanQuery;

export interface ScanQuery {
  readonly type: 'scan';
  readonly range: KeyRange;
  /** 0: as many as a page holds. */
  readonly limit: number;
  readonly reverse: boolean;
  readonly keysOnly: boolean;
  /** Only count; no records are returned. */
  readonly countOnly: boolean;
}

export type QueryResult =
  | { readonly type: 'get'; readonly records: readonly (KvRecord | null)[] }
  | {
      readonly type: 'scan';
      readonly records: readonly KvRecord[];
      /** Set by `countOnly`: all keys of the range. Otherwise the number of records in this page. */
      readonly count: number;
      /** True when the page ended before the range did: go on after (reverse: before) its last key. */
      readonly more: boolean;
    };
