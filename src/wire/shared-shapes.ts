/** Shapes that both protocols use. */
import type {
  Failure,
  GetQuery,
  GetResult,
  KeyRange,
  KvRecord,
  Query,
  QueryResult,
  Reply,
  ScanQuery,
  ScanResult,
} from '../kv/operation.ts';
import { isErrorCode } from './errors.ts';
import type { ErrorCode, ErrorDetails, Outcome } from './errors.ts';
import {
  bool,
  bytes,
  int64,
  integer,
  isAscending,
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

export const count: Shape<number> = integer();
export const name: Shape<string> = text(256);

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

export const query: Shape<Query> = variants<Query>({
  get,
  scan,
  past: { tag: 3, fields: { revision: count, read: variants<GetQuery | ScanQuery>({ get, scan }) } },
});

const failure = union<'code', Failure>('code', {
  CONFLICT: { tag: 1, fields: { current: nullable(kvRecord) } },
  NOT_A_COUNTER: { tag: 2, fields: {} },
  COUNTER_OVERFLOW: { tag: 3, fields: { value: int64 } },
  COMPACTED: { tag: 4, fields: { floor: count } },
  FUTURE_REVISION: { tag: 5, fields: { revision: count } },
});

const gotten = { tag: 1, fields: { records: list(nullable(kvRecord)) } };
const scanned = { tag: 2, fields: { records: list(kvRecord), count, more: bool } };

export const queryResult: Shape<QueryResult> = variants<QueryResult>({
  get: gotten,
  scan: scanned,
  past: {
    tag: 3,
    fields: {
      result: variants<GetResult | ScanResult>({ get: gotten, scan: scanned }),
      resume: nullable(bytes),
    },
  },
  failure: { tag: 4, fields: { failure } },
});

export const reply: Shape<Reply> = variants<Reply>({
  put: { tag: 1, fields: { revision: count, previous: nullable(kvRecord) } },
  delete: { tag: 2, fields: { revision: count, deleted: count, previous: list(kvRecord) } },
  increment: { tag: 3, fields: { revision: count, value: int64 } },
  failure: { tag: 4, fields: { revision: count, failure } },
  compact: { tag: 5, fields: { revision: count, floor: count } },
});
