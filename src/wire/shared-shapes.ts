/** Shapes that both protocols use. */
import type { KeyRange, KvRecord, Query, QueryResult, Reply } from '../kv/operation.ts';
import { ERROR_CODES } from './errors.ts';
import type { ErrorCode, ErrorDetails, Outcome } from './errors.ts';
import {
  bool,
  bytes,
  int64,
  integer,
  list,
  Malformed,
  nullable,
  oneOf,
  record,
  text,
  variants,
} from './shape.ts';
import type { Shape } from './shape.ts';
import type { Wire } from './frame.ts';
import { isList } from './shape.ts';

export const count: Shape<number> = integer();
export const name: Shape<string> = text(256);
export const sentence: Shape<string> = text(4_096);
export const outcome: Shape<Outcome> = oneOf<Outcome>('applied', 'not-applied', 'unknown');

/** By name: a number would change its meaning when the table grows. */
export const errorCode: Shape<ErrorCode> = {
  encode: (code) => code,
  decode: (wire) => {
    if (typeof wire === 'string' && isErrorCode(wire)) return wire;
    throw new Malformed(`unknown error code ${String(wire)}`);
  },
};

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** Details are optional facts, so they travel as pairs [field, value]; the field's number is its place here. */
const DETAILS: readonly (readonly [keyof ErrorDetails, Shape<string> | Shape<number>])[] = [
  ['leader', name],
  ['retryAfterMs', count],
  ['currentRevision', count],
  ['limit', count],
  ['actual', count],
  ['hint', sentence],
];

export const errorDetails: Shape<ErrorDetails> = {
  encode: (details) => {
    const pairs: Wire[] = [];
    DETAILS.forEach(([field], place) => {
      const value = details[field];
      if (value !== undefined) pairs.push([place, value]);
    });
    return pairs;
  },
  decode: (wire) => {
    if (!isList(wire) || wire.length > DETAILS.length) throw new Malformed('error details are a short list');
    const details: Record<string, string | number> = {};
    for (const pair of wire) {
      const [place, value = null] = isList(pair) ? pair : [];
      const row = typeof place === 'number' ? DETAILS[place] : undefined;
      if (row === undefined) throw new Malformed('an error detail is a pair with a known number');
      details[row[0]] = row[1].decode(value);
    }
    return details;
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

const failure = {
  CONFLICT: { tag: 1, fields: { current: nullable(kvRecord) } },
  NOT_A_COUNTER: { tag: 2, fields: {} },
  COUNTER_OVERFLOW: { tag: 3, fields: { value: int64 } },
} as const;

export const query: Shape<Query> = variants<Query>({
  get: { tag: 1, fields: { keys: list(bytes) } },
  scan: {
    tag: 2,
    fields: { range: keyRange, limit: count, reverse: bool, keysOnly: bool, countOnly: bool },
  },
});

export const queryResult: Shape<QueryResult> = variants<QueryResult>({
  get: { tag: 1, fields: { records: list(nullable(kvRecord)) } },
  scan: { tag: 2, fields: { records: list(kvRecord), count, more: bool } },
});

type Failure = Extract<Reply, { type: 'failure' }>['failure'];

/** `Failure` is told apart by `code`; on the wire as any other union. */
const failureByType = variants<
  | { readonly type: 'CONFLICT'; readonly current: KvRecord | null }
  | { readonly type: 'NOT_A_COUNTER' }
  | { readonly type: 'COUNTER_OVERFLOW'; readonly value: bigint }
>(failure);

const replyFailure: Shape<Failure> = {
  encode: (value) => {
    switch (value.code) {
      case 'CONFLICT':
        return failureByType.encode({ type: 'CONFLICT', current: value.current });
      case 'NOT_A_COUNTER':
        return failureByType.encode({ type: 'NOT_A_COUNTER' });
      case 'COUNTER_OVERFLOW':
        return failureByType.encode({ type: 'COUNTER_OVERFLOW', value: value.value });
    }
  },
  decode: (wire) => {
    const decoded = failureByType.decode(wire);
    switch (decoded.type) {
      case 'CONFLICT':
        return { code: 'CONFLICT', current: decoded.current };
      case 'NOT_A_COUNTER':
        return { code: 'NOT_A_COUNTER' };
      case 'COUNTER_OVERFLOW':
        return { code: 'COUNTER_OVERFLOW', value: decoded.value };
    }
  },
};

export const reply: Shape<Reply> = variants<Reply>({
  put: { tag: 1, fields: { revision: count, previous: nullable(kvRecord) } },
  delete: { tag: 2, fields: { revision: count, deleted: count, previous: list(kvRecord) } },
  increment: { tag: 3, fields: { revision: count, value: int64 } },
  failure: { tag: 4, fields: { revision: count, failure: replyFailure } },
});
