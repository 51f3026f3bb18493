/** `docs/fault-matrix.md`: what the matrix promises, and what the newest run of each row saw on each kind of cluster. */
import { writeFile } from 'node:fs/promises';

import { CLUSTERS, nameOf } from './results.ts';
import type { ClusterKind, Result, Results } from './results.ts';
import type { Scenario } from './scenario.ts';

/** A row of the catalogue without a scenario yet. */
export interface Waiting {
  readonly row: number;
  readonly name: string;
  readonly waitsFor: string;
}

export interface Playable {
  readonly scenario: Scenario;
  /** Why a kind of cluster cannot play it; absent: it can. */
  readonly unableOn: Readonly<Partial<Record<ClusterKind, string>>>;
}

export interface Published {
  readonly playable: readonly Playable[];
  readonly waiting: readonly Waiting[];
  readonly results: Results;
}

export async function publishMatrix(file: URL, published: Published): Promise<void> {
  await writeFile(file, `${page(published).join('\n')}\n`);
}

function page(published: Published): readonly string[] {
  const { playable, waiting } = published;
  return [
    '# Fault matrix',
    '',
    'What Quorate promises when things break, and what was seen. Written by `npm run matrix` (real processes on loopback,',
    'behind link proxies) and `npm run matrix:containers` (hosts of their own, faults by packet filter); do not edit.',
    '',
    ...CLUSTERS.map((kind) => summary(kind, published)),
    `- ${waiting.length} rows wait for what they test`,
    '',
    'After every scenario: two linearizability checkers over all that clients saw, every acknowledged write found once',
    'in the logs of the stopped nodes, equal digests, never two leaders in one term. A run whose fault did not happen,',
    'or with too few operations, counts as failed. E is the election timeout, 600 ms. Rows are those of the catalogue',
    'that the matrix follows; times are in milliseconds, with what was promised in brackets. Where the machine of the',
    'tests ran its own timers late, a promise in milliseconds was given four times that (last table).',
    '',
    '| row | nodes | what breaks | what is promised | on processes | on containers |',
    '|---|---|---|---|---|---|',
    ...playable.map((each) => verdictRow(each, published.results)),
    '',
    '## What was seen',
    '',
    '| row | what breaks | on | numbers | operations | longest gap | machine late by | run (UTC) | commit |',
    '|---|---|---|---|---|---|---|---|---|',
    ...playable.flatMap((each) => seenRows(each, published.results)),
    '',
    ...waitingTable(waiting),
  ];
}

function summary(kind: ClusterKind, { playable, results }: Published): string {
  const able = playable.filter(({ unableOn }) => unableOn[kind] === undefined);
  const runs = able.flatMap(({ scenario }) => results[nameOf(scenario)]?.[kind] ?? []);
  const held = runs.filter(({ complaints }) => complaints.length === 0).length;
  const times = runs.map(({ at }) => at).toSorted();
  const machines = [...new Set(runs.map(({ machine }) => machine))].join('; ');
  const when = runs.length === 0 ? 'no run yet' : `${times[0]} to ${times.at(-1)} UTC; ${machines}`;
  return `- on ${kind}: ${held} of ${able.length} scenarios held (${when})`;
}

function verdictRow({ scenario, unableOn }: Playable, results: Results): string {
  const { row, nodes, name, promise } = scenario;
  const verdicts = CLUSTERS.map((kind) => {
    const why = unableOn[kind];
    return why === undefined ? verdictOf(results[nameOf(scenario)]?.[kind]) : `cannot: ${why}`;
  });
  return line([row, nodes, name, promise, ...verdicts]);
}

function verdictOf(result: Result | undefined): string {
  if (result === undefined) return 'not run yet';
  return result.complaints.length === 0 ? 'held' : `**broken**: ${result.complaints.join('; ')}`;
}

function seenRows({ scenario }: Playable, results: Results): readonly string[] {
  const { row, name } = scenario;
  return CLUSTERS.flatMap((kind) => {
    const result = results[nameOf(scenario)]?.[kind];
    if (result === undefined) return [];
    const { seen, operations, longestGapMs, machineLateMs, at, commit } = result;
    return [line([row, name, kind, seen.join('; '), operations, longestGapMs, machineLateMs, at, commit])];
  });
}

function waitingTable(rows: readonly Waiting[]): readonly string[] {
  const lines = rows.map(({ row, name, waitsFor }) => line([row, name, waitsFor]));
  return ['## Waits for', '', '| row | what breaks | waits for |', '|---|---|---|', ...lines];
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}
