import { expect, test } from 'vitest';

import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { reportLines } from '../support/scenarios/report-lines.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import { ROWS } from './rows.ts';

const wanted = process.env['QUORATE_ROWS']?.split(',').map(Number);

for (const row of ROWS) {
  if (row.type === 'waits' || row.on === 'container') continue;
  const { scenario } = row;
  if (wanted !== undefined && !wanted.includes(scenario.row)) continue;
  test(`row ${scenario.row}, ${scenario.name}: ${scenario.promise}`, async () => {
    const report = await runScenario(scenario, (plan) => ProcessCluster.start(plan));
    process.stdout.write(`${reportLines(report)}\n`);
    expect(report.complaints, reportLines(report)).toEqual([]);
  });
}
