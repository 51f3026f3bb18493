import * as fc from 'fast-check';

import type {
  Bytes,
  Compare,
  Condition,
  DataOperation,
  GetQuery,
  KeyRange,
  LeaseOperation,
  Operand,
  Read,
  ReadTxn,
  ScanQuery,
  Txn,
  TxnOperation,
  WriteOperation,
} from '../../../src/kv/operation.ts';
import type { PageLimits } from '../../../src/kv/state-machine.ts';

/** Few bytes, so that keys meet: both ends of a byte, and pieces of UTF-8 that alone are none. */
const keyByte = fc.constantFrom(0x00, 0x61, 0x62, 0x80, 0xc3, 0xff);

export const anyKey: fc.Arbitrary<Bytes> = fc
  .array(keyByte, { minLength: 1, maxLength: 3 })
  .map((bytes) => Uint8Array.from(bytes));

const counters = ['0', '1', '-1', '41', '9223372036854775807', '-9223372036854775808'];
const nearlyCounters = ['-0', '+1', '007', '9223372036854775808', '-', '', '1 '];
const anyValue: fc.Arbitrary<Bytes> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(...counters, ...nearlyCounters).map((text) => Uint8Array.from(Buffer.from(text))),
);

const anyBy = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

const empty = fc.constant<Bytes>(new Uint8Array(0));

/** Single keys, prefixes, both open ends, and ranges that end before they start. */
export const anyRange: fc.Arbitrary<KeyRange> = fc.oneof(
  fc.record({ start: anyKey, end: fc.constant(null) }),
  fc.record({ start: fc.oneof(anyKey, empty), end: fc.oneof(anyKey, empty) }),
);

const smallNumber = fc.nat({ max: 12 });
const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant({ type: 'absent' } as const),
  fc.constant({ type: 'present' } as const),
  smallNumber.map((modRevision) => ({ type: 'revision', modRevision }) as const),
  smallNumber.map((version) => ({ type: 'version', version }) as const),
);
const anyConditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Condition[]>([]) },
  { weight: 1, arbitrary: fc.array(anyCondition, { minLength: 1, maxLength: 2 }) },
);

/** Ids that are chosen; among operations that are cut into entries in several ways, no id is made. */
const LEASES = [1n, 2n, -3n] as const;
const someLeases = fc.array(fc.constantFrom(...LEASES), { maxLength: 4 });

const anyWrite: fc.Arbitrary<WriteOperation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        type: fc.constant('put'),
        key: anyKey,
        value: anyValue,
        conditions: anyConditions,
        returnPrevious: fc.boolean(),
        lease: fc.constantFrom<bigint | 'keep'>('keep', 'keep', ...LEASES),
      },
      { requiredKeys: ['type', 'key', 'value', 'conditions', 'returnPrevious'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('delete'),
      target: anyRange,
      conditions: anyConditions,
      returnPrevious: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('increment'), key: anyKey, by: anyBy }) },
);

const anyOperand: fc.Arbitrary<Operand> = fc.oneof(
  anyValue.map((value) => ({ type: 'value', value }) as const),
  fc.record({
    type: fc.constantFrom('version', 'createRevision', 'modRevision'),
    number: smallNumber,
  }),
  fc.constantFrom(0n, 1n, -3n).map((lease) => ({ type: 'lease', lease }) as const),
);

const anyCompare: fc.Arbitrary<Compare> = fc.record({
  target: anyRange,
  operator: fc.constantFrom('=', '!=', '<', '>'),
  operand: anyOperand,
});

const anyGet: fc.Arbitrary<GetQuery> = fc.record({
  type: fc.constant('get'),
  keys: fc.array(anyKey, { minLength: 1, maxLength: 2 }),
});

export const anyScan: fc.Arbitrary<ScanQuery> = fc.record({
  type: fc.constant('scan'),
  range: anyRange,
  limit: fc.nat({ max: 5 }),
  reverse: fc.boolean(),
  keysOnly: fc.boolean(),
  countOnly: fc.boolean(),
});

const anyRead: fc.Arbitrary<Read> = fc.oneof(
  anyGet,
  anyScan,
  fc.record({ type: fc.constant('past'), revision: smallNumber, read: anyGet }),
);

function txnOf<Step>(step: fc.Arbitrary<Step>): fc.Arbitrary<Txn<Step>> {
  const steps = fc.array(step, { maxLength: 4 });
  const when = fc.array(anyCompare, { maxLength: 2 });
  return fc.record({ type: fc.constant('txn'), when, do: steps, otherwise: steps });
}

function orNested<Step>(step: fc.Arbitrary<Step>): fc.Arbitrary<Step | Txn<Step>> {
  return fc.oneof({ weight: 5, arbitrary: step }, { weight: 1, arbitrary: txnOf(step) });
}

const anyStep = fc.oneof({ weight: 4, arbitrary: anyWrite }, { weight: 1, arbitrary: anyRead });
export const anyTxn: fc.Arbitrary<TxnOperation> = txnOf(orNested(orNested(anyStep)));
export const anyReadTxn: fc.Arbitrary<ReadTxn> = txnOf(orNested(anyRead));

/** Whatever it does it does at any time and in any term. */
export const anyTimelessOperation: fc.Arbitrary<DataOperation> = fc.oneof(
  { weight: 11, arbitrary: anyWrite },
  { weight: 3, arbitrary: anyTxn },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('compact'), revision: fc.integer({ min: 1, max: 40 }) }),
  },
);

const anyLeaseOperation: fc.Arbitrary<LeaseOperation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('leaseGrant'),
      id: fc.constantFrom(...LEASES),
      ttlMs: fc.integer({ min: 1, max: 60 }),
    }),
  },
  fc.record({ type: fc.constant('leaseRenew'), ids: someLeases }),
  fc.record({ type: fc.constant('leaseRevoke'), id: fc.constantFrom(...LEASES) }),
  // Entries of these tests are of no term, 0.
  fc.record({ type: fc.constant('leaseExpire'), ids: someLeases, term: fc.constantFrom(0, 0, 1) }),
);

export const anyOperation: fc.Arbitrary<DataOperation> = fc.oneof(
  { weight: 4, arbitrary: anyTimelessOperation },
  { weight: 1, arbitrary: anyLeaseOperation },
);

export const anyLimits: fc.Arbitrary<PageLimits> = fc.record({
  pageRecordsMax: fc.integer({ min: 1, max: 8 }),
  pageBytesMax: fc.integer({ min: 1, max: 120 }),
});
