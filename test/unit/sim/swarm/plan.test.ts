import { describe, expect, test } from 'vitest';
import { HARM_KINDS } from '../../../../src/sim/swarm/faults.ts';
import { drawPlan } from '../../../../src/sim/swarm/plan.ts';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

describe('a plan', () => {
  test('is the same for the same seed, and another for any other', () => {
    expect(drawPlan(7)).toEqual(drawPlan(7));
    const texts = SEEDS.map((seed) => JSON.stringify({ ...drawPlan(seed), seed: 0 }));
    expect(new Set(texts).size).toBe(SEEDS.length);
  });

  test('has three or five nodes unless told, and over many seeds every kind of fault', () => {
    const plans = SEEDS.map((seed) => drawPlan(seed));
    expect(new Set(plans.map(({ size }) => size))).toEqual(new Set([3, 5]));
    const kinds = new Set(plans.flatMap(({ faults }) => faults.map(({ harm }) => harm.kind)));
    expect([...kinds].toSorted()).toEqual(HARM_KINDS.toSorted());
    expect(drawPlan(7, { size: 5 }).size).toBe(5);
  });

  test('of certain kinds has these alone', () => {
    for (const seed of SEEDS) {
      for (const { harm } of drawPlan(seed, { kinds: ['crash', 'ring'] }).faults)
        expect(['crash', 'ring']).toContain(harm.kind);
    }
  });

  test('has trouble in the first part of a round alone, and the rest of it is calm', () => {
    for (const seed of SEEDS) {
      const { rounds, faults } = drawPlan(seed, { durationMs: 60_000 });
      expect(rounds.at(-1)?.untilMs).toBe(60_000);
      for (const { atMs } of faults) {
        const round = rounds.find(({ untilMs }) => atMs < untilMs);
        expect(atMs).toBeLessThan(round?.calmFromMs ?? 0);
      }
    }
  });
});
