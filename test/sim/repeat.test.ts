import { expect, inject, test } from 'vitest';
import { runSeeds, seedRange } from '../../scripts/planted/run-seeds.mjs';
import { complaintsOf, resultsOf } from './outcomes.ts';

const SEEDS = 20;
const MINUTES = 0.5;

test(`${SEEDS} seeds are the same histories in another process, in the opposite order`, async () => {
  const seeds = seedRange(1_001, SEEDS);
  const run = async (order: readonly number[]) =>
    await runSeeds({ entry: inject('soundEntry'), seeds: order, minutes: MINUTES, load: 'light' });
  const [there, back] = await Promise.all([run(seeds), run(seeds.toReversed())]);

  expect(complaintsOf([...there, ...back], MINUTES, ' --load light')).toEqual([]);
  expect(resultsOf(back).toReversed()).toEqual(resultsOf(there));
  // And different from each other: a constant hash would be equal too.
  expect(new Set(resultsOf(there).map(({ hash }) => hash)).size).toBe(SEEDS);
});
