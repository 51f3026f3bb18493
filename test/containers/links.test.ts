/** What each word for links means, asked with packets of our own: no node runs, so every counted byte is one of them. */
import { expect, test } from 'vitest';

import { run } from '../../scripts/engine/command.mjs';
import type { FaultNode, Proof } from '../support/faults/vocabulary.ts';
import { link } from '../support/faults/vocabulary.ts';
import { report } from '../support/report.ts';
import { ContainerCluster } from './support/cluster.ts';
import { BURST_BYTES } from './support/packet-filter.ts';

/** Nobody listens there: the filter has counted before the network says so. */
const DISCARD_PORT = 9;
const PAYLOAD_BYTES = 100;
/** With headers of IP and UDP. */
const PACKET_BYTES = PAYLOAD_BYTES + 28;

interface Word {
  readonly name: string;
  readonly say: (cluster: ContainerCluster, nodes: Five) => Promise<void>;
  /** For n1 to n5, whom it hears. */
  readonly hears: readonly [string, string, string, string, string];
}

type Five = readonly [FaultNode, FaultNode, FaultNode, FaultNode, FaultNode];

const WORDS: readonly Word[] = [
  {
    name: 'isolate(n1)',
    say: (cluster, [n1]) => cluster.isolate(n1),
    hears: ['', 'n3 n4 n5', 'n2 n4 n5', 'n2 n3 n5', 'n2 n3 n4'],
  },
  {
    name: 'partition([n1, n2], [n3, n4, n5])',
    say: (cluster, [n1, n2, ...rest]) => cluster.partition([n1, n2], rest),
    hears: ['n2', 'n1', 'n4 n5', 'n3 n5', 'n3 n4'],
  },
  {
    name: 'oneWay(n1, n2)',
    say: (cluster, [n1, n2]) => cluster.oneWay(n1, n2),
    hears: ['n3 n4 n5', 'n1 n3 n4 n5', 'n1 n2 n4 n5', 'n1 n2 n3 n5', 'n1 n2 n3 n4'],
  },
  {
    name: 'bridge(n5)',
    say: (cluster, [, , , , n5]) => cluster.bridge(n5),
    hears: ['n2 n5', 'n1 n5', 'n4 n5', 'n3 n5', 'n1 n2 n3 n4'],
  },
  {
    name: 'ring()',
    say: (cluster) => cluster.ring(),
    hears: ['n2 n5', 'n1 n3', 'n2 n4', 'n3 n5', 'n1 n4'],
  },
  {
    name: 'chain(n1, n2, n3)',
    say: (cluster, [n1, n2, n3]) => cluster.chain(n1, n2, n3),
    hears: ['n2', 'n1 n3', 'n2', '', ''],
  },
  {
    name: 'heal()',
    say: (cluster) => cluster.heal(),
    hears: ['n2 n3 n4 n5', 'n1 n3 n4 n5', 'n1 n2 n4 n5', 'n1 n2 n3 n5', 'n1 n2 n3 n4'],
  },
];

test('each word for links stops the packets that it names, and no others', async () => {
  await using cluster = await quietCluster(5);
  const nodes = five(cluster.nodes);
  for (const { name, say, hears } of WORDS) {
    await cluster.heal();
    await say(cluster, nodes);
    expect(await whoHearsWhom(cluster), name).toEqual(hears);
  }
});

test('a link loses its share at random, and a throttled one lets through what its rate allows', async () => {
  await using cluster = await quietCluster(3);
  const [n1, n2, n3] = cluster.nodes;
  if (n1 === undefined || n2 === undefined || n3 === undefined) throw new Error('three nodes were asked for');
  await cluster.lose(link(n1, n2), 30);
  for (const [from, to] of [
    [n1, n2],
    [n2, n1],
  ] as const) {
    const lost = await slowedOf(cluster, from, to, 1_000);
    report(`${from.id} to ${to.id}: ${lost} of 1000 packets lost`);
    // Six standard deviations: once in 500 million runs by chance.
    expect(lost).toBeGreaterThan(213);
    expect(lost).toBeLessThan(387);
  }
  const bytesPerSecond = 40_000;
  await cluster.throttle(link(n2, n3), bytesPerSecond);
  const since = performance.now();
  const packets = 5_000;
  const passed = packets - (await slowedOf(cluster, n2, n3, packets));
  const seconds = (performance.now() - since) / 1_000;
  const allowed = (bytesPerSecond * (seconds + 1) + BURST_BYTES) / PACKET_BYTES;
  report(`${passed} of ${packets} packets within ${seconds.toFixed(1)} s, ${Math.round(allowed)} allowed`);
  expect(passed).toBeGreaterThan(0);
  expect(passed).toBeLessThan(allowed);
});

