/** What may be asked of the state machine. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type {
  Compare,
  Condition,
  GetQuery,
  KeyRange,
  LeaseOperation,
  Operation,
  Query,
  Read,
  ReadTxn,
  ScanQuery,
  SessionOperation,
  Txn,
  TxnOperation,
  WriteOperation,
} from '../../../src/kv/operation.ts';
import { bytes, count, int64, key } from './values.ts';

const condition: Arbitrary<Condition> = fc.oneof(
  fc.constant<Condition>({ type: 'absent' }),
  fc.constant<Condition>({ type: 'present' }),
  count.map<Condition>((modRevision) => ({ type: 'revision', modRevision })),
  count.map<Condition>((version) => ({ type: 'version', version })),
);

const conditions = fc.array(condition, { maxLength: 3 });

const write: Arbitrary<WriteOperation> = fc.oneof(
  fc.record(
    {
      type: fc.constant('put' as const),
      key,
      value: bytes,
      conditions,
      returnPrevious: fc.boolean(),
      lease: fc.oneof(
        fc.constant('keep' as const),
        int64.filter((id) => id !== 0n),
      ),
    },
    { requiredKeys: ['type', 'key', 'value', 'conditions', 'returnPrevious'] },
  ),
  fc.record({
    type: fc.constant('delete' as const),
    target: fc.record({ start: key, end: fc.constant(null) }),
    conditions,
    returnPrevious: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('delete' as const),
    target: fc.record({ start: bytes, end: bytes }),
    conditions: fc.constant([]),
    returnPrevious: fc.boolean(),
  }),
  fc.record({ type: fc.constant('increment' as const), key, by: int64 }),
);

const keyRange: Arbitrary<KeyRange> = fc.oneof(
  fc.record({ start: key, end: fc.constant(null) }),
  fc.record({ start: bytes, end: bytes }),
);

const read: Arbitrary<GetQuery | ScanQuery> = fc.oneof(
  fc.record({ type: fc.constant('get' as const), keys: fc.array(key, { maxLength: 4 }) }),
  fc.record({
    type: fc.constant('scan' as const),
    range: keyRange,
    limit: count,
    reverse: fc.boolean(),
    keysOnly: fc.boolean(),
    countOnly: fc.boolean(),
  }),
);

const anyRead: Arbitrary<Read> = fc.oneof(
  read,
  fc.record({ type: fc.constant('past' as const), revision: count, read }),
);

const compare: Arbitrary<Compare> = fc.record({
  target: keyRange,
  operator: fc.constantFrom('=' as const, '!=' as const, '<' as const, '>' as const),
  operand: fc.oneof(
    fc.record({ type: fc.constant('value' as const), value: bytes }),
    fc.record({
      type: fc.constantFrom('version' as const, 'createRevision' as const, 'modRevision' as const),
      number: count,
    }),
    fc.record({ type: fc.constant('lease' as const), lease: int64 }),
  ),
});

function txnOf<Step>(step: Arbitrary<Step>): Arbitrary<Txn<Step>> {
  const steps = fc.array(step, { maxLength: 3 });
  const when = fc.array(compare, { maxLength: 2 });
  return fc.record({ type: fc.constant('txn' as const), when, do: steps, otherwise: steps });
}

const txn: Arbitrary<TxnOperation> = txnOf(fc.oneof(write, anyRead, txnOf(fc.oneof(write, anyRead))));
const readTxn: Arbitrary<ReadTxn> = txnOf(fc.oneof(anyRead, txnOf(anyRead)));

export const ids = fc.array(int64, { maxLength: 4 });
const ttlMs = fc.integer({ min: 100, max: 2 ** 40 });
const leaseOperation: Arbitrary<LeaseOperation> = fc.oneof(
  fc.record({ type: fc.constant('leaseGrant' as const), id: int64, ttlMs }),
  fc.record({ type: fc.constant('leaseRenew' as const), ids }),
  fc.record({ type: fc.constant('leaseRevoke' as const), id: int64 }),
  fc.record({ type: fc.constant('leaseExpire' as const), ids, term: count }),
);
const sessionOperation: Arbitrary<SessionOperation> = fc.oneof(
  fc.record({ type: fc.constant('sessionOpen' as const), ttlMs }),
  fc.record({ type: fc.constant('sessionRenew' as const), ids }),
  fc.record({ type: fc.constant('sessionClose' as const), id: int64 }),
  fc.record({ type: fc.constant('sessionExpire' as const), ids, term: count }),
  fc.record({ type: fc.constant('resolve' as const), session: int64, sequence: count }),
);

export const operation: Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: write },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('compact' as const),
      revision: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    }),
  },
  { weight: 2, arbitrary: txn },
  { weight: 2, arbitrary: fc.oneof(sessionOperation, leaseOperation) },
);

export const query: Arbitrary<Query> = fc.oneof(anyRead, readTxn);
