/** What the runs of the matrix saw so far, a file that each run adds to: a row may be played alone, or elsewhere. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';

import { measureText } from './report-lines.ts';
import type { Report } from './scenario.ts';

export const CLUSTERS = ['processes', 'containers'] as const;
export type ClusterKind = (typeof CLUSTERS)[number];

/** One scenario on one kind of cluster, the newest run of it. */
export interface Result {
  /** Minutes, UTC. */
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly operations: number;
  readonly longestGapMs: number;
  readonly machineLateMs: number;
  readonly seen: readonly string[];
  /** The first line of each; none: it held. */
  readonly complaints: readonly string[];
}

/** By scenario (`nameOf`), then by kind of cluster. */
export type Results = Readonly<Record<string, Readonly<Partial<Record<ClusterKind, Result>>>>>;

export function nameOf({ row, name }: { readonly row: number; readonly name: string }): string {
  return `${row} ${name}`;
}

export async function readResults(file: URL): Promise<Results> {
  const results: Results = JSON.parse(await readFile(file, 'utf8'));
  return results;
}

/** Adds what was played, replacing what was known of the same scenario on the same kind of cluster. */
export async function addResults(file: URL, kind: ClusterKind, reports: readonly Report[]): Promise<Results> {
  const known = await readResults(file);
  const fresh = reports.map(({ scenario, ...report }) => {
    const name = nameOf(scenario);
    return [name, { ...known[name], [kind]: resultOf({ scenario, ...report }) }] as const;
  });
  const results = { ...known, ...Object.fromEntries(fresh) };
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

function resultOf(report: Report): Result {
  return {
    at: new Date().toISOString().slice(0, 16).replace('T', ' '),
    commit: commit(),
    machine: `Node ${process.version}, Linux ${release()}, ${cpus().length} cores`,
    operations: report.operations,
    longestGapMs: Math.round(report.longestGapMs),
    machineLateMs: Math.round(report.machineLateMs),
    seen: report.measures.map(measureText),
    complaints: report.complaints.map((complaint) => complaint.split('\n')[0] ?? ''),
  };
}

/** `-dirty` where something else than what runs write themselves is not committed. */
function commit(): string {
  const name = git('rev-parse', '--short=12', 'HEAD');
  const changed = git('diff', '--name-only', 'HEAD', '--', ':/', ':!/docs', ':!/test/matrix/results.json');
  return changed === '' ? name : `${name}-dirty`;
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}