/** No node runs, and no host answers that nobody listens: what is counted was sent by the test. */
async function quietCluster(nodes: number): Promise<ContainerCluster> {
  const cluster = await ContainerCluster.plan({ nodes });
  const rules =
    'add table inet quiet\nadd chain inet quiet out { type filter hook output priority 0; }\n' +
    'add rule inet quiet out icmp type destination-unreachable drop\n';
  for (const node of cluster.nodes) await inside(cluster, node, 'nft', ['--file', '-'], rules);
  return cluster;
}

async function inside(
  cluster: ContainerCluster,
  node: FaultNode,
  program: string,
  args: readonly string[],
  input = '',
): Promise<void> {
  await run('nsenter', ['--target', String(cluster.host(node).pod.pid), '--net', program, ...args], {
    input,
  });
}

/** For each node, the ids of those whose packets were let through. */
async function whoHearsWhom(cluster: ContainerCluster): Promise<readonly string[]> {
  const before = await cluster.proof();
  for (const from of cluster.nodes) await send(cluster, from, others(cluster, from), 1);
  const after = await cluster.proof();
  return cluster.nodes.map((to) => {
    const heard = others(cluster, to).filter((from) => {
      const passed = difference(before, after, from, to, 'passedBytes');
      const stopped = difference(before, after, from, to, 'stoppedBytes');
      // Each packet is counted once, as this or as that.
      expect(passed + stopped, `${from.id} to ${to.id}`).toBe(PACKET_BYTES);
      return passed > 0;
    });
    return heard.map(({ id }) => id).join(' ');
  });
}

async function slowedOf(
  cluster: ContainerCluster,
  from: FaultNode,
  to: FaultNode,
  packets: number,
): Promise<number> {
  const before = await cluster.proof();
  await send(cluster, from, [to], packets);
  const after = await cluster.proof();
  const slowed = difference(before, after, from, to, 'slowedBytes');
  expect(slowed + difference(before, after, from, to, 'passedBytes')).toBe(packets * PACKET_BYTES);
  return slowed / PACKET_BYTES;
}

/** From inside the namespace of a host. */
async function send(
  cluster: ContainerCluster,
  from: FaultNode,
  to: readonly FaultNode[],
  packets: number,
): Promise<void> {
  const addresses = to.map((node) => cluster.host(node).pod.address);
  const program = `
    const socket = require('node:dgram').createSocket('udp4');
    const send = (address) => new Promise((resolve, reject) =>
      socket.send(Buffer.alloc(${PAYLOAD_BYTES}), ${DISCARD_PORT}, address, (error) => error ? reject(error) : resolve()));
    (async () => {
      for (const address of ${JSON.stringify(addresses)})
        for (let count = 0; count < ${packets}; count += 1) await send(address);
      socket.close();
    })();
  `;
  await inside(cluster, from, process.execPath, ['--eval', program]);
}

function difference(
  before: Proof,
  after: Proof,
  from: FaultNode,
  to: FaultNode,
  counter: 'passedBytes' | 'stoppedBytes' | 'slowedBytes',
): number {
  const counted = ({ links }: Proof): number =>
    links.find((each) => each.from === from.id && each.to === to.id)?.[counter] ?? 0;
  return counted(after) - counted(before);
}

function others(cluster: ContainerCluster, node: FaultNode): readonly FaultNode[] {
  return cluster.nodes.filter((each) => each !== node);
}

function five(nodes: readonly FaultNode[]): Five {
  const [n1, n2, n3, n4, n5] = nodes;
  if (n1 === undefined || n2 === undefined || n3 === undefined || n4 === undefined || n5 === undefined)
    throw new Error('five nodes were asked for');
  return [n1, n2, n3, n4, n5];
}
