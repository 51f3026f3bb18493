import { expect, test } from 'vitest';

import { World } from './bootstrap-world.ts';

const VOTERS = ['a', 'b', 'c'];
const PLACES = { a: 'a', b: 'b', c: 'c' };

/** What the disk of each place knows: a cluster id or null. */
function clusterIds(world: World): (string | null)[] {
  return [...world.places.values()].map(({ disk }) => disk.genesis?.clusterId ?? null);
}

function founded(): World {
  const world = new World(VOTERS, PLACES);
  world.settle();
  return world;
}

function stop(world: World, ...places: readonly string[]): void {
  for (const place of places) if (world.place(place).process !== null) world.take({ type: 'crash', place });
}

function wipe(world: World, ...places: readonly string[]): void {
  stop(world, ...places);
  for (const place of places) world.take({ type: 'wipe', place });
}

/** Takes the first step of a kind that is possible now. */
function take(world: World, type: string, place: string): void {
  const step = world.possible().find((each) => each.type === type && 'place' in each && each.place === place);
  if (step === undefined) throw new Error(`${type} ${place} is not possible`);
  world.take(step);
}

function isStoring(world: World, place: string): boolean {
  return (world.place(place).process?.storing ?? null) !== null;
}

/** Steps without faults until a place has a write in flight. */
function runUntilStoring(world: World, place: string): void {
  for (let step = 0; step < 500 && !isStoring(world, place); step += 1) {
    const next = world.possible().find(({ type }) => ['start', 'dial', 'deliver', 'notice'].includes(type));
    if (next === undefined) break;
    world.take(next);
  }
  expect(isStoring(world, place)).toBe(true);
}

test('three fresh nodes found one cluster, and each has the record with every incarnation on disk', () => {
  const world = founded();
  const [first] = clusterIds(world);
  expect(clusterIds(world)).toEqual([first, first, first]);
  expect(world.durable[0]).toEqual({
    clusterId: first,
    clusterName: 'same',
    voters: VOTERS.map((id) => ({ id, incarnation: world.place(id).disk.incarnation })),
  });
  expect(world.refusals).toEqual([]);
});

test('a single voter founds its cluster alone', () => {
  const world = new World(['a'], { a: 'a' });
  world.take({ type: 'start', place: 'a' });
  take(world, 'stored', 'a');
  expect(world.place('a').process?.state.phase).toBe('founded');
});

test('nothing is drawn while one of the voters is missing', () => {
  for (const missing of VOTERS) {
    const world = new World(VOTERS, PLACES);
    for (let step = 0; step < 500; step += 1) {
      const next = world.possible().find((each) => {
        if (each.type === 'start') return each.place !== missing;
        return each.type === 'dial' || each.type === 'deliver';
      });
      if (next === undefined) break;
      world.take(next);
    }
    expect([...world.places.values()].map(({ process }) => process?.storing ?? null)).toEqual([
      null,
      null,
      null,
    ]);
  }
});

test('after a restart of all, the cluster is the same', () => {
  const world = founded();
  const before = clusterIds(world);
  stop(world, ...VOTERS);
  world.settle();
  expect(clusterIds(world)).toEqual(before);
});

test.each([
  { wiped: ['a'], left: ['b', 'c'] },
  { wiped: ['c'], left: ['a', 'b'] },
  { wiped: ['a', 'b'], left: ['c'] },
  { wiped: ['b', 'c'], left: ['a'] },
])('of a founded cluster with $wiped wiped, the wiped are fenced and found nothing', ({ wiped, left }) => {
  for (const restartOthers of [false, true]) {
    const world = founded();
    const [before] = clusterIds(world);
    wipe(world, ...wiped);
    if (restartOthers) stop(world, ...left);
    world.settle();
    for (const place of wiped) expect(world.place(place).disk.genesis).toBe(null);
    for (const place of left) expect(world.place(place).disk.genesis?.clusterId).toBe(before);
    expect(new Set(world.refusals)).toEqual(new Set(['INCARNATION_FENCED']));
  }
});

