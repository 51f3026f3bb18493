/** What is kept of a run that failed: enough to judge it again and to see what the nodes did. */
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { FaultableCluster } from '../faults/vocabulary.ts';
import type { LeaderTrace } from './leader-trace.ts';
import type { Recorder } from './recorder.ts';
import type { Report } from './scenario.ts';

const FOLDER = path.join(tmpdir(), 'quorate-failed-scenarios');

/** Gives the folder; printed, since whoever reads the failure wants to go there. */
export async function keepEvidence(
  report: Report,
  cluster: FaultableCluster,
  recorder: Recorder,
  trace: LeaderTrace,
): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(':', '-');
  const folder = path.join(FOLDER, `row-${report.scenario.row}-${stamp}`);
  await mkdir(folder, { recursive: true });
  const history = recorder.history().map((operation) => JSON.stringify(operation, plain));
  await writeFile(path.join(folder, 'history.jsonl'), history.join('\n'));
  const changes = trace.changes.map((change) => JSON.stringify(change));
  await writeFile(path.join(folder, 'leaders.jsonl'), changes.join('\n'));
  for (const node of cluster.nodes) {
    await writeFile(path.join(folder, `${node.id}.log`), (await cluster.said(node)).join('\n'));
  }
  await writeFile(path.join(folder, 'complaints.txt'), report.complaints.join('\n'));
  process.stderr.write(`evidence of row ${report.scenario.row}: ${folder}\n`);
  return folder;
}

function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value === Infinity) return 'Infinity';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return value;
}
