import { beforeAll, expect, inject, test } from 'vitest';
import { Build } from '../../scripts/planted/build.mjs';
import { plantedBugs } from '../../scripts/planted/patches.mjs';
import { readKillings, readUnfound } from '../../scripts/planted/records.mjs';
import { runSeeds, runSeedsBeside } from '../../scripts/planted/run-seeds.mjs';
import type { Outcome, Work } from '../../scripts/planted/run-seeds.mjs';
import { ROOT } from '../tidy/repository.ts';
import { complaintsOf } from './outcomes.ts';

/** `npm run hunt -- --quick --only NAME` records another seed, for a bug whose seed kills it no more. */
const killings = await readKillings(ROOT);
const bugs = await plantedBugs(ROOT);
const PROCESSES = 2;

test('every planted bug has a seed that kills it, or stands among those that wait for one, with the reason', async () => {
  const unfound = await readUnfound(ROOT);
  process.stdout.write(`${Object.keys(killings).length} of ${bugs.length} planted bugs have a seed\n`);
  expect([...Object.keys(killings), ...Object.keys(unfound)].toSorted()).toEqual(
    bugs.map(({ name }) => name),
  );
});

/** Of all seeds, in few processes, as sound code is the same for each. */
let sound: ReadonlyMap<string, Outcome> = new Map();

beforeAll(async () => {
  sound = await soundOutcomes();
});

test.concurrent.for(bugs.flatMap((bug) => (killings[bug.name] === undefined ? [] : [bug.name])))(
  '%s is killed by its seed, by which sound code holds',
  async (name) => {
    const { seed, law: _, ...options } = killings[name] ?? expect.unreachable();
    const build = await Build.planted(ROOT, name, inject('soundEntry'));
    try {
      const [planted] = await runSeeds({ entry: build.entry, seeds: [seed], ...options });
      expect(planted).toMatchObject({ type: 'broken', seed });
      const control = sound.get(name);
      expect(complaintsOf(control === undefined ? [] : [control], options.minutes)).toEqual([]);
      expect(control).toMatchObject({ type: 'held', seed });
    } finally {
      await build.dispose();
    }
  },
);

/** By bug. A process runs the seeds that are to be run in the same way. */
async function soundOutcomes(): Promise<ReadonlyMap<string, Outcome>> {
  const ways = new Map<string, { readonly work: Omit<Work, 'seeds'>; readonly names: string[] }>();
  for (const [name, { seed: _, law: __, ...options }] of Object.entries(killings)) {
    const key = JSON.stringify(options);
    const way = ways.get(key) ?? { work: { entry: inject('soundEntry'), ...options }, names: [] };
    way.names.push(name);
    ways.set(key, way);
  }
  const outcomes = new Map<string, Outcome>();
  for (const { work, names } of ways.values()) {
    const seedOf = (name: string): number => killings[name]?.seed ?? expect.unreachable();
    const ran = await runSeedsBeside({ ...work, seeds: [...new Set(names.map(seedOf))] }, PROCESSES);
    for (const name of names) {
      outcomes.set(name, ran.find(({ seed }) => seed === seedOf(name)) ?? expect.unreachable());
    }
  }
  return outcomes;
}
