import { expect, test } from 'vitest';
import type { Membership, Message, NodeId } from '../../../src/raft/index.ts';
import { allLinks, hasHub, link, star } from '../../support/connectivity.ts';
import type { Links } from '../../support/connectivity.ts';
import { Disk } from './disk.ts';
import { EventQueue } from './event-queue.ts';
import { nodeId } from './ids.ts';
import { Laws } from './laws.ts';
import { optionsOf } from './mood.ts';
import { Random } from './random.ts';
import { SimulatedNode, type World } from './simulated-node.ts';

const SEEDS = Number(process.env['RAFT_SEEDS'] ?? 120);
const FIRST_SEED = Number(process.env['RAFT_FIRST_SEED'] ?? 1);
const E_MS = 600;

/** Random times and loads; the links are what the seed plants. */
class Planted implements World {
  readonly time = new EventQueue();
  readonly random: Random;
  readonly laws: Laws;
  readonly nodes: readonly SimulatedNode[];
  readonly trace: string[] = [];
  links: Links;
  readonly #noticed: boolean;

  constructor(seed: number, size: number) {
    this.random = new Random(seed);
    this.#noticed = this.random.chance(50);
    const ids = Array.from({ length: size }, (_, i) => nodeId(`n${i + 1}`));
    this.links = allLinks(ids);
    const membership: Membership = { voters: ids, outgoing: [], learners: [] };
    const disks = new Map(ids.map((id) => [id, new Disk(membership)]));
    this.laws = new Laws(disks);
    const options = { ...optionsOf(this.random), electionTimeoutMaxMs: E_MS, uncommittedBytesMax: 100_000 };
    this.nodes = Array.from(disks, ([id, disk]) => new SimulatedNode(this, { ...options, id }, disk));
    for (const node of this.nodes) node.start();
  }

  get ids(): readonly NodeId[] {
    return this.nodes.map(({ id }) => id);
  }

  /** Of those who think that they lead, the one with the highest term. */
  get leader(): SimulatedNode | undefined {
    return this.nodes
      .filter((node) => node.leading)
      .toSorted((a, b) => b.leadership.term - a.leadership.term)[0];
  }

  note(line: () => string): void {
    this.trace.push(`${this.time.now} ${line()}`);
  }

  diskDelayMs(): number {
    return this.random.between(0, 5);
  }

  carry(message: Message): void {
    this.time.after(this.random.between(1, 4), () => {
      if (!this.links.has(link(message.from, message.to))) return;
      this.nodes.find(({ id }) => id === message.to)?.step({ type: 'message', message });
    });
  }

  settle(): void {
    // What becomes of proposals is not the question here.
  }

  observe(): void {
    // The laws that the simulation holds are enough here.
  }

  run(forMs: number): void {
    this.time.runUntil(this.time.now + forMs);
  }

  propose(node: SimulatedNode | undefined, count: number): void {
    const payloads = Array.from({ length: count }, () => Uint8Array.of(this.random.between(0, 255)));
    node?.step({ type: 'propose', ref: 1, payloads });
  }

  /** Half of the seeds have a transport that notices which of a node's own connections are closed. */
  plant(links: Links): void {
    this.note(() => `only these links work: ${[...links].join(' ')}`);
    this.links = links;
    if (!this.#noticed) return;
    for (const node of this.nodes) {
      for (const peer of this.ids) {
        if (peer !== node.id) node.step({ type: 'link', peer, up: links.has(link(node.id, peer)) });
      }
    }
  }
}

/** A leader works; some nodes miss its last entries, or a new leader's while the old one adds its own. */
function divergedCluster(seed: number, size: number): Planted {
  const world = new Planted(seed, size);
  const { random } = world;
  world.run(3 * E_MS);
  for (let rounds = random.between(0, 3); rounds > 0; rounds -= 1) {
    const cutOff = world.ids.filter(() => random.chance(35));
    const left = [...allLinks(world.ids)].filter((each) => !cutOff.some((id) => each.includes(id)));
    world.plant(new Set(left));
    for (const node of world.nodes) if (node.leading) world.propose(node, random.between(1, 6));
    world.run(random.between(0, 3 * E_MS));
  }
  return world;
}

function expectOneStableLeader(world: Planted, within: number): void {
  const tell = (): string => world.trace.slice(-150).join('\n');
  world.run(within);
  const { leader } = world;
  expect(leader, `nobody leads\n${tell()}`).toBeDefined();
  const term = leader?.leadership.term;
  world.propose(leader, 3);
  world.run(10 * E_MS);
  if (leader?.leading !== true || leader.leadership.term !== term)
    throw new Error(`it does not last\n${tell()}`);
  const { committed, last } = leader.status() ?? {};
  expect(committed, `nothing commits\n${tell()}`).toBe(last?.index);
  expect(
    world.nodes.filter((node) => node.leading),
    'others lead too',
  ).toHaveLength(1);
}

function forEachSeed(run: (seed: number) => void): void {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    try {
      run(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
}

const LONG = { timeout: 3_600_000 };

test(
  'whatever happened before: the only one who sees a quorum leads, soon and for good (Omni-Paxos)',
  LONG,
  () => {
    forEachSeed((seed) => {
      const world = divergedCluster(seed, 5);
      const hub = world.random.pick(world.ids);
      world.plant(star(world.ids, hub));
      expectOneStableLeader(world, 4 * E_MS);
      expect(world.leader?.id).toBe(hub);
    });
  },
);

test('whatever happened before: a chain has one leader, soon and for good (Omni-Paxos)', LONG, () => {
  forEachSeed((seed) => {
    const world = divergedCluster(seed, 3);
    const middle = world.random.pick(world.ids);
    world.plant(star(world.ids, middle));
    expectOneStableLeader(world, 4 * E_MS);
  });
});

test.each([3, 5])(
  '%i nodes with any one-way links have one leader where somebody speaks with a majority',
  LONG,
  (size) => {
    forEachSeed((seed) => {
      const world = divergedCluster(seed, size);
      const density = world.random.between(30, 90);
      const links = new Set([...allLinks(world.ids)].filter(() => world.random.chance(density)));
      world.plant(links);
      if (hasHub(world.ids, links)) expectOneStableLeader(world, 4 * E_MS);
    });
  },
);
