import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createStateMachine } from '../../../src/kv/index.ts';
import type { KvRecord, Operation, PastResult, ScanQuery } from '../../../src/kv/operation.ts';
import type { PageLimits, Request, StateMachine } from '../../../src/kv/state-machine.ts';
import { anyKey, anyLimits, anyOperation, anyScan } from './arbitraries.ts';
import { Model } from './model.ts';

const anyHistory = fc.array(anyOperation, { minLength: 10, maxLength: 60 });

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

/** `cleaned` gives what is freed after each operation. */
function played(operations: readonly Operation[], cleaned: (step: number) => number): StateMachine {
  const machine = createStateMachine();
  for (const [step, operation] of operations.entries()) {
    machine.apply(step + 1, 0, requests([operation]));
    machine.cleanUp(cleaned(step));
  }
  return machine;
}

function past(machine: StateMachine, revision: number, read: ScanQuery, limits: PageLimits): PastResult {
  const result = machine.query({ type: 'past', revision, read }, limits);
  if (result.type !== 'past') throw new Error(`a readable revision was answered with ${result.type}`);
  return result;
}

/** As a client pages at one revision: on after the last key that was looked at. */
function allPages(machine: StateMachine, revision: number, whole: ScanQuery, limits: PageLimits): KvRecord[] {
  const found: KvRecord[] = [];
  let { range } = whole;
  for (let pages = 0; pages < 1_000; pages++) {
    const { result, resume } = past(machine, revision, { ...whole, range }, limits);
    if (result.type !== 'scan') throw new Error('not the answer to a scan');
    found.push(...result.records.filter((record): record is KvRecord => record !== null));
    if (resume === null) return found;
    range = whole.reverse
      ? { start: whole.range.start, end: resume }
      : { start: Uint8Array.from([...resume, 0]), end: whole.range.end };
  }
  throw new Error('a scan without end');
}

test('every revision from the floor on reads as it was, whatever was changed, compacted or cleaned up since', () => {
  fc.assert(
    fc.property(
      anyHistory,
      fc.array(fc.nat({ max: 4 }), { minLength: 1 }),
      fc.array(anyKey, { maxLength: 6 }),
      anyScan,
      anyLimits,
      (operations, budgets, keys, scan, limits) => {
        const machine = played(operations, (step) => budgets[step % budgets.length] ?? 0);
        const model = new Model();
        model.apply(0, operations);
        for (let revision = Math.max(1, model.floor); revision <= model.revision; revision++) {
          const then = model.at(revision);
          const got = machine.query({ type: 'past', revision, read: { type: 'get', keys } }, limits);
          const records = keys.map((key) => then.get(key));
          expect(got).toEqual({ type: 'past', result: { type: 'get', records }, resume: null });
          const whole = { ...scan, limit: 0, countOnly: false };
          const within = scan.reverse ? then.within(scan.range).toReversed() : then.within(scan.range);
          const shown = within.map((each) => (scan.keysOnly ? { ...each, value: new Uint8Array(0) } : each));
          // A reversed scan of one key has no end to go on before; its only page is whole.
          expect(allPages(machine, revision, whole, limits)).toEqual(shown);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('a revision below the floor or above the present is refused, by what is there; 0 is the present', () => {
  fc.assert(
    fc.property(anyHistory, fc.nat({ max: 70 }), anyScan, anyLimits, (operations, revision, read, limits) => {
      const machine = played(operations, () => 0);
      const { floor } = machine.history;
      const result = machine.query({ type: 'past', revision, read }, limits);
      if (revision > 0 && revision < floor) {
        expect(result).toEqual({ type: 'failure', failure: { code: 'COMPACTED', floor } });
      } else if (revision > machine.revision) {
        const failure = { code: 'FUTURE_REVISION', revision: machine.revision };
        expect(result).toEqual({ type: 'failure', failure });
      } else expect(result.type).toBe('past');
    }),
    { numRuns: 150 },
  );
});

test('no digest and no reply depends on when history is cleaned up, and cleaned up it is', () => {
  fc.assert(
    fc.property(anyHistory, fc.array(fc.nat({ max: 5 }), { minLength: 1 }), (operations, budgets) => {
      const never = createStateMachine();
      const often = createStateMachine();
      for (const [step, operation] of operations.entries()) {
        const replies = often.apply(step + 1, 0, requests([operation]));
        expect(replies).toEqual(never.apply(step + 1, 0, requests([operation])));
        often.cleanUp(budgets[step % budgets.length] ?? 0);
        expect(often.digest()).toBe(never.digest());
      }
      never.cleanUp(Number.POSITIVE_INFINITY);
      often.cleanUp(Number.POSITIVE_INFINITY);
      expect(often.history.eventCount).toBe(never.history.eventCount);
      expect(often.digest()).toBe(never.digest());
      never.apply(operations.length + 1, 0, requests([{ type: 'compact', revision: never.revision }]));
      never.cleanUp(Number.POSITIVE_INFINITY);
      const model = new Model();
      model.apply(0, operations);
      expect(never.history.eventCount).toBeLessThanOrEqual(model.eventsOf(model.revision));
    }),
    { numRuns: 100 },
  );
});
