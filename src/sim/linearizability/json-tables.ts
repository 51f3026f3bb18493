/** The forms of operations and answers in a JSON line. Sessions have none yet. */
import type {
  Compare,
  Condition,
  Failure,
  KeyRange,
  KvRecord,
  Operand,
  Operation,
  PutOperation,
  Query,
  QueryResult,
  ReadStep,
  Reply,
  RevisionFilter,
  StepFailure,
  StepResult,
  Txn,
  TxnReply,
  TxnStep,
} from '../../kv/operation.ts';
import { UNSTATED } from './history.ts';
import {
  bigint,
  bytes,
  flag,
  lazy,
  list,
  nullable,
  number,
  oneOf,
  record,
  text,
  union,
  withDefault,
} from './json-shape.ts';
import type { JsonFields, JsonShape } from './json-shape.ts';
import { notModelled } from './not-modelled.ts';

const MODELLED = [
  'put',
  'delete',
  'increment',
  'compact',
  'txn',
  'failure',
  'get',
  'scan',
  'past',
  'leaseGrant',
  'leaseRenew',
  'leaseRevoke',
] as const;
type Modelled<T> = Extract<T, { readonly type: (typeof MODELLED)[number] }>;
const STEP_FAILURES = [
  'CONFLICT',
  'NOT_A_COUNTER',
  'COUNTER_OVERFLOW',
  'COMPACTED',
  'FUTURE_REVISION',
  'DUPLICATE_KEY',
  'LEASE_NOT_FOUND',
] as const;
type ModelledStepFailure = Extract<StepFailure, { readonly code: (typeof STEP_FAILURES)[number] }>;
type ModelledFailure =
  | ModelledStepFailure
  | Extract<Failure, { readonly code: 'TXN_FAILED' | 'LEASE_EXISTS' | 'TOO_MANY_LEASES' }>;

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

/** A string of digits, `"keep"`, or nothing. */
const leaseOfPut: JsonShape<PutOperation['lease']> = {
  encode: (value) => (value === undefined || value === 'keep' ? value : bigint.encode(value)),
  decode: (json, path) => (json === undefined || json === 'keep' ? json : bigint.decode(json, path)),
};

const writes = {
  put: { key: bytes, value: bytes, conditions, returnPrevious: optionalFlag, lease: leaseOfPut },
  delete: { target: range, conditions, returnPrevious: optionalFlag },
  increment: { key: bytes, by: bigint },
};

const get = { keys: list(bytes) };
const scan = {
  range,
  limit: withDefault(number, 0),
  reverse: optionalFlag,
  keysOnly: optionalFlag,
  countOnly: optionalFlag,
};
type PresentQuery = Extract<Query, { readonly type: 'get' | 'scan' }>;
const noFilter: JsonShape<RevisionFilter | undefined> = {
  encode: (value) => (value === undefined ? undefined : notModelled('a filter of revisions')),
  decode: (json) => (json === undefined ? undefined : notModelled('a filter of revisions')),
};

const reads = {
  get,
  scan,
  past: { revision: number, read: union<'type', PresentQuery>('type', { get, scan }), filter: noFilter },
};

/** One member a type. */
type OperandForm =
  | Extract<Operand, { readonly type: 'value' | 'lease' }>
  | { readonly type: 'version'; readonly number: number }
  | { readonly type: 'createRevision'; readonly number: number }
  | { readonly type: 'modRevision'; readonly number: number };
const operand: JsonShape<Operand> = union<'type', OperandForm>('type', {
  value: { value: bytes },
  version: { number },
  createRevision: { number },
  modRevision: { number },
  lease: { lease: bigint },
});
const compares = list(record<Compare>({ target: range, operator: oneOf('=', '!=', '<', '>'), operand }));

/** Each list may be left out. */
function txnOf<Step>(step: JsonShape<Step>): JsonFields<Omit<Txn<Step>, 'type'>> {
  const steps = withDefault(list(step), []);
  return { when: withDefault(compares, []), do: steps, otherwise: steps };
}