test('when all are wiped, a new cluster is founded', () => {
  const world = founded();
  const [before] = clusterIds(world);
  wipe(world, ...VOTERS);
  world.settle();
  const [after] = clusterIds(world);
  expect(after).not.toBe(null);
  expect(after).not.toBe(before);
  expect(clusterIds(world)).toEqual([after, after, after]);
});

test('a founder that crashes before its record is durable has told nobody, and draws again', () => {
  const world = new World(VOTERS, PLACES);
  runUntilStoring(world, 'a');
  take(world, 'crash', 'a');
  expect(world.durable).toEqual([]);
  world.settle();
  const [first] = clusterIds(world);
  expect(clusterIds(world)).toEqual([first, first, first]);
});

test('a founder that crashes once its record is durable hands it out after its restart', () => {
  const world = new World(VOTERS, PLACES);
  runUntilStoring(world, 'a');
  take(world, 'crashWhileStoring', 'a');
  const [drawn] = clusterIds(world);
  expect(drawn).not.toBe(null);
  world.settle();
  expect(clusterIds(world)).toEqual([drawn, drawn, drawn]);
});

test('a founder that is wiped after one member stored the record is fenced, and the others go on with it', () => {
  const world = new World(VOTERS, PLACES);
  runUntilStoring(world, 'a');
  take(world, 'stored', 'a');
  runUntilStoring(world, 'b');
  take(world, 'stored', 'b');
  const drawn = world.place('b').disk.genesis?.clusterId;
  wipe(world, 'a');
  world.settle();
  expect(clusterIds(world)).toEqual([null, drawn, drawn]);
  expect(world.refusals).toContain('INCARNATION_FENCED');
});

test('a member that missed the genesis gets it from any other, if its incarnation is in it', () => {
  const world = new World(VOTERS, PLACES);
  runUntilStoring(world, 'a');
  take(world, 'stored', 'a');
  runUntilStoring(world, 'b');
  take(world, 'crashWhileStoring', 'b');
  stop(world, 'a', 'c');
  const drawn = world.place('b').disk.genesis?.clusterId;
  for (const place of ['b', 'c']) world.take({ type: 'start', place });
  for (let step = 0; step < 100; step += 1) {
    const next = world.possible().find(({ type }) => ['dial', 'deliver', 'stored'].includes(type));
    if (next === undefined) break;
    world.take(next);
  }
  expect(world.place('c').disk.genesis?.clusterId).toBe(drawn);
});

test('a directory copied before the founding gives no second record, whichever of the two is met', () => {
  const world = new World(VOTERS, PLACES);
  world.clone('b', 'b-copy');
  world.settle();
  const ids = new Set(clusterIds(world).filter((id) => id !== null));
  expect(ids.size).toBe(1);
});

test('two clusters of the same name stay two, and refuse each other', () => {
  const world = new World(VOTERS, { a: 'a', b: 'b', c: 'c', a2: 'a', b2: 'b', c2: 'c' });
  const within = (side: readonly string[]): void => {
    for (const place of side) world.take({ type: 'start', place });
    for (let step = 0; step < 500; step += 1) {
      const next = world.possible().find((each) => {
        if (each.type === 'dial') return side.includes(each.to) && side.includes(each.place);
        return each.type === 'deliver' || each.type === 'stored';
      });
      if (next === undefined) break;
      world.take(next);
    }
  };
  within(['a', 'b', 'c']);
  within(['a2', 'b2', 'c2']);
  const [one, , , two] = clusterIds(world);
  expect(clusterIds(world)).toEqual([one, one, one, two, two, two]);
  expect(one).not.toBe(two);
  expect(world.refusals).toEqual([]);
  // A member loses its connections and its addresses are mixed up.
  stop(world, 'b');
  world.take({ type: 'start', place: 'b' });
  world.take({ type: 'dial', place: 'b', to: 'c2' });
  for (const step of world.possible()) if (step.type === 'deliver') world.take(step);
  expect(world.refusals).toEqual(['WRONG_CLUSTER']);
  expect(clusterIds(world)).toEqual([one, one, one, two, two, two]);
});
