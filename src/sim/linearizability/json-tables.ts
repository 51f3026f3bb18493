/** The forms of operations and answers in a JSON line. Transactions have none yet. */
import type {
  Condition,
  Failure,
  KeyRange,
  KvRecord,
  Operation,
  PutOperation,
  Query,
  QueryResult,
  Reply,
} from '../../kv/operation.ts';
import { UNSTATED } from './history.ts';
import { bigint, bytes, flag, list, nullable, number, record, union, withDefault } from './json-shape.ts';
import type { JsonShape } from './json-shape.ts';
import { notModelled } from './not-modelled.ts';

const MODELLED = ['put', 'delete', 'increment', 'compact', 'failure', 'get', 'scan', 'past'] as const;
type Modelled<T> = Extract<T, { readonly type: (typeof MODELLED)[number] }>;
type FailureCode = 'CONFLICT' | 'NOT_A_COUNTER' | 'COUNTER_OVERFLOW' | 'COMPACTED' | 'FUTURE_REVISION';
type ModelledFailure = Extract<Failure, { readonly code: FailureCode }>;

export const unstated: JsonShape<number> = withDefault(number, UNSTATED);
const optionalFlag = withDefault(flag, false);

const range = record<KeyRange>({ start: bytes, end: withDefault(nullable(bytes), null) });
const stored = record<KvRecord>({
  key: bytes,
  value: bytes,
  createRevision: unstated,
  modRevision: unstated,
  version: unstated,
  lease: withDefault(bigint, 0n),
});
const optionalRecord = withDefault(nullable(stored), null);
const conditions = withDefault(
  list(
    union<'type', Condition>('type', {
      absent: {},
      present: {},
      revision: { modRevision: number },
      version: { version: number },
    }),
  ),
  [],
);

/** No model has leases yet. */
const leaseOfPut: JsonShape<PutOperation['lease']> = {
  encode: (value) => (value === undefined ? undefined : notModelled('leases')),
  decode: (json) => (json === undefined ? undefined : notModelled('leases')),
};

export const operationShape: JsonShape<Operation> = modelled<Operation>(
  union<'type', Modelled<Operation>>('type', {
    put: { key: bytes, value: bytes, conditions, returnPrevious: optionalFlag, lease: leaseOfPut },
    delete: { target: range, conditions, returnPrevious: optionalFlag },
    increment: { key: bytes, by: bigint },
    compact: { revision: number },
  }),
);

const failureFields = {
  CONFLICT: { current: optionalRecord },
  NOT_A_COUNTER: {},
  COUNTER_OVERFLOW: { value: bigint },
  COMPACTED: { floor: number },
  FUTURE_REVISION: { revision: number },
};
const failures = union<'code', ModelledFailure>('code', failureFields);
const failure: JsonShape<Failure> = {
  encode: (value) => (isModelledFailure(value) ? failures.encode(value) : notModelled(value.code)),
  decode: failures.decode,
};

function isModelledFailure(value: Failure): value is ModelledFailure {
  return Object.hasOwn(failureFields, value.code);
}

export const replyShape: JsonShape<Reply> = modelled<Reply>(
  union<'type', Modelled<Reply>>('type', {
    put: { revision: unstated, previous: optionalRecord },
    delete: { revision: unstated, deleted: number, previous: withDefault(list(stored), []) },
    increment: { revision: unstated, value: bigint },
    compact: { revision: unstated, floor: number },
    failure: { revision: unstated, failure },
  }),
);

const get = { keys: list(bytes) };
const scan = {
  range,
  limit: withDefault(number, 0),
  reverse: optionalFlag,
  keysOnly: optionalFlag,
  countOnly: optionalFlag,
};
type PresentQuery = Extract<Query, { readonly type: 'get' | 'scan' }>;

export const queryShape: JsonShape<Query> = modelled<Query>(
  union<'type', Modelled<Query>>('type', {
    get,
    scan,
    past: { revision: number, read: union<'type', PresentQuery>('type', { get, scan }) },
  }),
);

const records = { records: list(nullable(stored)) };
const page = { records: list(stored), count: number, more: optionalFlag };
type PresentResult = Extract<QueryResult, { readonly type: 'get' | 'scan' }>;

export const resultShape: JsonShape<QueryResult> = modelled<QueryResult>(
  union<'type', Modelled<QueryResult>>('type', {
    get: records,
    scan: page,
    past: {
      result: union<'type', PresentResult>('type', { get: records, scan: page }),
      resume: withDefault(nullable(bytes), null),
    },
    failure: { failure },
  }),
);

function modelled<T extends { readonly type: string }>(shape: JsonShape<Modelled<T>>): JsonShape<T> {
  return {
    encode: (value) => (isModelled(value) ? shape.encode(value) : notModelled(value.type)),
    decode: shape.decode,
  };
}

function isModelled<T extends { readonly type: string }>(value: T): value is Modelled<T> {
  return MODELLED.some((type) => type === value.type);
}
