/**
 * What clients can ask of the state machine, and what it answers. Bytes are bytes: a key need not be UTF-8.
 *
 * Later capabilities (fences) extend these unions; nothing here is optional for one kind and meaningless for another.
 */
import type { LeaseOperation, LeaseQuery, LeaseReply, LeaseResult } from './lease-operation.ts';
import type { SessionFailure, SessionOperation, SessionReply } from './session-operation.ts';

export type * from './lease-operation.ts';
export type * from './session-operation.ts';

export type Bytes = Uint8Array;

/** Grows by one for each committed operation that changes something; an empty store is at 1. */
export type Revision = number;

export type Operation = DataOperation | SessionOperation;

/** What changes records, or what hangs on their changes. */
export type DataOperation = WriteOperation | TxnOperation | CompactOperation | LeaseOperation;

export type WriteOperation = PutOperation | DeleteOperation | IncrementOperation;

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
  /**
   * The lease that the key hangs on from now on, or `keep`: the one that it has, if it is there and has one. Without,
   * it hangs on none, whatever it hung on before (as in etcd).
   */
  readonly lease?: bigint | 'keep';
}

export interface DeleteOperation {
  readonly type: 'delete';
  readonly target: KeyRange;
  /** Of a single key only. On a range they are refused before the log; there, none would hold. */
  readonly conditions: readonly Condition[];
  readonly returnPrevious: boolean;
}

/** An absent key counts as 0. The key keeps its lease. By 0 creates an absent key, which is a change, and is a no-op on one that is there. */
export interface IncrementOperation {
  readonly type: 'increment';
  readonly key: Bytes;
  /** A signed 64-bit amount. */
  readonly by: bigint;
}

/**
 * Ends the history below `revision`, which is then the oldest that can be read. Takes no revision of its own. Refused
 * at or below the floor there is (as in etcd), and above the present.
 */
export interface CompactOperation {
  readonly type: 'compact';
  readonly revision: Revision;
}

/**
 * Compares, then does one of two lists, all of it or nothing, as one revision. Compares of nested transactions too
 * are made before anything is done, so what is compared is one state; steps see what those before them did. No key
 * changes twice in a transaction (txn-check.ts in `wire` tells before the log), and a step that fails undoes all.
 */
export interface Txn<Step> {
  readonly type: 'txn';
  /** All must hold for `do`; else `otherwise`. */
  readonly when: readonly Compare[];
  readonly do: readonly Step[];
  readonly otherwise: readonly Step[];
}

export type TxnOperation = Txn<TxnStep>;
export type TxnStep = WriteOperation | Read | TxnOperation;

/** Takes no entry of the log: it is a query. */
export type ReadTxn = Txn<ReadStep>;
export type ReadStep = Read | ReadTxn;

/**
 * Of the key, or of every key of the range. Where there is none, the numbers compare as 0, and a comparison of values
 * does not hold, `!=` neither (as in etcd). Values compare bytewise.
 */
export interface Compare {
  readonly target: KeyRange;
  readonly operator: '=' | '!=' | '<' | '>';
  readonly operand: Operand;
}

export type Operand =
  | { readonly type: 'value'; readonly value: Bytes }
  | { readonly type: 'version' | 'createRevision' | 'modRevision'; readonly number: number }
  | { readonly type: 'lease'; readonly lease: bigint };

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
  | WriteReply
  | TxnReply
  /** `floor` is the oldest revision that can be read from now on. */
  | { readonly type: 'compact'; readonly revision: Revision; readonly floor: Revision }
  | LeaseReply
  | SessionReply
  | FailureReply;

export type WriteReply =
  | { readonly type: 'put'; readonly revision: Revision; readonly previous: KvRecord | null }
  | {
      readonly type: 'delete';
      readonly revision: Revision;
      readonly deleted: number;
      readonly previous: readonly KvRecord[];
    }
  | { readonly type: 'increment'; readonly revision: Revision; readonly value: bigint };

