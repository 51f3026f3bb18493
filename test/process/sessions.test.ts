import { expect, test } from 'vitest';

import { QuorateError } from '../../src/client/index.ts';
import { exactlyOnce } from '../support/scenarios/sessions.ts';
import { reportLines } from '../support/scenarios/report-lines.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import { startCluster } from '../support/cluster.ts';
import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { report } from '../support/report.ts';

const WRITERS = 16;
const KILLS = 3;
const WRITES_BETWEEN = 150;

test('a thousand increments take effect once each, with lost replies and killed leaders, and none is left unknown', async (context) => {
  const played = await runScenario(exactlyOnce(1_000), (plan) => ProcessCluster.start(plan));
  if (played.type === 'skipped') return context.skip(played.why);
  report(reportLines(played));
  expect(played.complaints).toEqual([]);
});

test('whoever writes as programs do by default feels a killed leader as a pause, and hears of no error', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const db = await cluster.connect();
  const errors: string[] = [];
  let acknowledged = 0;
  const end = new AbortController();
  const writers = Array.from({ length: WRITERS }, async () => {
    while (!end.signal.aborted) {
      try {
        await db.increment('hits', 1n);
        acknowledged += 1;
      } catch (error) {
        if (!QuorateError.is(error)) throw error;
        errors.push(`${error.code} ${error.outcome}`);
      }
    }
  });
  for (let kill = 0; kill < KILLS; kill += 1) {
    const enough = acknowledged + WRITES_BETWEEN;
    await expect.poll(() => acknowledged, { timeout: 20_000 }).toBeGreaterThan(enough);
    const leader = await cluster.leader();
    await leader.kill9();
    await leader.start();
  }
  end.abort();
  await Promise.all(writers);
  report(
    `${acknowledged} increments by ${WRITERS} writers, ${KILLS} leaders killed, ${errors.length} errors`,
  );
  expect(errors).toEqual([]);
  expect(Number((await db.get('hits'))?.text())).toBe(acknowledged);
});
