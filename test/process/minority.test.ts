import { expect, test } from 'vitest';

import { QuorateError } from '../../src/client/index.ts';
import { caughtUp } from '../support/agreement.ts';
import { startCluster, type Cluster, type Database, type LocalNode } from '../support/cluster.ts';
import { milliseconds, report } from '../support/report.ts';

const DEADLINE_MS = 2_000;
/** Between the deadline and the moment at which a busy machine lets the caller know. */
const SLACK_MS = 300;

test('two of five, cut off from the leader, refuse to decide and serve labelled local reads', async () => {
  await using cluster = await startCluster({ nodes: 5 });
  const db = await cluster.connect();
  await db.put('before', 'one');
  await caughtUp(cluster);
  const [first, second, ...rest] = await cluster.followers();
  if (first === undefined || second === undefined) throw new Error('five nodes have four followers');
  await killAll([...rest, await cluster.leader()]);
  await expectNoDecision(cluster, [first, second]);
  await expectRecovery(cluster, db);
});

test('a leader left with one follower of four stops deciding as well', async () => {
  await using cluster = await startCluster({ nodes: 5 });
  const db = await cluster.connect();
  await db.put('before', 'one');
  await caughtUp(cluster);
  const leader = await cluster.leader();
  const [last, ...rest] = await cluster.followers();
  if (last === undefined) throw new Error('five nodes have four followers');
  await killAll(rest);
  await expectNoDecision(cluster, [leader, last]);
  await expectRecovery(cluster, db);
});

async function killAll(nodes: readonly LocalNode[]): Promise<void> {
  expect(nodes).toHaveLength(3);
  await Promise.all(nodes.map((node) => node.kill9()));
}

async function expectNoDecision(cluster: Cluster, survivors: readonly LocalNode[]): Promise<void> {
  for (const node of survivors) {
    const db = await cluster.connect({ timeoutMs: DEADLINE_MS }, [node]);
    const write = await refusal(() => db.put('during', 'two'));
    const read = await refusal(() => db.get('before'));
    report(
      `${node.id}: put ${write.error.code} (${write.error.outcome}) after ${milliseconds(write.elapsedMs)}, ` +
        `get ${read.error.code} after ${milliseconds(read.elapsedMs)}`,
    );
    for (const { error, elapsedMs } of [write, read]) {
      expect(error.code).toBe('NO_QUORUM');
      expect(error.retryable).toBe(true);
      expect(elapsedMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
    }
    const local = await db.read('before', { level: 'local' });
    expect(local.level).toBe('local');
    expect(local.entry?.text()).toBe('one');
  }
}

/** With a quorum back, what was there is there, and a refused write did not come true where it said so. */
async function expectRecovery(cluster: Cluster, db: Database): Promise<void> {
  await cluster.local.startAll();
  await cluster.leader();
  expect((await db.get('before'))?.text()).toBe('one');
  await db.put('after', 'three');
  expect((await db.get('after'))?.text()).toBe('three');
}

async function refusal(
  call: () => Promise<unknown>,
): Promise<{ readonly error: QuorateError; readonly elapsedMs: number }> {
  const startedAt = performance.now();
  try {
    await call();
  } catch (error) {
    if (!QuorateError.is(error)) throw error;
    return { error, elapsedMs: performance.now() - startedAt };
  }
  throw new Error('a minority decided');
}
