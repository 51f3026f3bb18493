import { afterAll, expect, test } from 'vitest';

import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { publishMatrix } from '../support/scenarios/publish.ts';
import type { Waiting } from '../support/scenarios/publish.ts';
import { reportLines } from '../support/scenarios/report-lines.ts';
import { runScenario } from '../support/scenarios/run-scenario.ts';
import type { Report } from '../support/scenarios/scenario.ts';
import { ROWS } from './rows.ts';

const wanted = process.env['QUORATE_ROWS']?.split(',').map(Number);
const reports: Report[] = [];
const skipped: Waiting[] = [];

for (const row of ROWS) {
  if (row.type === 'waits') continue;
  const { scenario } = row;
  if (row.on === 'container') {
    skipped.push({ row: scenario.row, name: scenario.name, waitsFor: 'containers' });
    continue;
  }
  if (wanted !== undefined && !wanted.includes(scenario.row)) continue;
  test(`row ${scenario.row}, ${scenario.name}: ${scenario.promise}`, async (context) => {
    const report = await runScenario(scenario, (plan) => ProcessCluster.start(plan));
    if (report.type === 'skipped') {
      skipped.push({ row: scenario.row, name: scenario.name, waitsFor: report.why });
      return context.skip(report.why);
    }
    reports.push(report);
    process.stdout.write(`${reportLines(report)}\n`);
    expect(report.complaints, reportLines(report)).toEqual([]);
  });
}

/** Only a run of all rows says something of the matrix. */
afterAll(async () => {
  if (wanted !== undefined) return;
  const waiting = ROWS.filter((row) => row.type === 'waits');
  const file = new URL('../../docs/fault-matrix.md', import.meta.url);
  await publishMatrix(file, {
    cluster: 'processes on loopback, behind link proxies',
    reports,
    waiting,
    skipped,
  });
});
