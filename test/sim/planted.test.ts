import { expect, inject, test } from 'vitest';
import { Build } from '../../scripts/planted/build.mjs';
import { plantedBugs } from '../../scripts/planted/patches.mjs';
import { readKillings, readUnfound } from '../../scripts/planted/records.mjs';
import { runSeeds } from '../../scripts/planted/run-seeds.mjs';
import { ROOT } from '../tidy/repository.ts';
import { complaintsOf } from './outcomes.ts';

/** `npm run hunt -- --quick --only NAME` records another seed, for a bug whose seed kills it no more. */
const killings = await readKillings(ROOT);
const bugs = await plantedBugs(ROOT);

test('every planted bug has a seed that kills it, or stands among those that wait for one, with the reason', async () => {
  const unfound = await readUnfound(ROOT);
  process.stdout.write(`${Object.keys(killings).length} of ${bugs.length} planted bugs have a seed\n`);
  expect([...Object.keys(killings), ...Object.keys(unfound)].toSorted()).toEqual(
    bugs.map(({ name }) => name),
  );
});

test.concurrent.for(bugs.flatMap((bug) => (killings[bug.name] === undefined ? [] : [bug.name])))(
  '%s is killed by its seed, by which sound code holds',
  async (name) => {
    const { seed, law: _, ...options } = killings[name] ?? expect.unreachable();
    const build = await Build.make(ROOT, name);
    try {
      const [[planted], sound] = await Promise.all([
        runSeeds({ entry: build.entry, seeds: [seed], ...options }),
        runSeeds({ entry: inject('soundEntry'), seeds: [seed], ...options }),
      ]);
      expect(planted).toMatchObject({ type: 'broken', seed });
      expect(complaintsOf(sound, options.minutes)).toEqual([]);
    } finally {
      await build.dispose();
    }
  },
);
