import { expect, test } from 'vitest';

import { startCluster, type Cluster } from '../support/cluster.ts';
import { Running } from './cli-process.ts';

const TTL_MS = 1_000;
const SOME_TTL_MS = 3_000;
const LONG_TTL_MS = 60_000;
/** Three in its time to live, for three times as long as it lives by itself. */
const RENEWALS = 9;

const lines = (ttlMs: number, count: number): RegExp => new RegExp(`^(?:${ttlMs}\\n){${count},}`);

interface Kept extends AsyncDisposable {
  readonly id: bigint;
  readonly command: Running;
}

/** A lease with the key `held`, which lives by the command alone once that has printed its first line. */
async function keptAlive(cluster: Cluster, ttlMs: number, ...flags: readonly string[]): Promise<Kept> {
  const program = await cluster.connect();
  const lease = await program.lease({ ttlMs });
  await program.put('held', 'yes', { lease });
  const args = ['lease', 'keep-alive', String(lease.id), '--endpoints', cluster.endpoints, ...flags];
  const command = new Running(args);
  await command.says(/\n/);
  await program.close();
  return { id: lease.id, command, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() };
}

test('keep-alive holds a lease for many times its time to live, until Ctrl-C, which is no failure', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const db = await cluster.connect();
  await using kept = await keptAlive(cluster, TTL_MS);
  await kept.command.says(lines(TTL_MS, RENEWALS));
  expect((await db.get('held'))?.lease).toBe(kept.id);
  kept.command.signal('SIGINT');
  expect(await kept.command.ended).toMatchObject({ code: 0, signal: null, err: '' });
});

test('keep-alive that is stopped by SIGTERM ends with 0, and leaves the lease as it is', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const db = await cluster.connect();
  await using kept = await keptAlive(cluster, LONG_TTL_MS, '-o', 'json');
  kept.command.signal('SIGTERM');
  const { out, ...end } = await kept.command.ended;
  expect(end).toEqual({ code: 0, signal: null, err: '' });
  expect(JSON.parse(out)).toEqual({ lease: String(kept.id), ttlMs: LONG_TTL_MS });
  expect(await db.leases.get(kept.id)).toMatchObject({ keyCount: 1 });
});

test('keep-alive of a lease that somebody revokes ends with LEASE_NOT_FOUND and 3', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const db = await cluster.connect();
  await using kept = await keptAlive(cluster, TTL_MS);
  expect(await db.leases.revoke(kept.id)).toBe(1);
  expect(await kept.command.ended).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^error\[LEASE_NOT_FOUND\]: /),
  });
});

test('keep-alive waits while its cluster has no majority, and goes on with the next leader', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  await using kept = await keptAlive(cluster, SOME_TTL_MS, '--timeout', '60s');
  const [follower] = await cluster.followers();
  if (follower === undefined) throw new Error('two follow');
  await Promise.all([cluster.kill9(await cluster.leader()), cluster.kill9(follower)]);
  const heard = kept.command.out.split('\n').length;
  await cluster.local.startAll();
  await kept.command.says(lines(SOME_TTL_MS, heard + 2));
  const db = await cluster.connect();
  expect((await db.get('held'))?.lease).toBe(kept.id);
  kept.command.signal('SIGINT');
  expect(await kept.command.ended).toMatchObject({ code: 0, err: '' });
});