export interface TxnReply {
  readonly type: 'txn';
  readonly revision: Revision;
  /** Whether the compares held. */
  readonly succeeded: boolean;
  /** One for each step of the list that was done. */
  readonly results: readonly StepResult[];
}

export type StepResult = WriteReply | ReadResult | TxnReply;

export interface FailureReply {
  readonly type: 'failure';
  readonly revision: Revision;
  readonly failure: Failure;
}

/** Why an operation took no effect, or a read cannot be made; deterministic, part of the state machine's answer. */
export type Failure =
  | StepFailure
  | SessionFailure
  | { readonly code: 'LEASE_EXISTS'; readonly lease: bigint }
  /** There are as many leases as there may be. */
  | { readonly code: 'TOO_MANY_LEASES'; readonly limit: number }
  /** A step of a transaction failed, so nothing was done. `at` is its place: `do[1].otherwise[0]`. */
  | { readonly code: 'TXN_FAILED'; readonly at: string; readonly cause: StepFailure };

export type StepFailure =
  /** A condition did not hold; `current` is the record that stands there. */
  | { readonly code: 'CONFLICT'; readonly current: KvRecord | null }
  | { readonly code: 'NOT_A_COUNTER' }
  | { readonly code: 'COUNTER_OVERFLOW'; readonly value: bigint }
  /** History ends above the revision asked for: `floor` is the oldest that can be read. */
  | { readonly code: 'COMPACTED'; readonly floor: Revision }
  /** The revision asked for is not there yet: `revision` is the present one. */
  | { readonly code: 'FUTURE_REVISION'; readonly revision: Revision }
  /** There is no such lease (any more), so nothing can hang on it. */
  | { readonly code: 'LEASE_NOT_FOUND'; readonly lease: bigint }
  /** A step of a transaction changes a key that an earlier step has changed. */
  | { readonly code: 'DUPLICATE_KEY' }
  /** The records that were to be returned are more than one answer holds: `limit` bytes. */
  | { readonly code: 'RESULT_TOO_LARGE'; readonly limit: number };

export type Query = Read | ReadTxn;
/** Whatever can be asked of a node. */
export type AnyQuery = Query | LeaseQuery;
export type AnyQueryResult = QueryResult | LeaseResult;

export type Read = GetQuery | ScanQuery | PastQuery;

/** One snapshot; the answer has one slot per key, in the order asked. */
export interface GetQuery {
  readonly type: 'get';
  readonly keys: readonly Bytes[];
}

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

/**
 * A read of the state that `revision` made; 0: of the present. The pages of one scan are of one snapshot when all but
 * the first ask for the revision that the first was answered at.
 */
export interface PastQuery {
  readonly type: 'past';
  readonly revision: Revision;
  readonly read: GetQuery | ScanQuery;
  /** Whatever it does not let through counts as absent. */
  readonly filter?: RevisionFilter | undefined;
}

/** Bounds of a record's revisions, both included; 0: no bound. */
export interface RevisionFilter {
  readonly minModRevision: Revision;
  readonly maxModRevision: Revision;
  readonly minCreateRevision: Revision;
  readonly maxCreateRevision: Revision;
}

export type QueryResult = ReadResult | TxnReply | { readonly type: 'failure'; readonly failure: Failure };
export type ReadResult = GetResult | ScanResult | PastResult;

export interface GetResult {
  readonly type: 'get';
  readonly records: readonly (KvRecord | null)[];
}

export interface ScanResult {
  readonly type: 'scan';
  readonly records: readonly KvRecord[];
  /** Set by `countOnly`: all keys of the range. Otherwise the number of records in this page. */
  readonly count: number;
  /** True when the page ended before the range did: go on after (reverse: before) its last key. */
  readonly more: boolean;
}

/**
 * What was true then. A page looks at a bounded number of keys, many of which may not have been there: it may hold
 * nothing and not be the last, and a count may be of a part.
 */
export interface PastResult {
  readonly type: 'past';
  readonly result: GetResult | ScanResult;
  /** Where a scan goes on: after (reverse: before) this key, present or not; null when the range is done. */
  readonly resume: Bytes | null;
}
