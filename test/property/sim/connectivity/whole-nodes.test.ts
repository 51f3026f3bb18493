/** What the core promises of odd networks and gray leaders, promised by whole nodes to their clients (Omni-Paxos). */
import { describe, expect, test } from 'vitest';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import { allLinks, hasHub, linksByBits, star } from '../../../support/connectivity.ts';
import type { Links } from '../../../support/connectivity.ts';
import { E_MS, LinkedCluster } from './linked-cluster.ts';

const WORKING_MS = 4 * E_MS;
/** So short that nobody asks for votes, so long that clients write. */
const BEHIND_MS = E_MS / 4;
const SETTLED_MS = 4 * E_MS;
const STABLE_MS = 6 * E_MS;

const THREE = ['A', 'B', 'C'];
const FIVE = ['A', 'B', 'C', 'D', 'E'];

/** Names of a test for the nodes of a run: A leads when the links change. */
type Named = ReadonlyMap<string, string>;

function idOf(named: Named, name: string): string {
  const id = named.get(name);
  if (id === undefined) throw new RangeError(`nobody is called ${name}`);
  return id;
}

function renamed(links: Links, named: Named): Links {
  return new Set([...links].map((each) => each.replaceAll(/[A-E]/gu, (name) => idOf(named, name))));
}

async function workingCluster(seed: number, names: readonly string[]): Promise<[LinkedCluster, Named]> {
  const cluster = new LinkedCluster(seed, names.length);
  await cluster.run(WORKING_MS);
  const { leadership } = cluster;
  if (leadership === null) throw new Error(`seed ${seed}: nobody leads\n${cluster.story}`);
  const ids = [leadership.leader, ...cluster.ids.filter((id) => id !== leadership.leader)];
  return [cluster, new Map(names.map((name, place) => [name, ids[place] ?? '']))];
}

/** From the moment at which the fault has settled. Returns who leads. */
async function expectOneStableLeader(cluster: LinkedCluster, what: string): Promise<string | undefined> {
  const settledAtMs = cluster.nowMs;
  const tell = (broken: string): string => `${what}: ${broken}\n${cluster.story}`;
  await cluster.run(SETTLED_MS);
  const { leadership } = cluster;
  expect(leadership, tell('nobody leads after 4 E')).not.toBeNull();
  const served = cluster.served.some(({ callMs }) => callMs >= settledAtMs);
  expect(served, tell('no client was served within 4 E')).toBe(true);
  await cluster.run(STABLE_MS);
  expect(cluster.leadership, tell('leadership moves on')).toEqual(leadership);
  expect(cluster.leaders, tell('others lead too')).toHaveLength(1);
  const last = cluster.served.at(-1)?.returnMs ?? 0;
  expect(cluster.nowMs - last, tell('clients are not served any more')).toBeLessThan(E_MS);
  return leadership?.leader;
}

/** A leads; these fall behind; only those links are left. Returns who leads then, by name. */
async function settle(
  seed: number,
  names: readonly string[],
  links: Links,
  behind: string,
): Promise<string | undefined> {
  const [cluster, named] = await workingCluster(seed, names);
  const cutOff = behind.split('').map((name) => idOf(named, name));
  await cluster.leaveBehind(cutOff, BEHIND_MS);
  cluster.plant(renamed(links, named));
  const what = `seed ${seed}, only ${[...links].join(' ')}, "${behind}" behind`;
  const leader = await expectOneStableLeader(cluster, what);
  return names.find((name) => named.get(name) === leader);
}

function textOf(links: Links): string {
  return [...links].toSorted().join(' ');
}

/** B and C are alike until the links are not: of a graph and its mirror image, one is enough. */
function graphsOfThree(): readonly Links[] {
  const mirror: Named = new Map([
    ['A', 'A'],
    ['B', 'C'],
    ['C', 'B'],
  ]);
  return Array.from({ length: 64 }, (_, bits) => linksByBits(THREE, bits)).filter(
    (links) => hasHub(THREE, links) && textOf(links) <= textOf(renamed(links, mirror)),
  );
}

/** Ten seconds alone; many times that beside other work. */
const LONG = { timeout: 240_000 };

describe('whole nodes have one stable leader, and clients are served, within four E', LONG, () => {
  test('in every graph of three nodes in which two speak with each other', async () => {
    const graphs = graphsOfThree();
    expect(graphs).toHaveLength(21);
    for (const [seed, links] of graphs.entries()) {
      await settle(seed, THREE, links, ['', 'B', 'C'][seed % 3] ?? '');
    }
  });

  test('in sampled graphs of five nodes in which somebody speaks with two others', async () => {
    const draws = new RandomSource(5).stream('graphs');
    for (let count = 0; count < 10; ) {
      const density = draws.between(30, 80);
      const links = new Set([...allLinks(FIVE)].filter(() => draws.chance(density)));
      if (!hasHub(FIVE, links)) continue;
      count += 1;
      await settle(count, FIVE, links, draws.pick(['', 'B', 'BC']));
    }
  });

  test('when the leader keeps only one link, to the one who sees everybody (quorum loss)', async () => {
    expect(await settle(1, FIVE, star(FIVE, 'C'), '')).toBe('C');
    expect(await settle(2, FIVE, star(FIVE, 'C'), 'BD')).toBe('C');
  });

  test('when only one sees a quorum, its log is old, and the leader is gone (constrained election)', async () => {
    const links = new Set([...star(FIVE, 'C')].filter((each) => !each.includes('A')));
    expect(await settle(1, FIVE, links, 'C')).toBe('C');
    expect(await settle(2, FIVE, links, 'BC')).toBe('C');
  });

  test.each(THREE)('when the links make a chain, with %s in its middle', async (middle) => {
    await settle(1, THREE, star(THREE, middle), '');
    await settle(2, THREE, star(THREE, middle), 'B');
  });

  test('when the disk of the leader is stuck', async () => {
    const [cluster, named] = await workingCluster(1, THREE);
    cluster.stickDisk(idOf(named, 'A'));
    expect(await expectOneStableLeader(cluster, 'stuck disk')).not.toBe(idOf(named, 'A'));
  });

  test('when the event loop of the leader is stuck, and when it goes on', async () => {
    const [cluster, named] = await workingCluster(1, THREE);
    const stuck = cluster.node(idOf(named, 'A'));
    stuck.sleep(SETTLED_MS + E_MS);
    expect(await expectOneStableLeader(cluster, 'stuck loop')).not.toBe(stuck.id);
  });
});
