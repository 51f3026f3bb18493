import { afterAll, expect, test } from 'vitest';

import { containerCapabilities } from '../containers/support/capabilities.ts';
import { ContainerCluster } from '../containers/support/cluster.ts';
import { processCapabilities } from '../support/faults/process-capabilities.ts';
import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { able } from '../support/faults/vocabulary.ts';
import type { Capabilities } from '../support/faults/vocabulary.ts';
import { publishMatrix } from '../support/scenarios/publish.ts';
import type { Playable } from '../support/scenarios/publish.ts';
import { reportLines } from '../support/scenarios/report-lines.ts';
import { addResults, CLUSTERS } from '../support/scenarios/results.ts';
import type { ClusterKind } from '../support/scenarios/results.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import type { Report, StartCluster } from '../support/scenarios/scenario.ts';
import { ROWS } from './rows.ts';
import type { ScenarioRow } from './rows.ts';

const START: Readonly<Record<ClusterKind, StartCluster>> = {
  processes: (plan) => ProcessCluster.start(plan),
  containers: (plan) => ContainerCluster.start(plan),
};
const CAPABILITIES: Readonly<Record<ClusterKind, Capabilities>> = {
  processes: processCapabilities(able),
  containers: containerCapabilities(able),
};

const kind = clusterKind(process.env['QUORATE_CLUSTER'] ?? 'processes');
const wanted = process.env['QUORATE_ROWS']?.split(',').map(Number);
const reports: Report[] = [];
const playable = ROWS.flatMap((row) => (row.type === 'scenario' ? [playableOf(row)] : []));

for (const { scenario, unableOn } of playable) {
  if (unableOn[kind] !== undefined || wanted?.includes(scenario.row) === false) continue;
  const limit = scenario.secondsMax === undefined ? {} : { timeout: scenario.secondsMax * 1_000 };
  test(`row ${scenario.row}, ${scenario.name}: ${scenario.promise}`, limit, async (context) => {
    const report = await runScenario(scenario, START[kind]);
    if (report.type === 'skipped') return context.skip(report.why);
    reports.push(report);
    process.stdout.write(`${reportLines(report)}\n`);
    expect(report.complaints, reportLines(report)).toEqual([]);
  });
}

/** A run of some rows says something of those; the page names the date and commit of each. */
afterAll(async () => {
  const results = await addResults(new URL('results.json', import.meta.url), kind, reports);
  const waiting = ROWS.filter((row) => row.type === 'waits');
  await publishMatrix(new URL('../../docs/fault-matrix.md', import.meta.url), { playable, waiting, results });
});

function playableOf({ scenario, only }: ScenarioRow): Playable {
  const reasons = CLUSTERS.flatMap((each) => {
    const missing = scenario.needs.flatMap((word) => {
      const capability = CAPABILITIES[each][word];
      return capability.able ? [] : [`${word}: ${capability.why}`];
    });
    const why = only !== undefined && only.on !== each ? only.why : missing[0];
    return why === undefined ? [] : [[each, why] as const];
  });
  return { scenario, unableOn: Object.fromEntries(reasons) };
}

function clusterKind(text: string): ClusterKind {
  const found = CLUSTERS.find((each) => each === text);
  if (found === undefined) throw new Error(`QUORATE_CLUSTER is one of ${CLUSTERS.join(', ')}, not ${text}`);
  return found;
}
