import { rm } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { QuorateError } from '../../src/client/index.ts';
import { startCluster } from '../support/cluster.ts';
import { WireClient } from '../support/wire-client.ts';
import { put } from '../support/wire-requests.ts';

const RECORDS = 200;

test("an acknowledged write needs no leader's disk; what only that disk holds is not acknowledged", async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const leader = await cluster.leader();
  const followers = await cluster.followers();
  const client = await WireClient.open(leader);
  const names = Array.from({ length: RECORDS }, (_, index) => `kept/${index}`);
  await Promise.all(names.map((name) => client.write(put(name, 'x'))));

  // Both followers hear nothing: the leader is alone with its disk, and does not know it yet.
  for (const node of followers) node.pause();
  const alone = await client.write(put('alone', 'x'), 1_000).catch((error: unknown) => error);
  expect(QuorateError.is(alone) ? alone.outcome : alone).toBe('unknown');

  await Promise.all(cluster.nodes.map((node) => node.kill9()));
  await rm(leader.dataDir, { recursive: true });
  await Promise.all(followers.map((node) => node.start()));
  const db = await cluster.connect({}, followers);
  const found: string[] = [];
  for await (const entry of db.scan({ prefix: 'kept/' })) found.push(entry.key);
  expect(found.toSorted()).toEqual(names.toSorted());
});
