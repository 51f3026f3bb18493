/** Words for one machine that no row of the matrix says: what they do, and that the others go on. */
import { readdir } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { QuorateError } from '../../src/client/index.ts';
import { waitFor } from '../../scripts/support/wait-for.mjs';
import type { FaultNode, NodeProof } from '../support/faults/vocabulary.ts';
import { startCluster } from './support/cluster.ts';
import type { ContainerCluster } from './support/cluster.ts';

/** src/cli/exit-codes.ts */
const EXIT_UNHEALTHY = 7;

test('a full disk ends its node, which comes back once there is space; a wiped one has nothing left', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const { victim, others } = await cast(cluster);
  const db = await cluster.connect({ only: others, discover: false });
  await db.put('before', 'one');

  await cluster.fillDisk(victim);
  let count = 0;
  const { exitCode } = await waitFor(`${victim.id} ends`, async () => {
    count += 1;
    // Some of what the log needs is set aside for it already.
    await db.put('filling', `${count}`.padEnd(16_384, '.'));
    const proof = await proofOf(cluster, victim);
    return proof.state === 'down' ? proof : undefined;
  });
  expect(exitCode).toBe(EXIT_UNHEALTHY);
  expect((await cluster.said(victim)).join('\n')).toMatch(/No space left on device/u);
  await waitFor('the others go on', async () => await db.put('during', 'two'));
  await cluster.heal();
  await cluster.restart(victim);
  const direct = await cluster.connect({ only: [victim], discover: false });
  expect((await direct.get('during'))?.text()).toBe('two');

  await cluster.wipe(victim);
  expect((await proofOf(cluster, victim)).state).toBe('down');
  expect(await readdir(await cluster.dataDirectory(victim))).toEqual([]);
  await waitFor('the others go on', async () => await db.put('after', 'three'));
});

test('a write whose reply is lost took effect, and its client is told that it does not know', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const { victim, others } = await cast(cluster);
  const unheard = await cluster.connect({ only: [victim], discover: false, timeoutMs: 1_500 });
  const db = await cluster.connect({ only: others, discover: false });
  await unheard.put('before', 'one');

  await cluster.loseReplies(victim);
  const error: unknown = await unheard.put('unheard', 'two').then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!QuorateError.is(error)) throw new Error('a lost reply was heard', { cause: error });
  expect(error.outcome).toBe('unknown');
  expect((await db.get('unheard'))?.text()).toBe('two');
  const { links } = await cluster.proof();
  const stopped = links.filter(({ stoppedBytes }) => stoppedBytes > 0);
  expect(stopped.map(({ from, to }) => [from, to])).toEqual([[victim.id, 'clients']]);

  await cluster.heal();
  expect((await unheard.get('unheard'))?.text()).toBe('two');
});

async function cast(
  cluster: ContainerCluster,
): Promise<{ readonly victim: FaultNode; readonly others: readonly FaultNode[] }> {
  const leader = await cluster.leader();
  const victim = cluster.nodes.find((node) => node !== leader);
  if (victim === undefined) throw new Error('a cluster of one');
  return { victim, others: cluster.nodes.filter((node) => node !== victim) };
}

async function proofOf(cluster: ContainerCluster, { id }: FaultNode): Promise<NodeProof> {
  const found = (await cluster.proof()).nodes.find((node) => node.id === id);
  if (found === undefined) throw new Error(`no node ${id}`);
  return found;
}
