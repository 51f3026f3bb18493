import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { TextRange } from '../../../src/kv/key-text.ts';
import { OrderedKeys } from '../../../src/kv/ordered-keys.ts';

/** Small chunks, so that a few dozen keys split and join them all the time. */
const CHUNK_KEYS_MAX = 6;

const anyKey = fc.string({
  unit: fc.constantFrom('\0', 'a', 'b', '\x80', '\xff'),
  minLength: 1,
  maxLength: 3,
});
const anyEnd = fc.option(anyKey, { nil: null });
const anyRange: fc.Arbitrary<TextRange> = fc.record({
  start: fc.oneof(anyKey, fc.constant('')),
  end: anyEnd,
});

type Step =
  | { readonly type: 'toggle'; readonly keys: readonly string[] }
  | { readonly type: 'removeRange'; readonly range: TextRange }
  | { readonly type: 'read'; readonly range: TextRange; readonly max: number };

const anyMax = fc.oneof(fc.nat(12), fc.constant(Number.POSITIVE_INFINITY));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('toggle'), keys: fc.uniqueArray(anyKey, { maxLength: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('removeRange'), range: anyRange }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('read'), range: anyRange, max: anyMax }) },
);

function inside(range: TextRange, key: string): boolean {
  return key >= range.start && (range.end === null || key < range.end);
}

test('ordered keys do what a sorted array does, and their chunks stay few', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const keys = new OrderedKeys(CHUNK_KEYS_MAX);
      let naive: string[] = [];
      for (const step of steps) {
        naive = run(keys, naive, step);
        expect(keys.keys({ start: '', end: null }, Number.POSITIVE_INFINITY)).toEqual(naive);
        expect(keys.size).toBe(naive.length);
        expect(keys.chunkCount).toBeLessThanOrEqual((4 * naive.length) / CHUNK_KEYS_MAX + 1);
      }
    }),
    { numRuns: 500 },
  );
});

/** Does the step, compares what it answered, and gives back what must be there now. */
function run(keys: OrderedKeys, naive: readonly string[], step: Step): string[] {
  switch (step.type) {
    case 'toggle': {
      const next = new Set(naive);
      for (const key of step.keys) {
        if (next.delete(key)) keys.remove(key);
        else {
          next.add(key);
          keys.insert(key);
        }
      }
      return [...next].toSorted();
    }
    case 'removeRange': {
      const removed = naive.filter((key) => inside(step.range, key));
      expect(keys.removeRange(step.range)).toEqual(removed);
      return naive.filter((key) => !inside(step.range, key));
    }
    case 'read': {
      const found = naive.filter((key) => inside(step.range, key));
      expect(keys.count(step.range)).toBe(found.length);
      expect(keys.keys(step.range, step.max)).toEqual(found.slice(0, step.max));
      expect(keys.keysReversed(step.range, step.max)).toEqual(found.toReversed().slice(0, step.max));
      return [...naive];
    }
    default:
      throw new Error('a step of no type');
  }
}
