import { array, assert, nat, property } from 'fast-check';
import { expect, test } from 'vitest';

import type { Genesis } from '../../../src/wire/peer-protocol.ts';
import { World } from './bootstrap-world.ts';
import type { Step } from './bootstrap-world-parts.ts';

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

function names({ voters }: Genesis, id: string, incarnation: string): boolean {
  return voters.some((voter) => voter.id === id && voter.incarnation === incarnation);
}

/** A record is stored only by directories that it names. */
function recordsNameTheirDirectory(world: World): void {
  for (const { id, disk } of world.places.values()) {
    if (disk.genesis !== null && !names(disk.genesis, id, disk.incarnation))
      throw new Error(`${id} is not in its own`);
  }
}

/** While each node runs once, no second cluster begins as long as any disk has a record of the first. */
function oneClusterOnAllDisks(world: World): void {
  const ids = new Set([...world.places.values()].flatMap(({ disk }) => disk.genesis?.clusterId ?? []));
  if (ids.size > 1) throw new Error(`two clusters on the disks: ${[...ids].join(', ')}`);
}

const LAWS = [oneIdForTheSameDirectories, recordsNameTheirDirectory, oneClusterOnAllDisks];
const FAULTS: ReadonlySet<string> = new Set(['crash', 'crashWhileStoring', 'wipe']);

interface Node {
  readonly history: readonly Step[];
  readonly faults: number;
  readonly dials: number;
}

/** Every order of everything that can happen to two voters, up to so many faults and connections. */
function exploreAll(
  faultsMax: number,
  dialsMax: number,
): { readonly states: number; readonly founded: number } {
  const seen = new Set<string>();
  let founded = 0;
  let frontier: Node[] = [{ history: [], faults: 0, dials: 0 }];
  while (frontier.length > 0) {
    const next: Node[] = [];
    for (const node of frontier) {
      for (const step of replay(node.history).possible()) {
        const faults = node.faults + (FAULTS.has(step.type) ? 1 : 0);
        const dials = node.dials + (step.type === 'dial' ? 1 : 0);
        if (faults > faultsMax || dials > dialsMax) continue;
        const history = [...node.history, step];
        const world = replay(history);
        const key = `${faults} ${dials} ${world.key()}`;
        if (seen.has(key)) continue;
        seen.add(key);
        hold(world, LAWS, history);
        if (world.durable.length > 1) founded += 1;
        next.push({ history, faults, dials });
      }
    }
    frontier = next;
  }
  return { states: seen.size, founded };
}

function replay(history: readonly Step[]): World {
  const world = new World(['a', 'b'], { a: 'a', b: 'b' });
  for (const step of history) world.take(step);
  return world;
}

function hold(world: World, laws: readonly ((world: World) => void)[], history: readonly Step[]): void {
  try {
    for (const law of laws) law(world);
  } catch (error) {
    throw new Error(`broken by\n${history.map((step) => JSON.stringify(step)).join('\n')}`, { cause: error });
  }
}

test('of two voters, whatever crashes, is wiped or hangs at whatever moment, there is one cluster on the disks', () => {
  const { states, founded } = exploreAll(2, 2);
  // An exploration that founds nothing proves nothing.
  expect(states).toBeGreaterThan(500);
  expect(founded).toBeGreaterThan(50);
});

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

/** Runs the world by a list of numbers: each picks one of the possible steps. */
function run(
  world: World,
  picks: readonly number[],
  laws: readonly ((world: World) => void)[],
  allowed: (step: Step) => boolean = () => true,
): void {
  const history: Step[] = [];
  for (const pick of picks) {
    const steps = world.possible().filter(allowed);
    let left = pick % steps.reduce((sum, { type }) => sum + WEIGHTS[type], 0);
    const step = steps.find(({ type }) => {
      left -= WEIGHTS[type];
      return left < 0;
    });
    if (step === undefined) return;
    history.push(step);
    world.take(step);
    hold(world, laws, history);
  }
}

const picks = array(nat(1_000_000), { minLength: 40, maxLength: 200, size: 'max' });
/** The history is in the error; shorter ones are not worth minutes. */
const STOP_AT_ONCE = { endOnFailure: true };

test('of three voters as well, in random orders', () => {
  let founded = 0;
  assert(
    property(picks, (choices) => {
      const world = new World(VOTERS, { a: 'a', b: 'b', c: 'c' });
      run(world, choices, LAWS);
      if (world.durable.length > 1) founded += 1;
    }),
    { numRuns: 400, ...STOP_AT_ONCE },
  );
  expect(founded).toBeGreaterThan(50);
});

test('without wipes, everybody ends in one cluster once the faults are over', () => {
  assert(
    property(picks, (choices) => {
      const world = new World(VOTERS, { a: 'a', b: 'b', c: 'c' });
      run(world, choices, LAWS, ({ type }) => type !== 'wipe');
      world.settle();
      const ids = [...world.places.values()].map(({ disk }) => disk.genesis?.clusterId ?? null);
      expect(ids).not.toContain(null);
      expect(new Set(ids).size).toBe(1);
    }),
    { numRuns: 200, ...STOP_AT_ONCE },
  );
});

test('with copies of directories and two clusters of one name in one network, no directories get two ids', () => {
  let founded = 0;
  assert(
    property(picks, (choices) => {
      const world = new World(VOTERS, { a: 'a', b: 'b', c: 'c', a2: 'a', b2: 'b', c2: 'c' });
      world.clone('b', 'b-copy');
      world.clone('c2', 'c2-copy');
      run(world, choices, [oneIdForTheSameDirectories, recordsNameTheirDirectory]);
      if (world.durable.length > 1) founded += 1;
    }),
    { numRuns: 300, ...STOP_AT_ONCE },
  );
  expect(founded).toBeGreaterThan(20);
});
