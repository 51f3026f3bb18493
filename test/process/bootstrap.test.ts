import { cp, rm } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { startArgs } from '../../scripts/support/local-cluster.mjs';
import { waitFor } from '../../scripts/support/wait-for.mjs';
import { QuorateError } from '../../src/client/index.ts';
import { caughtUp, stateOf } from '../support/agreement.ts';
import {
  planCluster,
  startCluster,
  type Cluster,
  type Database,
  type LocalNode,
} from '../support/cluster.ts';

test('three fresh nodes found one cluster, and find it again after a restart of all', async () => {
  await using cluster = await startCluster();
  const founded = new Set((await caughtUp(cluster)).map((status) => status.clusterId));
  expect(founded.size).toBe(1);
  await Promise.all(cluster.nodes.map((node) => node.kill9()));
  await cluster.local.startAll();
  expect(new Set((await caughtUp(cluster)).map((status) => status.clusterId))).toEqual(founded);
});

test('a wiped node is told INCARNATION_FENCED and may not vote; the others go on', async () => {
  await using cluster = await startCluster();
  const db = await written(cluster);
  const [wiped, ...others] = await cluster.followers();
  if (wiped === undefined) throw new Error('three nodes have two followers');
  await wipe(wiped);
  wiped.launch();
  await said(wiped, 'INCARNATION_FENCED');
  await db.put('after', 'wipe');

  // If the wiped node had a vote, it and one old node could elect a leader that lacks what was acknowledged.
  const leader = await cluster.leader();
  await leader.kill9();
  await expectNoQuorum(cluster, others);

  await leader.start();
  expect((await db.get('after'))?.text()).toBe('wipe');
});

test('a wiped node is still fenced after a restart of all', async () => {
  await using cluster = await startCluster();
  await written(cluster);
  const [wiped] = await cluster.followers();
  if (wiped === undefined) throw new Error('three nodes have two followers');
  await Promise.all(cluster.nodes.map((node) => node.kill9()));
  await rm(wiped.dataDir, { recursive: true });
  wiped.launch();
  await Promise.all(cluster.nodes.filter((node) => node !== wiped).map((node) => node.start()));
  await said(wiped, 'INCARNATION_FENCED');
  const db = await cluster.connect();
  expect((await db.get('before'))?.text()).toBe('wipe');
});

test('two wiped nodes do not found a cluster beside the one that is left', async () => {
  await using cluster = await startCluster();
  await written(cluster);
  const [left, ...wiped] = await cluster.followers();
  if (left === undefined) throw new Error('three nodes have two followers');
  const clusterId = (await left.status()).clusterId;
  for (const node of [...wiped, await cluster.leader()]) {
    await wipe(node);
    node.launch();
  }
  for (const node of cluster.nodes) if (node !== left) await said(node, 'INCARNATION_FENCED');
  await expectNoQuorum(cluster, [left]);
  expect((await left.status()).clusterId).toBe(clusterId);
});

test("a node does not start from a copy of another node's directory", async () => {
  await using cluster = await startCluster();
  await written(cluster);
  const [original, copy] = await cluster.followers();
  if (original === undefined || copy === undefined) throw new Error('three nodes have two followers');
  await original.stop();
  await wipe(copy);
  await cp(original.dataDir, copy.dataDir, { recursive: true });
  copy.launch();
  await said(copy, 'WRONG_NODE');
  expect((await copy.exit).code).not.toBe(0);
});

test('a copy that runs beside its original is noticed and named, and costs nothing acknowledged', async () => {
  await using cluster = await startCluster({ name: 'copied' });
  await using elsewhere = await planCluster();
  const db = await written(cluster);
  // The smallest id dials the others, so both the original and its copy will.
  const [original, ...others] = cluster.nodes;
  const [copy] = elsewhere.nodes;
  if (original === undefined || copy === undefined) throw new Error('three nodes each');
  await original.stop();
  await cp(original.dataDir, copy.dataDir, { recursive: true });
  await original.start();
  copy.launch(startArgs(copy, 'copied', cluster.local.peers.replace(original.peer, copy.peer)));
  await waitFor('the others say that two processes take turns', () =>
    others.some((node) => node.log.some((line) => line.includes('contested') && line.includes('WRONG_NODE')))
      ? true
      : undefined,
  );
  await copy.kill9();

  await db.put('after', 'copy');
  expect((await db.get('before'))?.text()).toBe('wipe');
  const states = (await caughtUp(cluster)).map(stateOf);
  expect(new Set(states).size, states.join('\n')).toBe(1);
});

test('two clusters of the same name do not mix', async () => {
  await using mine = await startCluster({ name: 'same' });
  await using other = await startCluster({ name: 'same' });
  const db = await written(mine);
  const [stranger] = await other.followers();
  const [target] = await mine.followers();
  if (stranger === undefined || target === undefined) throw new Error('three nodes have two followers');
  const before = await caughtUp(mine);

  // The stranger is pointed at my cluster under the id of a node that is down there.
  await stranger.stop();
  const place = mine.nodes.find((node) => node.id === stranger.id);
  if (place === undefined) throw new Error('both clusters have the same node ids');
  await place.stop();
  const plan = { id: place.id, client: place.client, peer: place.peer, dataDir: stranger.dataDir };
  stranger.launch(startArgs(plan, 'same', mine.local.peers));
  await said(stranger, 'WRONG_CLUSTER');
  if (stranger.alive) await stranger.kill9();

  await place.start();
  await db.put('after', 'stranger');
  const after = await caughtUp(mine);
  expect(after[0]?.clusterId).toBe(before[0]?.clusterId);
});

test('a node with another cluster name is told WRONG_CLUSTER', async () => {
  await using cluster = await startCluster({ name: 'right' });
  await written(cluster);
  const [node] = await cluster.followers();
  if (node === undefined) throw new Error('three nodes have two followers');
  await wipe(node);
  node.launch(startArgs(node, 'wrong', cluster.local.peers));
  await said(node, 'WRONG_CLUSTER');
  const db = await cluster.connect();
  expect((await db.get('before'))?.text()).toBe('wipe');
});

async function written(cluster: Cluster): Promise<Database> {
  const db = await cluster.connect();
  await db.put('before', 'wipe');
  await caughtUp(cluster);
  return db;
}

async function wipe(node: LocalNode): Promise<void> {
  await node.kill9();
  await rm(node.dataDir, { recursive: true });
}

/** Waits until the node's own output names the code: the operator must find it there. */
async function said(node: LocalNode, code: string): Promise<void> {
  await waitFor(`${node.id} says ${code}`, () =>
    node.log.some((line) => line.includes(code)) ? true : undefined,
  );
}

async function expectNoQuorum(cluster: Cluster, nodes: readonly LocalNode[]): Promise<void> {
  const db = await cluster.connect({ timeoutMs: 2_000 }, nodes);
  const refused = await db.put('during', 'x').catch((error: unknown) => error);
  expect(QuorateError.is(refused) ? refused.code : refused).toBe('NO_QUORUM');
}
