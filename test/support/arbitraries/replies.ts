/** What the state machine may answer. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type {
  Failure,
  GetResult,
  KvRecord,
  QueryResult,
  ReadResult,
  Reply,
  Resolution,
  ScanResult,
  SessionFailure,
  StepFailure,
  StepResult,
  TxnReply,
  WriteReply,
} from '../../../src/kv/operation.ts';
import { ids } from './operations.ts';
import { bytes, count, int64, key, name, orNull } from './values.ts';

const kvRecord: Arbitrary<KvRecord> = fc.record({
  key,
  value: bytes,
  createRevision: count,
  modRevision: count,
  version: count,
  lease: int64,
});

const stepFailure: Arbitrary<StepFailure> = fc.oneof(
  fc.record({ code: fc.constant('CONFLICT' as const), current: orNull(kvRecord) }),
  fc.constant({ code: 'NOT_A_COUNTER' as const }),
  fc.record({ code: fc.constant('COUNTER_OVERFLOW' as const), value: int64 }),
  fc.record({ code: fc.constant('COMPACTED' as const), floor: count }),
  fc.record({ code: fc.constant('FUTURE_REVISION' as const), revision: count }),
  fc.constant({ code: 'DUPLICATE_KEY' as const }),
  fc.record({ code: fc.constant('LEASE_NOT_FOUND' as const), lease: int64 }),
);

const failure: Arbitrary<Failure> = fc.oneof(
  stepFailure,
  fc.record({ code: fc.constant('TXN_FAILED' as const), at: name, cause: stepFailure }),
  fc.record({ code: fc.constant('LEASE_EXISTS' as const), lease: int64 }),
  fc.constant<SessionFailure>({ code: 'SESSION_EXPIRED' }),
  fc.constant<SessionFailure>({ code: 'RESOLVED_NEVER' }),
  fc.record({
    code: fc.constantFrom('SEQUENCE_ACKNOWLEDGED' as const, 'TOO_MANY_UNACKNOWLEDGED' as const),
    acknowledgedThrough: count,
  }),
);

const readResult: Arbitrary<GetResult | ScanResult> = fc.oneof(
  fc.record({ type: fc.constant('get' as const), records: fc.array(orNull(kvRecord), { maxLength: 3 }) }),
  fc.record({
    type: fc.constant('scan' as const),
    records: fc.array(kvRecord, { maxLength: 3 }),
    count,
    more: fc.boolean(),
  }),
);

const anyReadResult: Arbitrary<ReadResult> = fc.oneof(
  readResult,
  fc.record({ type: fc.constant('past' as const), result: readResult, resume: orNull(key) }),
);

const writeReply: Arbitrary<WriteReply> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), revision: count, previous: orNull(kvRecord) }),
  fc.record({
    type: fc.constant('delete' as const),
    revision: count,
    deleted: count,
    previous: fc.array(kvRecord, { maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('increment' as const), revision: count, value: int64 }),
);

function txnReplyOf(step: Arbitrary<StepResult>): Arbitrary<TxnReply> {
  return fc.record({
    type: fc.constant('txn' as const),
    revision: count,
    succeeded: fc.boolean(),
    results: fc.array(step, { maxLength: 3 }),
  });
}

const stepResult: Arbitrary<StepResult> = fc.oneof(writeReply, anyReadResult);
const txnReply = txnReplyOf(fc.oneof(stepResult, txnReplyOf(stepResult)));

export const queryResult: Arbitrary<QueryResult> = fc.oneof(
  anyReadResult,
  txnReply,
  fc.record({ type: fc.constant('failure' as const), failure }),
);

const plainReply: Arbitrary<Reply> = fc.oneof(
  writeReply,
  txnReply,
  fc.record({
    type: fc.constant('failure' as const),
    revision: count,
    failure,
  }),
  fc.record({ type: fc.constant('compact' as const), revision: count, floor: count }),
  fc.record({ type: fc.constant('leaseGrant' as const), revision: count, lease: int64, ttlMs: count }),
  fc.record({ type: fc.constant('leaseRevoke' as const), revision: count, deleted: count }),
  fc.record({ type: fc.constant('leaseExpire' as const), revision: count, expired: ids, deleted: count }),
  fc.record({ type: fc.constant('sessionOpen' as const), revision: count, session: int64 }),
  fc.record({
    type: fc.constantFrom('sessionRenew' as const, 'leaseRenew' as const),
    revision: count,
    ttlsMs: fc.array(count, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('sessionClose' as const), revision: count, closed: fc.boolean() }),
  fc.record({ type: fc.constant('sessionExpire' as const), revision: count, expired: ids }),
);

export const reply: Arbitrary<Reply> = fc.oneof(
  { weight: 8, arbitrary: plainReply },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('resolve' as const),
      revision: count,
      resolution: fc.oneof(
        fc.record({ type: fc.constant('applied' as const), reply: plainReply }),
        fc.constant<Resolution>({ type: 'never' }),
      ),
    }),
  },
);
