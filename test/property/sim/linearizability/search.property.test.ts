/** The search alone, on registers: few values and much concurrency, so that it often goes the wrong way first. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { registerModel, search } from '../../../../src/sim/linearizability/index.ts';
import type { TimedCall } from '../../../../src/sim/linearizability/index.ts';
import type { RegisterInput, RegisterOutput } from '../../../../src/sim/linearizability/models/register.ts';
import { isLinearizable } from '../../../support/histories/brute-force.ts';

type RegisterCall = TimedCall<RegisterInput, RegisterOutput>;

const RUNS = 1_500;
const MODEL = registerModel('0');
/** Finds nothing new, so that every history goes to the exact search. */
const REFUTES_ALL = { toggle: (): void => undefined, add: (): boolean => false };

const value = fc.constantFrom('0', '1', '2');
const action: fc.Arbitrary<Pick<RegisterCall, 'input' | 'heard'>> = fc.oneof(
  value.map((written) => ({
    input: { type: 'write', value: written } as const,
    heard: { output: null },
  })),
  value.map((read) => ({ input: { type: 'read' } as const, heard: { output: read } })),
  fc.record({
    input: fc.record({ type: fc.constant('compareAndSet' as const), expected: value, value }),
    heard: fc.record({ output: fc.boolean() }),
  }),
  value.map((written) => ({ input: { type: 'write', value: written } as const, heard: null })),
);

const register: fc.Arbitrary<readonly RegisterCall[]> = fc.array(
  fc.tuple(action, fc.nat(8), fc.nat(8)).map(([does, callMs, tookMs]) => ({
    ...does,
    callMs,
    returnMs: does.heard === null ? Infinity : callMs + tookMs,
  })),
  { minLength: 3, maxLength: 7 },
);

describe.each([
  ['with hashes', {}],
  ['with sets', { hashed: () => REFUTES_ALL }],
])('the search %s', (_, options) => {
  it('judges as trying all orders does', () => {
    let legal = 0;
    fc.assert(
      fc.property(register, (calls) => {
        const truth = isLinearizable(MODEL, calls);
        if (truth) legal += 1;
        expect(search(MODEL, calls, { steps: 100_000 }, options).type).toBe(truth ? 'legal' : 'illegal');
      }),
      { numRuns: RUNS },
    );
    expect(legal).toBeGreaterThan(RUNS / 10);
    expect(legal).toBeLessThan(RUNS - RUNS / 10);
  });
});
