import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Genesis } from '../../../src/wire/peer-protocol.ts';
import { World } from './bootstrap-world.ts';
import type { Step } from './bootstrap-world.ts';

const VOTERS = ['a', 'b', 'c'];

/** Faults are rarer than work, or nothing would ever be founded. */
const WEIGHTS: Readonly<Record<Step['type'], number>> = {
  start: 8,
  dial: 8,
  deliver: 16,
  stored: 8,
  notice: 4,
  crash: 1,
  crashWhileStoring: 2,
  wipe: 1,
};

const ALL_STEPS: ReadonlySet<string> = new Set(Object.keys(WEIGHTS));
const WITHOUT_WIPES: ReadonlySet<string> = new Set([...ALL_STEPS].filter((type) => type !== 'wipe'));

/** Runs the world by a list of numbers: each picks one of the possible steps. */
function run(world: World, picks: readonly number[], check: () => void, allowed = ALL_STEPS): void {
  for (const pick of picks) {
    const steps = world.possible().filter(({ type }) => allowed.has(type));
    let left = pick % steps.reduce((sum, { type }) => sum + WEIGHTS[type], 0);
    const step = steps.find(({ type }) => {
      left -= WEIGHTS[type];
      return left < 0;
    });
    if (step === undefined) return;
    world.take(step);
    check();
  }
}

/** A record is made for certain directories; two ids for the same ones would be two clusters with one set of votes. */
function oneIdForTheSameDirectories(world: World): void {
  const ids = new Map<string, string>();
  for (const genesis of world.durable) {
    const directories = JSON.stringify(genesis.voters);
    const known = ids.get(directories);
    if (known !== undefined && known !== genesis.clusterId) throw new Error(`two ids for ${directories}`);
    ids.set(directories, genesis.clusterId);
  }
}

/** While each node runs once, no second cluster begins as long as any disk has a record of the first. */
function oneClusterOnAllDisks(world: World): void {
  const ids = new Set([...world.places.values()].flatMap(({ disk }) => disk.genesis?.clusterId ?? []));
  if (ids.size > 1) throw new Error(`two clusters on the disks: ${[...ids].join(', ')}`);
}

/** A record is stored only by directories that it names. */
function recordsNameTheirDirectory(world: World): void {
  const names = ({ voters }: Genesis, id: string, incarnation: string): boolean =>
    voters.some((voter) => voter.id === id && voter.incarnation === incarnation);
  for (const { id, disk } of world.places.values()) {
    if (disk.genesis !== null && !names(disk.genesis, id, disk.incarnation))
      throw new Error(`${id} is not in its own`);
  }
}

const picks = fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 200, size: 'max' });

test('with crashes, wipes and half-dead connections at any moment, there is never a second cluster on the disks', () => {
  let foundings = 0;
  fc.assert(
    fc.property(picks, (choices) => {
      const world = new World(VOTERS, { a: 'a', b: 'b', c: 'c' });
      run(world, choices, () => {
        oneIdForTheSameDirectories(world);
        oneClusterOnAllDisks(world);
        recordsNameTheirDirectory(world);
      });
      if (world.durable.length > 1) foundings += 1;
    }),
    { numRuns: 1_500 },
  );
  // A run in which nothing is founded proves nothing.
  expect(foundings).toBeGreaterThan(300);
});

test('without wipes, everybody ends in one cluster once the faults are over', () => {
  fc.assert(
    fc.property(picks, (choices) => {
      const world = new World(VOTERS, { a: 'a', b: 'b', c: 'c' });
      run(world, choices, () => {}, WITHOUT_WIPES);
      world.settle();
      const ids = [...world.places.values()].map(({ disk }) => disk.genesis?.clusterId ?? null);
      expect(ids).not.toContain(null);
      expect(new Set(ids).size).toBe(1);
    }),
    { numRuns: 300 },
  );
});

test('with copies of directories and two clusters of the same name in one network, no directories get two ids', () => {
  let foundings = 0;
  fc.assert(
    fc.property(picks, (choices) => {
      const world = new World(VOTERS, { a: 'a', b: 'b', c: 'c', a2: 'a', b2: 'b', c2: 'c' });
      world.clone('b', 'b-copy');
      world.clone('c2', 'c2-copy');
      run(world, choices, () => {
        oneIdForTheSameDirectories(world);
        recordsNameTheirDirectory(world);
      });
      if (world.durable.length > 1) foundings += 1;
    }),
    { numRuns: 500 },
  );
  expect(foundings).toBeGreaterThan(50);
});
