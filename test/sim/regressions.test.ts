import { expect, inject, test } from 'vitest';
import { runSeeds } from '../../scripts/planted/run-seeds.mjs';
import { complaintsOf } from './outcomes.ts';
import { REGRESSIONS } from './regressions.ts';

test.for(REGRESSIONS)('seed $seed of $minutes min holds: $found', async (row) => {
  const { seed, found: _, ...options } = row;
  const outcomes = await runSeeds({ entry: inject('soundEntry'), seeds: [seed], ...options });
  expect(complaintsOf(outcomes, row.minutes)).toEqual([]);
  expect(outcomes).toHaveLength(1);
});

test('no row stands in the table twice', () => {
  const rows = REGRESSIONS.map((row) => JSON.stringify({ ...row, found: '' }));
  expect(new Set(rows).size).toBe(rows.length);
});
