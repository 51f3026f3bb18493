import { expect, test } from 'vitest';
import { aheadMs, behindMs } from '../../../../src/sim/swarm/clock-grace.ts';
import type { Fault } from '../../../../src/sim/swarm/faults.ts';

const timing = { heartbeatMs: 50, electionTimeoutMinMs: 300, electionTimeoutMaxMs: 600 };
const rounding = aheadMs({ faults: [], timing }, 0, 1_000);

function ahead(fault: Fault, fromMs: number, toMs: number): number {
  return aheadMs({ faults: [fault], timing }, fromMs, toMs) - rounding;
}

function jump(far: number): Fault {
  return { atMs: 1_000, forMs: 1, harm: { kind: 'clock jump', whom: 0, aheadMs: far } };
}

test('a fast clock gains for as long as it is fast, and only within the time asked for', () => {
  const fast: Fault = { atMs: 1_000, forMs: 500, harm: { kind: 'clock', whom: 0, rate: 2 } };
  expect(ahead(fast, 0, 5_000)).toBe(500);
  expect(ahead(fast, 1_300, 5_000)).toBe(200);
  expect(ahead(fast, 2_000, 5_000)).toBe(0);
  expect(behindMs({ faults: [fast], timing }, 0, 5_000)).toBe(rounding);
});

test('a jump ahead gains no more than one election timeout, however far it goes', () => {
  expect(ahead(jump(100), 0, 5_000)).toBe(100);
  expect(ahead(jump(3_600_000), 0, 5_000)).toBe(600);
  expect(ahead(jump(3_600_000), 1_001, 5_000)).toBe(0);
});

test('a slow clock falls behind, that of a stale leader too', () => {
  const harm = { kind: 'stale leader', whom: 'leader', rate: 0.2, slowMs: 0, companions: 0 } as const;
  expect(behindMs({ faults: [{ atMs: 0, forMs: 1_000, harm }], timing }, 0, 500) - rounding).toBe(400);
});
