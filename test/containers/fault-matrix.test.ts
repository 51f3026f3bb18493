import { expect, test } from 'vitest';

import { ROWS } from '../matrix/rows.ts';
import { report as print } from '../support/report.ts';
import { reportLines } from '../support/scenarios/report-lines.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import { ContainerCluster } from './support/cluster.ts';

/**
 * A sample, over both sizes and every kind of fault: kill, pause, isolation, deafness, bridge, ring, constrained
 * election, loss, clock, leases, failing sync and power cut.
 */
const SAMPLE = new Set([2, 6, 10, 11, 13, 15, 16, 18, 22, 26, 29, 32, 35]);

const scenarios = ROWS.flatMap((row) =>
  row.type === 'scenario' && row.only?.on !== 'processes' ? [row.scenario] : [],
);

test.for(scenarios.filter(({ row }) => SAMPLE.has(row)))(
  'row $row, $name: $promise',
  async (scenario, context) => {
    const report = await runScenario(scenario, (plan) => ContainerCluster.start(plan));
    if (report.type === 'skipped') return context.skip(report.why);
    print(reportLines(report));
    expect(report.complaints, reportLines(report)).toEqual([]);
  },
);
