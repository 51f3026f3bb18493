import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createStateMachine } from '../../../src/kv/index.ts';
import type {
  Bytes,
  KeyRange,
  KvRecord,
  Operation,
  QueryResult,
  ScanQuery,
} from '../../../src/kv/operation.ts';
import type { PageLimits, Request, StateMachine } from '../../../src/kv/state-machine.ts';
import { anyKey, anyLimits, anyOperation, anyRange, anyScan, anyTimelessOperation } from './arbitraries.ts';
import { compare } from './model-judgement.ts';
import { Model } from './model.ts';

const anyEntry = fc.record({
  clusterTimeMs: fc.nat({ max: 50 }),
  operations: fc.array(anyOperation, { maxLength: 6 }),
});
const anyHistory = fc.array(anyEntry, { maxLength: 30 });

const ALL: KeyRange = { start: new Uint8Array(0), end: new Uint8Array(0) };

function requests(operations: readonly Operation[]): Request[] {
  return operations.map((operation) => ({
    session: 0n,
    sequence: 0,
    acknowledgedThrough: 0,
    user: '',
    authRevision: 0,
    operation,
  }));
}

function scanned(
  machine: StateMachine,
  query: ScanQuery,
  limits: PageLimits,
): Extract<QueryResult, { type: 'scan' }> {
  const result = machine.query(query, limits);
  if (result.type !== 'scan') throw new Error('not the answer to a scan');
  return result;
}

test('any history gives the replies, the records and the digest that an array of records gives', () => {
  fc.assert(
    fc.property(anyHistory, (entries) => {
      const machine = createStateMachine();
      const model = new Model();
      for (const [i, { clusterTimeMs, operations }] of entries.entries()) {
        const replies = machine.apply(i + 1, clusterTimeMs, requests(operations));
        expect(replies).toEqual(model.apply(clusterTimeMs, operations));
        const { revision } = model;
        expect(machine).toMatchObject({ appliedIndex: i + 1, revision, keyCount: model.records.length });
        expect(machine.clusterTimeMs).toBe(model.clusterTimeMs);
        expect(readAll(machine, ALL, false, { pageRecordsMax: 1_000, pageBytesMax: 1 << 20 })).toEqual(
          model.within(ALL),
        );
        expect(machine.digest()).toBe(model.digest());
      }
    }),
    { numRuns: 200 },
  );
});

/** One machine and its model after a history; reads are made of both. */
const filled = fc.array(anyOperation, { minLength: 20, maxLength: 60 }).map((operations) => {
  const machine = createStateMachine();
  const model = new Model();
  machine.apply(1, 0, requests(operations));
  model.apply(0, operations);
  return { machine, model, [fc.toStringMethod]: () => fc.stringify(operations) };
});

test('every read, with every option and any page, gives what filtering and sorting gives', () => {
  fc.assert(
    fc.property(
      filled,
      fc.array(anyScan, { minLength: 10, maxLength: 20 }),
      anyLimits,
      ({ machine, model }, scans, page) => {
        for (const query of scans) {
          const result = scanned(machine, query, page);
          const count = model.within(query.range).length;
          if (query.countOnly) {
            expect(result).toEqual({ type: 'scan', records: [], count, more: false });
          } else {
            const expected = model.page(query, page);
            expect(result).toEqual({ type: 'scan', ...expected, count: expected.records.length });
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('points are found, alone and many at once', () => {
  fc.assert(
    fc.property(filled, fc.array(anyKey, { maxLength: 20 }), ({ machine, model }, keys) => {
      const result = machine.query({ type: 'get', keys }, { pageRecordsMax: 1, pageBytesMax: 1 });
      expect(result).toEqual({ type: 'get', records: keys.map((each) => model.get(each)) });
    }),
    { numRuns: 200 },
  );
});

test('page after page, forwards or backwards, gives every record of the range once and in order', () => {
  fc.assert(
    fc.property(filled, anyRange, fc.boolean(), anyLimits, ({ machine, model }, whole, reverse, page) => {
      const expected = reverse ? model.within(whole).toReversed() : model.within(whole);
      expect(readAll(machine, whole, reverse, page)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

/** As a client pages: on after the last key, or before it when reversed. */
function readAll(machine: StateMachine, whole: KeyRange, reverse: boolean, page: PageLimits): KvRecord[] {
  const query = { type: 'scan', limit: 0, reverse, keysOnly: false, countOnly: false } as const;
  const found: KvRecord[] = [];
  let rest = whole;
  for (;;) {
    const { records, more } = scanned(machine, { ...query, range: rest }, page);
    found.push(...records);
    const last = records.at(-1);
    if (!more || last === undefined) return found;
    rest = reverse ? { start: whole.start, end: last.key } : { start: after(last.key), end: whole.end };
    expect(rest.end === null || compare(last.key, whole.start) >= 0).toBe(true);
  }
}

function after(key: Bytes): Bytes {
  return Uint8Array.from([...key, 0]);
}

test('the same requests in other entries give the same replies and the same digest', () => {
  const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(anyTimelessOperation, { maxLength: 60 }),
      cuts,
      cuts,
      (operations, first, second) => {
        expect(replay(operations, first)).toEqual(replay(operations, second));
      },
    ),
    { numRuns: 150 },
  );
});

/** A cut ends an entry; equal cuts make empty entries. A request's stamp is its place, an entry's that of its last. */
function replay(operations: readonly Operation[], cuts: readonly number[]): readonly unknown[] {
  const machine = createStateMachine();
  const replies: unknown[] = [];
  let from = 0;
  for (const to of [...cuts, operations.length].toSorted((left, right) => left - right)) {
    const end = Math.min(to, operations.length);
    replies.push(...machine.apply(machine.appliedIndex + 1, end, requests(operations.slice(from, end))));
    from = end;
  }
  return [replies, machine.revision, machine.clusterTimeMs, machine.digest()];
}
