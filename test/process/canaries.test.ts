import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';
import type { TestContext } from 'vitest';

import { Build } from '../../scripts/planted/build.mjs';
import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { powerCutAfterLies } from '../support/scenarios/machines.ts';
import { leaderDeaf, leaderIsolated } from '../support/scenarios/partitions.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import type { Scenario, StartCluster } from '../support/scenarios/scenario.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Scenarios that cannot fail prove nothing: each of these unsafe variants must turn its scenario red, for its reason. */
const PATCHED = [
  {
    variant: 'local reads that pass for linearizable',
    patch: 'canary-local-reads',
    scenario: { ...leaderIsolated, load: { readers: true } },
    reason: /not linearizable/,
  },
  {
    variant: 'a leader without CheckQuorum',
    patch: 'canary-no-check-quorum',
    scenario: leaderDeaf,
    reason: /leads no more: not within/,
  },
] as const;

test.for(PATCHED)('$variant is noticed', async ({ patch, scenario, reason }, context) => {
  const build = await Build.make(ROOT, patch);
  try {
    expect(await complaintsOf(context, scenario, build.main)).toMatch(reason);
  } finally {
    await build.dispose();
  }
});

test('acknowledged writes that were never synced are missed after a power cut', async (context) => {
  expect(await complaintsOf(context, powerCutAfterLies)).toMatch(LOST);
});

/** Either the nodes notice at once that their disks lied, or they come back and the audit misses what they lost. */
const LOST = /acknowledged \d+ times, in the log 0 times|error\[RECOVERING\]/;

async function complaintsOf(context: TestContext, scenario: Scenario, main?: string): Promise<string> {
  const options = main === undefined ? {} : { main };
  const start: StartCluster = (plan) => ProcessCluster.start({ ...plan, ...options });
  const report = await runScenario(scenario, start, { evidence: false });
  if (report.type === 'skipped') return context.skip(report.why);
  return report.complaints.join('\n');
}
