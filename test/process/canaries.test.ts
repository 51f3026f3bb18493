import { expect, test } from 'vitest';

import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { PatchedBuild } from '../support/patched-build.ts';
import { powerCutAfterLies } from '../support/scenarios/machines.ts';
import { leaderDeaf, leaderIsolated } from '../support/scenarios/partitions.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import type { Scenario } from '../support/scenarios/scenario.ts';

/** Scenarios that cannot fail prove nothing: each of these unsafe variants must turn its scenario red, for its reason. */
const PATCHED = [
  {
    variant: 'local reads that pass for linearizable',
    patch: 'canary-local-reads',
    scenario: leaderIsolated,
    reason: /not linearizable/,
  },
  {
    variant: 'a leader without CheckQuorum',
    patch: 'canary-no-check-quorum',
    scenario: leaderDeaf,
    // It steps down in the end, since its oldest entry is stuck; but late.
    reason: /stepped down after|leads no more/,
  },
] as const;

test.for(PATCHED)('$variant is noticed', async ({ patch, scenario, reason }) => {
  await using build = await PatchedBuild.make(patch);
  expect(await complaintsOf(scenario, build.main)).toMatch(reason);
});

test('acknowledged writes that were never synced are missed after a power cut', async () => {
  expect(await complaintsOf(powerCutAfterLies)).toMatch(
    /acknowledged \d+ times, in the log 0 times|no verdict|broke off/,
  );
});

async function complaintsOf(scenario: Scenario, main?: string): Promise<string> {
  const options = main === undefined ? {} : { main };
  const report = await runScenario(scenario, (plan) => ProcessCluster.start({ ...plan, ...options }), {
    evidence: false,
  });
  if (report.type === 'skipped') throw new Error(report.why);
  return report.complaints.join('\n');
}
