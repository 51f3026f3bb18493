import { expect, test } from 'vitest';
import { LawBroken } from '../../../../src/sim/laws/law.ts';
import { breachOf, minimise, withFaults } from '../../../../src/sim/swarm/minimise.ts';
import { drawPlan } from '../../../../src/sim/swarm/plan.ts';
import type { Plan } from '../../../../src/sim/swarm/plan.ts';

const plan = drawPlan(11);
const held = new LawBroken('another law', null, 0, 'of no matter');

/** Breaks the law when all of these faults of `plan` are in. */
function breaksWith(...places: readonly number[]) {
  return async (tried: Plan): Promise<void> => {
    const needed = places.map((place) => plan.faults[place]);
    if (needed.every((fault) => fault !== undefined && tried.faults.includes(fault)))
      throw new LawBroken('the law', null, 0, 'it was broken');
    return await Promise.resolve();
  };
}

async function breaksOneOrAnother(tried: Plan): Promise<void> {
  await breaksWith(5)(tried);
  throw held;
}

test('the plan of these tests has faults enough', () => {
  expect(plan.faults.length).toBeGreaterThan(15);
});

test.each([[[3]], [[0]], [[14]], [[2, 9]], [[1, 7, 13]]])(
  'of many faults those that matter are found: %j',
  async (places) => {
    expect((await minimise(plan, 'the law', 500, breaksWith(...places))).places).toEqual(places);
  },
);

test('when no fault matters, none is left', async () => {
  expect((await minimise(plan, 'the law', 500, breaksWith())).places).toEqual([]);
});

test('another breach is not the one that is looked for', async () => {
  expect((await minimise(plan, 'the law', 500, breaksOneOrAnother)).places).toEqual([5]);
});

test('it ends after as many runs as it may have, with what it has by then', async () => {
  const { places, runs } = await minimise(plan, 'the law', 3, breaksWith(4));
  expect(runs).toBe(3);
  expect(places).toContain(4);
  expect(places.length).toBeLessThan(plan.faults.length);
});

test('leaving faults out leaves the others and all else as they are', () => {
  const less = withFaults(plan, [1, 4]);
  expect(less).toEqual({ ...plan, faults: [plan.faults[1], plan.faults[4]] });
});

test('a breach is a law by its name, or the first line of what was thrown', () => {
  expect(breachOf(held)).toBe('another law');
  expect(breachOf(new Error('an invariant\nwith details'))).toBe('an invariant');
  expect(breachOf('text')).toBe('text');
});
