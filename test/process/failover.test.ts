import { expect, test } from 'vitest';

import { killLeaderTrial, stopLeaderTrial } from '../../scripts/support/failover-trial.mjs';
import { startCluster } from '../support/cluster.ts';
import { milliseconds, report } from '../support/report.ts';

/** A sample; `npm run failover` prints the distribution over twenty. */
const TRIALS = 3;
const KILL_MAX_MS = 1_000;
const STOP_MAX_MS = 200;

test('a killed leader is replaced, and the first write acknowledged, within a second', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const db = await cluster.connect();
  await db.put('failover/warm', 'x');
  const trialsMs: number[] = [];
  for (let trial = 0; trial < TRIALS; trial += 1) trialsMs.push(await killLeaderTrial(cluster.local, db));
  report(`kill -9 to the first acknowledged write: ${trialsMs.map(milliseconds).join(', ')}`);
  for (const failoverMs of trialsMs) expect(failoverMs).toBeLessThan(KILL_MAX_MS);
});

test('a leader that is stopped gracefully costs clients no error and less than 200 ms', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const db = await cluster.connect();
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const felt = await stopLeaderTrial(cluster.local, db);
    const { slowestWriteMs, longestGapMs, writes } = felt;
    report(
      `graceful stop: slowest of ${writes} writes ${milliseconds(slowestWriteMs)}, ` +
        `longest gap ${milliseconds(longestGapMs)}`,
    );
    expect(felt.errors).toEqual([]);
    expect(slowestWriteMs).toBeLessThan(STOP_MAX_MS);
  }
});
