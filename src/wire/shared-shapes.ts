/** Shapes that both protocols use. */
import type {
  AnyQuery,
  AnyQueryResult,
  Failure,
  GetQuery,
  GetResult,
  KeyRange,
  KvRecord,
  LeaseInfo,
  ReadTxn,
  Reply,
  Resolution,
  RevisionFilter,
  ScanQuery,
  ScanResult,
  StepFailure,
  StepResult,
} from '../kv/operation.ts';
import { isErrorCode } from './errors.ts';
import type { ErrorCode, ErrorDetails, Outcome } from './errors.ts';
import { decodeOperation, encodeOperation } from './operation-codec.ts';
import {
  bool,
  bytes,
  int64,
  integer,
  isAscending,
  isList,
  list,
  Malformed,
  nullable,
  oneOf,
  record,
  text,
  union,
  variants,
} from './shape.ts';
import type { Shape } from './shape.ts';
import type { Wire } from './frame.ts';
import { isReadOnly } from './txn-check.ts';

export const count: Shape<number> = integer();
export const name: Shape<string> = text(256);

/** Limits are the node's business, which knows its own. */
const ANY_SIZE = { keyBytesMax: Number.POSITIVE_INFINITY, valueBytesMax: Number.POSITIVE_INFINITY };

const SENTENCE_LENGTH_MAX = 4_096;

/** Cut to what the other side takes: a node must not be cut off for quoting too much. */
export const sentence: Shape<string> = {
  ...text(SENTENCE_LENGTH_MAX),
  encode: (value) => value.slice(0, SENTENCE_LENGTH_MAX),
};

export const outcome: Shape<Outcome> = oneOf<Outcome>('applied', 'not-applied', 'unknown');

/** By name: a number would change its meaning when the table grows. */
export const errorCode: Shape<ErrorCode> = {
  encode: (code) => code,
  decode: (wire) => {
    if (typeof wire === 'string' && isErrorCode(wire)) return wire;
    throw new Malformed(`unknown error code ${String(wire)}`);
  },
};

const asItIs: Shape<Wire> = { encode: (value) => value, decode: (wire) => wire };
const rawPairs = list(record<{ place: number; value: Wire }>({ place: count, value: asItIs }));

/**
 * Details are optional facts, so they travel as pairs [field, value] in ascending order; a field's number is its place
 * here. A new one goes to the end, with a new protocol version (versions.ts).
 */
const DETAILS: readonly (readonly [keyof ErrorDetails, Shape<string> | Shape<number>])[] = [
  ['leader', name],
  ['retryAfterMs', count],
  ['currentRevision', count],
  ['limit', count],
  ['actual', count],
  ['hint', sentence],
  ['floor', count],
  ['revision', count],
  ['at', sentence],
];

export const errorDetails: Shape<ErrorDetails> = {
  encode: (details) => {
    const pairs: Wire[] = [];
    DETAILS.forEach(([field], place) => {
      const value = details[field];
      if (value !== undefined)
        pairs.push([place, typeof value === 'string' ? sentence.encode(value) : value]);
    });
    return pairs;
  },
  decode: (wire) => {
    const pairs = rawPairs.decode(wire);
    if (!isAscending(pairs.map(({ place }) => place))) throw new Malformed('error details are not in order');
    return Object.fromEntries(
      pairs.map(({ place, value }) => {
        const row = DETAILS[place];
        if (row === undefined) throw new Malformed(`error detail ${place} is not known here`);
        return [row[0], row[1].decode(value)];
      }),
    );
  },
};

export const keyRange: Shape<KeyRange> = record<KeyRange>({ start: bytes, end: nullable(bytes) });

export const kvRecord: Shape<KvRecord> = record<KvRecord>({
  key: bytes,
  value: bytes,
  createRevision: count,
  modRevision: count,
  version: count,
  lease: int64,
});

const get = { tag: 1, fields: { keys: list(bytes) } };
const scan = {
  tag: 2,
  fields: { range: keyRange, limit: count, reverse: bool, keysOnly: bool, countOnly: bool },
};

const revisionFilter = record<RevisionFilter>({
  minModRevision: count,
  maxModRevision: count,
  minCreateRevision: count,
  maxCreateRevision: count,
});
const filter: Shape<RevisionFilter | undefined> = {
  encode: (value) => (value === undefined ? null : revisionFilter.encode(value)),
  decode: (wire) => (wire === null ? undefined : revisionFilter.decode(wire)),
};
const pastRead = variants<GetQuery | ScanQuery>({ get, scan });
const past = { tag: 3, fields: { revision: count, read: pastRead, filter } };

/** As bytes: frames are nested less deep than transactions may be, and there is one codec for their steps. */
const readTxn: Shape<ReadTxn> = {
  encode: encodeOperation,
  decode: (wire) => {
    const decoded = decodeOperation(bytes.decode(wire), ANY_SIZE);
    if (!decoded.ok) throw new Malformed(decoded.message);
    if (decoded.value.type === 'txn' && isReadOnly(decoded.value)) return decoded.value;
    throw new Malformed('expected a transaction that only reads');
  },
};
const TAG_TXN = 4;

