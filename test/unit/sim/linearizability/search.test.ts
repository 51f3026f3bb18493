import { describe, expect, it } from 'vitest';

import { counterModel, registerModel, search } from '../../../../src/sim/linearizability/index.ts';
import type { TimedCall } from '../../../../src/sim/linearizability/index.ts';
import type { CounterInput } from '../../../../src/sim/linearizability/models/counter.ts';
import type { RegisterInput, RegisterOutput } from '../../../../src/sim/linearizability/models/register.ts';
import type { Visited } from '../../../../src/sim/linearizability/visited.ts';

type RegisterCall = TimedCall<RegisterInput, RegisterOutput>;

function call(callMs: number, returnMs: number, input: RegisterInput, output: RegisterOutput): RegisterCall {
  return { callMs, returnMs, input, heard: { output } };
}
const write = (callMs: number, returnMs: number, value: string): RegisterCall =>
  call(callMs, returnMs, { type: 'write', value }, null);
const read = (callMs: number, returnMs: number, value: string): RegisterCall =>
  call(callMs, returnMs, { type: 'read' }, value);
const swap = (done: boolean): RegisterCall =>
  call(3, 4, { type: 'compareAndSet', expected: '1', value: '2' }, done);
const add = (callMs: number, output: bigint): TimedCall<CounterInput, bigint> => ({
  callMs,
  returnMs: callMs + 10,
  input: { type: 'add', by: 1n },
  heard: { output },
});
/** Believes that it has been everywhere: whatever it is asked goes to the exact search. */
const refutesAll = { toggle: (): void => undefined, add: (): boolean => false };
const verdict = (calls: readonly RegisterCall[]): string =>
  search(registerModel('0'), calls, { steps: 10_000 }).type;

describe('the search', () => {
  it('takes intervals as closed: what touches, overlaps', () => {
    expect(verdict([write(0, 5, '1'), read(5, 6, '0')])).toBe('legal');
    expect(verdict([write(0, 5, '1'), read(5.001, 6, '0')])).toBe('illegal');
  });

  it('takes calls and returns at one instant', () => {
    expect(verdict([write(5, 5, '1'), read(5, 5, '0'), read(5, 5, '1')])).toBe('legal');
  });

  it('takes back what leads nowhere', () => {
    // In order of return, which is tried first, 1 then 2; only 2 then 1 explains the reads.
    expect(verdict([write(0, 5, '1'), write(0, 6, '2'), read(2, 4, '2'), read(7, 8, '1')])).toBe('legal');
  });

  it('lets a compare-and-set succeed exactly where the value is the one expected', () => {
    expect(verdict([write(0, 1, '1'), swap(true), read(5, 6, '2')])).toBe('legal');
    expect(verdict([write(0, 1, '1'), swap(false), read(5, 6, '1')])).toBe('illegal');
  });

  it('adds counters up', () => {
    expect(search(counterModel, [add(0, 2n), add(1, 1n)], { steps: 100 }).type).toBe('legal');
    expect(search(counterModel, [add(0, 1n), add(1, 1n)], { steps: 100 }).type).toBe('illegal');
  });

  it('does not believe its hashes: what they refute is searched again with sets', () => {
    const calls = [write(0, 1, '1'), read(2, 3, '1')];
    const options = { hashed: (): Visited => refutesAll };
    expect(search(registerModel('0'), calls, { steps: 100 }, options).type).toBe('legal');
  });

  it('carries calls that nobody heard of along, or never places them', () => {
    const lost: RegisterCall = { ...write(0, Infinity, '1'), heard: null };
    expect(verdict([lost, read(1, 2, '0'), read(3, 4, '0')])).toBe('legal');
    expect(verdict([lost, read(1, 2, '0'), read(3, 4, '1')])).toBe('legal');
    expect(verdict([lost, read(1, 2, '1'), read(3, 4, '0')])).toBe('illegal');
  });

  it('knows of two ways to one state which unheard calls each has used up', () => {
    const lost = (value: string): RegisterCall => ({ ...write(0, Infinity, value), heard: null });
    const refused = call(1, 2, { type: 'compareAndSet', expected: '0', value: '9' }, false);
    // Either of the lost explains the refusal; only the other one is left for the read.
    const calls = [lost('1'), lost('2'), refused, write(3, 4, '3'), read(5, 6, '1')];
    for (const options of [{}, { hashed: (): Visited => refutesAll }]) {
      expect(search(registerModel('0'), calls, { steps: 100 }, options).type).toBe('legal');
    }
  });

  it('goes on from no set of calls and state twice: ten calls at once are not ten factorial orders', () => {
    const calls = [...Array.from({ length: 10 }, () => write(0, 5, '1')), read(6, 7, '2')];
    // Of each subset each call that is left, and each subset taken back, by both searches.
    const steps = 2 * (10 * 2 ** 9 + 2 ** 10) + 100;
    expect(search(registerModel('0'), calls, { steps }).type).toBe('illegal');
  });

  it('goes straight where the hint is right', () => {
    const calls = Array.from({ length: 100 }, (_, place) => write(0, 200, String(place)));
    const reads = calls.map((_, place) => read(place, 200, String(place)));
    const options = { hint: (at: number): number => 2 * (at % 100) + Math.trunc(at / 100) };
    expect(search(registerModel('0'), [...calls, ...reads], { steps: 200 }, options).type).toBe('legal');
  });
});
