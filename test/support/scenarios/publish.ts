/** `docs/fault-matrix.md`, and the same for a terminal. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';

import { measureText } from './report-lines.ts';
import type { Report } from './scenario.ts';

export interface Waiting {
  readonly row: number;
  readonly name: string;
  readonly waitsFor: string;
}

export interface Published {
  readonly cluster: string;
  readonly reports: readonly Report[];
  readonly waiting: readonly Waiting[];
  readonly skipped: readonly Waiting[];
}

export async function publishMatrix(file: URL, published: Published): Promise<void> {
  await writeFile(file, `${page(published).join('\n')}\n`);
}

function page({ cluster, reports, waiting, skipped }: Published): readonly string[] {
  const passed = reports.filter(({ complaints }) => complaints.length === 0).length;
  const lateMs = Math.max(0, ...reports.map(({ machineLateMs }) => machineLateMs));
  return [
    '# Fault matrix',
    '',
    'What Quorate promises when things break, and what a run of `npm run matrix` saw. Written by that run; do not edit.',
    '',
    `- run of ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${commit()}`,
    `- on ${cluster}; Node ${process.version}, Linux ${release()}, ${cpus().length} cores`,
    `- ${passed} of ${reports.length} scenarios held; ${waiting.length} rows wait for what they test`,
    `- a timer of ours was late by ${Math.round(lateMs)} ms at worst, and promises in milliseconds were given four times that`,
    '',
    'After every scenario: two linearizability checkers over all that clients saw, every acknowledged write found once',
    'in the logs of the stopped nodes, equal digests, never two leaders in one term. A run whose fault did not happen,',
    'or with too few operations, counts as failed. E is the election timeout, 600 ms. Rows are those of the catalogue',
    'that the matrix follows; times are in milliseconds, with what was promised in brackets.',
    '',
    '| row | nodes | what breaks | what is promised | what was seen | operations | longest gap | verdict |',
    '|---|---|---|---|---|---|---|---|',
    ...reports.map(reportRow),
    '',
    ...list('## Needs another kind of cluster', skipped),
    ...list('## Waits for', waiting),
  ];
}

function reportRow(report: Report): string {
  const { scenario, operations, longestGapMs, complaints } = report;
  const seen = report.measures.map(measureText).join('; ');
  const verdict = complaints.length === 0 ? 'held' : `**broken**: ${complaints.map(firstLine).join('; ')}`;
  const cells = [
    scenario.row,
    scenario.nodes,
    scenario.name,
    scenario.promise,
    seen,
    operations,
    Math.round(longestGapMs),
    verdict,
  ];
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

function list(title: string, rows: readonly Waiting[]): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ row, name, waitsFor }) => `| ${row} | ${name} | ${waitsFor} |`);
  return [title, '', '| row | what breaks | waits for |', '|---|---|---|', ...lines, ''];
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function commit(): string {
  return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { encoding: 'utf8' }).trim();
}