const untransacted = variants<Exclude<AnyQuery, ReadTxn>>({
  get,
  scan,
  past,
  leaseInspect: { tag: 5, fields: { id: int64 } },
  leaseList: { tag: 6, fields: { after: nullable(int64), limit: count } },
});

export const query: Shape<AnyQuery> = {
  encode: (value) => (value.type === 'txn' ? [TAG_TXN, readTxn.encode(value)] : untransacted.encode(value)),
  decode: (wire) => {
    if (!isList(wire) || wire[0] !== TAG_TXN) return untransacted.decode(wire);
    if (wire.length !== 2) throw new Malformed('expected a tuple of 2');
    return readTxn.decode(wire[1] ?? null);
  },
};

const stepFailures = {
  CONFLICT: { tag: 1, fields: { current: nullable(kvRecord) } },
  NOT_A_COUNTER: { tag: 2, fields: {} },
  COUNTER_OVERFLOW: { tag: 3, fields: { value: int64 } },
  COMPACTED: { tag: 4, fields: { floor: count } },
  FUTURE_REVISION: { tag: 5, fields: { revision: count } },
  DUPLICATE_KEY: { tag: 6, fields: {} },
  LEASE_NOT_FOUND: { tag: 12, fields: { lease: int64 } },
  RESULT_TOO_LARGE: { tag: 15, fields: { limit: count } },
};

const failure = union<'code', Failure>('code', {
  ...stepFailures,
  TXN_FAILED: { tag: 7, fields: { at: sentence, cause: union<'code', StepFailure>('code', stepFailures) } },
  SESSION_EXPIRED: { tag: 8, fields: {} },
  SEQUENCE_ACKNOWLEDGED: { tag: 9, fields: { acknowledgedThrough: count } },
  RESOLVED_NEVER: { tag: 10, fields: {} },
  TOO_MANY_UNACKNOWLEDGED: { tag: 11, fields: { acknowledgedThrough: count } },
  LEASE_EXISTS: { tag: 13, fields: { lease: int64 } },
  TOO_MANY_LEASES: { tag: 14, fields: { limit: count } },
});

const writeReplies = {
  put: { tag: 1, fields: { revision: count, previous: nullable(kvRecord) } },
  delete: { tag: 2, fields: { revision: count, deleted: count, previous: list(kvRecord) } },
  increment: { tag: 3, fields: { revision: count, value: int64 } },
};

const gotten = { records: list(nullable(kvRecord)) };
const scanned = { records: list(kvRecord), count, more: bool };
const pastResult = {
  result: variants<GetResult | ScanResult>({
    get: { tag: 1, fields: gotten },
    scan: { tag: 2, fields: scanned },
  }),
  resume: nullable(bytes),
};

/** A step's result may be a transaction's. */
const stepResult: Shape<StepResult> = {
  encode: (result) => stepResults.encode(result),
  decode: (wire) => stepResults.decode(wire),
};
const txnReply = { revision: count, succeeded: bool, results: list(stepResult) };
const stepResults = variants<StepResult>({
  ...writeReplies,
  get: { tag: 4, fields: gotten },
  scan: { tag: 5, fields: scanned },
  past: { tag: 6, fields: pastResult },
  txn: { tag: 7, fields: txnReply },
});

const leaseInfo = record<LeaseInfo>({ id: int64, ttlMs: count, remainingMs: count, keyCount: count });

export const queryResult: Shape<AnyQueryResult> = variants<AnyQueryResult>({
  get: { tag: 1, fields: gotten },
  scan: { tag: 2, fields: scanned },
  past: { tag: 3, fields: pastResult },
  failure: { tag: 4, fields: { failure } },
  txn: { tag: 5, fields: txnReply },
  leaseInspect: { tag: 6, fields: { lease: nullable(leaseInfo), keys: list(bytes) } },
  leaseList: { tag: 7, fields: { leases: list(leaseInfo), more: bool } },
});

/** What was answered to the request that was asked about. */
const earlier: Shape<Reply> = {
  encode: (value) => reply.encode(value),
  decode: (wire) => reply.decode(wire),
};
const resolution = variants<Resolution>({
  applied: { tag: 1, fields: { reply: earlier } },
  never: { tag: 2, fields: {} },
});

export const reply: Shape<Reply> = variants<Reply>({
  ...writeReplies,
  failure: { tag: 4, fields: { revision: count, failure } },
  compact: { tag: 5, fields: { revision: count, floor: count } },
  txn: { tag: 6, fields: txnReply },
  sessionOpen: { tag: 7, fields: { revision: count, session: int64 } },
  sessionRenew: { tag: 8, fields: { revision: count, ttlsMs: list(count) } },
  sessionClose: { tag: 9, fields: { revision: count, closed: bool } },
  sessionExpire: { tag: 10, fields: { revision: count, expired: list(int64) } },
  resolve: { tag: 11, fields: { revision: count, resolution } },
  leaseGrant: { tag: 12, fields: { revision: count, lease: int64, ttlMs: count } },
  leaseRenew: { tag: 13, fields: { revision: count, ttlsMs: list(count) } },
  leaseRevoke: { tag: 14, fields: { revision: count, deleted: count } },
  leaseExpire: { tag: 15, fields: { revision: count, expired: list(int64), deleted: count } },
});
