import { expect, test } from 'vitest';

import { ROWS } from '../matrix/rows.ts';
import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { report as print } from '../support/report.ts';
import { reportLines } from '../support/scenarios/report-lines.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';

/** What is not played in containers (test/containers/fault-matrix.test.ts), a kill and a failing sync; `npm run matrix` plays all. */
const SAMPLE = new Set([2, 3, 7, 8, 17, 20, 32, 51]);

const scenarios = ROWS.flatMap((row) => (row.type === 'scenario' ? [row.scenario] : []));

test.for(scenarios.filter(({ row }) => SAMPLE.has(row)))(
  'row $row, $name: $promise',
  async (scenario, context) => {
    const report = await runScenario(scenario, (plan) => ProcessCluster.start(plan));
    if (report.type === 'skipped') return context.skip(report.why);
    print(reportLines(report));
    expect(report.complaints, reportLines(report)).toEqual([]);
  },
);
