/** What a soak may break: how each fault is drawn, how it is made, and what shows that it happened. */
import type { RandomStream } from '../../../src/sim/kernel/random.ts';
import type { FaultableCluster, FaultName, FaultNode, Proof } from '../faults/vocabulary.ts';
import { link } from '../faults/vocabulary.ts';

const HOUR_MS = 3_600_000;

/** What is counted of it; `down`: whoever it hit is dead at the end of the round. */
export type Trace = 'stopped' | 'slowed' | 'cuts' | 'kills' | 'pauses' | 'harmed' | 'down';

export interface Made {
  readonly cluster: FaultableCluster;
  /** All of them, in the order drawn; the first ones are whom the fault is about. */
  readonly order: readonly FaultNode[];
  readonly amount: number;
}

export interface Fault {
  /** One round takes at most one fault of each. */
  readonly family: 'links' | 'machine';
  readonly words: readonly FaultName[];
  readonly trace: Trace;
  /** Only in a cluster of so many. */
  readonly nodes?: 5;
  /** How many of the order it may end. @default 0 */
  readonly ends?: (amount: number) => number;
  readonly amount: (random: RandomStream, nodes: number) => number;
  readonly make: (made: Made) => Promise<void>;
}

const NOTHING = (): number => 0;
const MINORITY = (random: RandomStream, nodes: number): number =>
  random.between(1, Math.floor((nodes - 1) / 2));
const ANY = (random: RandomStream, nodes: number): number => random.between(1, nodes);

/** No `wipe` and no `lieAboutSync`: those lose what only other nodes still have, and Raft does not promise against it. */
export const FAULTS = {
  'one node isolated': links(['isolate'], NOTHING, ({ cluster, order }) => cluster.isolate(at(order, 0))),
  'a partition in two': links(['partition'], MINORITY, ({ cluster, order, amount }) =>
    cluster.partition(order.slice(0, amount), order.slice(amount)),
  ),
  'a partition without a majority': links(['partition'], NOTHING, ({ cluster, order }) =>
    cluster.partition(order.slice(0, order.length - 3), order.slice(-3, -1), order.slice(-1)),
  ),
  'a star': links(['partition'], NOTHING, ({ cluster, order: [hub, ...rest] }) =>
    cluster.partition(...rest.map((node) => (hub === undefined ? [node] : [hub, node]))),
  ),
  'a node that does not hear another': links(['oneWay'], NOTHING, ({ cluster, order }) =>
    cluster.oneWay(at(order, 0), at(order, 1)),
  ),
  'a deaf node': links(['oneWay'], NOTHING, async ({ cluster, order: [deaf, ...rest] }) => {
    for (const other of rest) if (deaf !== undefined) await cluster.oneWay(deaf, other);
  }),
  'a mute node': links(['oneWay'], NOTHING, async ({ cluster, order: [mute, ...rest] }) => {
    for (const other of rest) if (mute !== undefined) await cluster.oneWay(other, mute);
  }),
  'a bridge': {
    ...links(['bridge'], NOTHING, ({ cluster, order }) => cluster.bridge(at(order, 0))),
    nodes: 5,
  },
  'a ring': { ...links(['ring'], NOTHING, ({ cluster }) => cluster.ring()), nodes: 5 },
  'a chain': links(['chain'], NOTHING, ({ cluster, order }) => cluster.chain(...order)),
  'a flapping link': links(
    ['flap'],
    (random) => random.between(200, 1_000),
    ({ cluster, order, amount }) =>
      cluster.flap(link(at(order, 0), at(order, 1)), { downMs: amount, upMs: amount }),
  ),
  'loss on all links': links(
    ['lose'],
    (random) => random.between(5, 40),
    ({ cluster, order, amount }) => everyLink(order, (each) => cluster.lose(each, amount)),
    'slowed',
  ),
  'narrow links': links(
    ['throttle'],
    (random) => random.between(300, 2_500),
    ({ cluster, order, amount }) => everyLink(order, (each) => cluster.throttle(each, amount)),
    'slowed',
  ),
  'long links': links(
    ['delay'],
    (random) => random.between(20, 150),
    ({ cluster, order, amount }) => everyLink(order, (each) => cluster.delay(each, amount, amount / 2)),
    'slowed',
  ),
  'a half-open connection': links(['halfOpen'], NOTHING, ({ cluster, order }) =>
    cluster.halfOpen(link(at(order, 0), at(order, 1))),
  ),
  'connections reset': links(
    ['cut'],
    NOTHING,
    ({ cluster, order }) => everyLink(order, (each) => cluster.cut(each)),
    'cuts',
  ),
  'replies lost': links(['loseReplies'], NOTHING, ({ cluster, order }) => cluster.loseReplies(at(order, 0))),

  'kill -9': machine(
    ['kill9'],
    'kills',
    ANY,
    toSome((cluster, node) => cluster.kill9(node)),
    all,
  ),
  'a graceful stop': machine(
    ['stop'],
    'down',
    NOTHING,
    first((cluster, node) => cluster.stop(node)),
    one,
  ),
  'a pause': machine(
    ['pause'],
    'pauses',
    ANY,
    toSome((cluster, node) => cluster.pause(node)),
  ),
  'a busy loop': machine(
    ['busyLoop'],
    'harmed',
    (random) => random.between(200, 2_500),
    first((cluster, node, ms) => cluster.busyLoop(node, ms)),
  ),
  'a clock that jumps': machine(
    ['clockJump'],
    'harmed',
    (random) => random.between(-HOUR_MS, HOUR_MS),
    first((cluster, node, ms) => cluster.clockJump(node, ms)),
  ),
  'a crash right before a sync': machine(
    ['crashAtSync'],
    'down',
    (random) => random.between(1, 12),
    first((cluster, node, nth) => cluster.crashAtSync(node, nth, 'before')),
    one,
  ),
  'a crash right after a sync': machine(
    ['crashAtSync'],
    'down',
    (random) => random.between(1, 12),
    first((cluster, node, nth) => cluster.crashAtSync(node, nth, 'after')),
    one,
  ),
  'a sync that fails': machine(
    ['failSync'],
    'down',
    NOTHING,
    first((cluster, node) => cluster.failSync(node)),
    one,
  ),
  'a slow disk': machine(
    ['stallSync'],
    'harmed',
    (random) => random.between(20, 2_000),
    first((cluster, node, ms) => cluster.stallSync(node, ms)),
  ),
  'a full disk': machine(
    ['fillDisk'],
    'harmed',
    NOTHING,
    first((cluster, node) => cluster.fillDisk(node)),
    one,
  ),
  'a power cut': machine(
    ['powerCut'],
    'harmed',
    ANY,
    toSome((cluster, node) => cluster.powerCut(node)),
    all,
  ),
} satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof FAULTS;