const readStep: JsonShape<ReadStep> = lazy(() =>
  union<'type', ReadStep>('type', { ...reads, txn: txnOf(readStep) }),
);
const txnStep: JsonShape<TxnStep> = lazy(() =>
  union<'type', TxnStep>('type', { ...writes, ...reads, txn: txnOf(txnStep) }),
);

export const operationShape: JsonShape<Operation> = modelled<Operation>(
  union<'type', Modelled<Operation>>('type', {
    ...writes,
    compact: { revision: number },
    txn: txnOf(txnStep),
    leaseGrant: { id: withDefault(bigint, 0n), ttlMs: unstated },
    leaseRenew: { ids: list(bigint) },
    leaseRevoke: { id: bigint },
  }),
);

export const queryShape: JsonShape<Query> = union<'type', Query>('type', { ...reads, txn: txnOf(readStep) });

const stepFailureFields = {
  CONFLICT: { current: optionalRecord },
  NOT_A_COUNTER: {},
  COUNTER_OVERFLOW: { value: bigint },
  COMPACTED: { floor: number },
  FUTURE_REVISION: { revision: number },
  DUPLICATE_KEY: {},
  LEASE_NOT_FOUND: { lease: bigint },
};
const stepFailures = union<'code', ModelledStepFailure>('code', stepFailureFields);
const stepFailure: JsonShape<StepFailure> = {
  encode: (value) => (isModelledStep(value) ? stepFailures.encode(value) : notModelled(value.code)),
  decode: stepFailures.decode,
};
const failures = union<'code', ModelledFailure>('code', {
  ...stepFailureFields,
  TXN_FAILED: { at: text, cause: stepFailure },
  LEASE_EXISTS: { lease: bigint },
  TOO_MANY_LEASES: { limit: number },
});
const failure: JsonShape<Failure> = {
  encode: (value) => (isModelledFailure(value) ? failures.encode(value) : notModelled(value.code)),
  decode: failures.decode,
};

function isModelledFailure(value: Failure): value is ModelledFailure {
  const { code } = value;
  return (
    code === 'TXN_FAILED' || code === 'LEASE_EXISTS' || code === 'TOO_MANY_LEASES' || isModelledStep(value)
  );
}

function isModelledStep(value: Failure): value is ModelledStepFailure {
  return STEP_FAILURES.some((code) => code === value.code);
}

const written = {
  put: { revision: unstated, previous: optionalRecord },
  delete: { revision: unstated, deleted: number, previous: withDefault(list(stored), []) },
  increment: { revision: unstated, value: bigint },
};
const records = { records: list(nullable(stored)) };
const page = { records: list(stored), count: number, more: optionalFlag };
type PresentResult = Extract<QueryResult, { readonly type: 'get' | 'scan' }>;
const shown = {
  get: records,
  scan: page,
  past: {
    result: union<'type', PresentResult>('type', { get: records, scan: page }),
    resume: withDefault(nullable(bytes), null),
  },
};

const stepResult: JsonShape<StepResult> = lazy(() =>
  union<'type', StepResult>('type', { ...written, ...shown, txn: done }),
);
const done: JsonFields<Omit<TxnReply, 'type'>> = {
  revision: unstated,
  succeeded: flag,
  results: list(stepResult),
};

export const replyShape: JsonShape<Reply> = modelled<Reply>(
  union<'type', Modelled<Reply>>('type', {
    ...written,
    compact: { revision: unstated, floor: number },
    txn: done,
    failure: { revision: unstated, failure },
    leaseGrant: { revision: unstated, lease: bigint, ttlMs: unstated },
    leaseRenew: { revision: unstated, ttlsMs: list(number) },
    leaseRevoke: { revision: unstated, deleted: number },
  }),
);

export const resultShape: JsonShape<QueryResult> = union<'type', QueryResult>('type', {
  ...shown,
  txn: done,
  failure: { failure },
});

function modelled<T extends { readonly type: string }>(shape: JsonShape<Modelled<T>>): JsonShape<T> {
  return {
    encode: (value) => (isModelled(value) ? shape.encode(value) : notModelled(value.type)),
    decode: shape.decode,
  };
}

function isModelled<T extends { readonly type: string }>(value: T): value is Modelled<T> {
  return MODELLED.some((type) => type === value.type);
}
