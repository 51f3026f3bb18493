import { appendFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { ContainerCluster } from '../containers/support/cluster.ts';
import { containerCapabilities } from '../containers/support/capabilities.ts';
import { processCapabilities } from '../support/faults/process-capabilities.ts';
import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { able } from '../support/faults/vocabulary.ts';
import { reportLines } from '../support/scenarios/report-lines.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import type { StartCluster } from '../support/scenarios/scenario.ts';
import { accountOf } from '../support/soak/account.ts';
import { drawPlan, planLines } from '../support/soak/plan.ts';
import { soakScenario } from '../support/soak/play.ts';

/** Told by scripts/soak.mjs. */
interface Lane {
  readonly cluster: 'processes' | 'containers';
  readonly nodes?: 3 | 5;
  readonly firstSeed: number;
  readonly seedStep: number;
  /** No scenario begins after it. */
  readonly untilMs: number;
  readonly scenariosMax: number;
  readonly file: string;
}

const CLUSTERS = {
  processes: {
    capabilities: processCapabilities(able),
    start: (plan) => ProcessCluster.start(plan),
  },
  containers: {
    capabilities: containerCapabilities(able),
    start: (plan) => ContainerCluster.start(plan),
  },
} as const satisfies Record<
  Lane['cluster'],
  { readonly start: StartCluster; readonly capabilities: unknown }
>;

test('whatever is drawn, what was acknowledged stays', { timeout: 24 * 3_600_000 }, async () => {
  const lane = laneFrom(process.env['QUORATE_SOAK']);
  const { capabilities, start } = CLUSTERS[lane.cluster];
  const broken: string[] = [];
  for (let count = 0; count < lane.scenariosMax && Date.now() < lane.untilMs; count += 1) {
    const plan = drawPlan(lane.firstSeed + count * lane.seedStep, capabilities, lane.nodes);
    if (lane.scenariosMax === 1) process.stdout.write(`${planLines(plan).join('\n')}\n`);
    const soak = soakScenario(plan);
    const report = await runScenario(soak.scenario, start);
    if (report.type === 'skipped') throw new Error(report.why);
    await appendFile(lane.file, `${JSON.stringify(accountOf(plan, lane.cluster, soak, report))}\n`);
    if (report.complaints.length > 0) broken.push(reportLines(report));
  }
  expect(broken, broken.join('\n')).toEqual([]);
});

function laneFrom(text: string | undefined): Lane {
  if (text === undefined) throw new Error('a lane of a soak is started by npm run soak (scripts/soak.mjs)');
  const lane: Lane = JSON.parse(text);
  return lane;
}
