import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createStateMachine } from '../../../src/kv/index.ts';
import type { Operation } from '../../../src/kv/operation.ts';
import type { Request } from '../../../src/kv/state-machine.ts';
import { checkTxn } from '../../../src/wire/txn-check.ts';
import { anyOperation, anyReadTxn, anyTxn } from './arbitraries.ts';
import { Model } from './model.ts';

const PAGE = { pageRecordsMax: 1_000, pageBytesMax: 1 << 20 };
const anyHistory = fc.array(anyOperation, { maxLength: 15 });

function request(operation: Operation): Request {
  return { session: 0n, sequence: 0, acknowledgedThrough: 0, user: '', authRevision: 0, operation };
}

test('a transaction is one revision or nothing, and a failed one leaves no trace of itself', () => {
  fc.assert(
    fc.property(anyHistory, fc.array(anyTxn, { minLength: 1, maxLength: 5 }), (before, txns) => {
      const machine = createStateMachine();
      machine.apply(1, 0, before.map(request));
      for (const txn of txns) {
        const { revision, history, appliedIndex } = machine;
        const digest = machine.digest();
        const [reply] = machine.apply(appliedIndex + 1, 0, [request(txn)]);
        expect([revision, revision + 1]).toContain(machine.revision);
        if (reply?.type === 'failure' || machine.revision === revision) {
          expect(machine.revision).toBe(revision);
          expect(machine.history.eventCount).toBe(history.eventCount);
          expect(machine.digest()).toBe(digest);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a transaction that reads answers as a query what it would answer in the log', () => {
  fc.assert(
    fc.property(anyHistory, anyReadTxn, (before, txn) => {
      const machine = createStateMachine();
      machine.apply(1, 0, before.map(request));
      const model = new Model();
      model.apply(0, before);
      const answer = machine.query(txn, PAGE);
      expect(answer).toEqual(model.ask(txn));
      const [reply] = machine.apply(2, 0, [request(txn)]);
      const { revision } = machine;
      expect(reply).toEqual(answer.type === 'failure' ? { ...answer, revision } : answer);
    }),
    { numRuns: 200 },
  );
});

test('a transaction that passes the check before the log never writes a key twice', () => {
  let passed = 0;
  fc.assert(
    fc.property(anyHistory, anyTxn, (before, txn) => {
      const machine = createStateMachine();
      machine.apply(1, 0, before.map(request));
      if (checkTxn(txn) !== null) return;
      passed += 1;
      const [reply] = machine.apply(2, 0, [request(txn)]);
      const failed = reply?.type === 'failure' && reply.failure.code === 'TXN_FAILED' ? reply.failure : null;
      expect(failed?.cause.code).not.toBe('DUPLICATE_KEY');
    }),
    { numRuns: 300 },
  );
  expect(passed).toBeGreaterThan(50);
});