export const FAULT_KINDS = Object.keys(FAULTS).filter((kind): kind is FaultKind => kind in FAULTS);

export function faultOf(kind: FaultKind): Fault {
  return FAULTS[kind];
}

/** How much of this trace there is in a proof. */
export function traceIn({ links: counted, nodes }: Proof, trace: Trace): number {
  switch (trace) {
    case 'stopped':
      return sum(counted.map(({ stoppedBytes }) => stoppedBytes));
    case 'slowed':
      return sum(counted.map(({ slowedBytes }) => slowedBytes));
    case 'cuts':
      return sum(counted.map(({ cuts }) => cuts));
    case 'down':
      return nodes.filter(({ state }) => state === 'down').length;
    case 'kills':
    case 'pauses':
    case 'harmed':
      return sum(nodes.map((node) => node[trace]));
  }
}

type Make = Fault['make'];

function links(
  words: readonly FaultName[],
  amount: Fault['amount'],
  make: Make,
  trace: Trace = 'stopped',
): Fault {
  return { family: 'links', words, trace, amount, make };
}

function machine(
  words: readonly FaultName[],
  trace: Trace,
  amount: Fault['amount'],
  make: Make,
  ends: (amount: number) => number = NOTHING,
): Fault {
  return { family: 'machine', words, trace, amount, make, ends };
}

/** To as many as the amount says. */
function toSome(make: (cluster: FaultableCluster, node: FaultNode) => Promise<void>): Make {
  return async ({ cluster, order, amount }) => {
    await Promise.all(order.slice(0, amount).map((node) => make(cluster, node)));
  };
}

function first(make: (cluster: FaultableCluster, node: FaultNode, amount: number) => Promise<void>): Make {
  return async ({ cluster, order, amount }) => await make(cluster, at(order, 0), amount);
}

function one(): number {
  return 1;
}

function all(amount: number): number {
  return amount;
}

async function everyLink(
  nodes: readonly FaultNode[],
  make: (each: ReturnType<typeof link>) => Promise<void>,
): Promise<void> {
  for (const [place, node] of nodes.entries())
    for (const other of nodes.slice(place + 1)) await make(link(node, other));
}

function at(order: readonly FaultNode[], place: number): FaultNode {
  const node = order[place];
  if (node === undefined) throw new Error(`no node at place ${place}`);
  return node;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
