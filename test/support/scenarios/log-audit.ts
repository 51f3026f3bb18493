/**
 * The committed log, read back from the data directories of stopped nodes by the product's own storage and decoded by
 * its own codec, on copies: opening a directory may repair it. Logs of two nodes must agree wherever both reach.
 */
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Entry } from '../../../src/raft/entry.ts';
import type { Membership } from '../../../src/raft/membership.ts';
import type { CommittedEntry, CommittedLog } from '../../../src/sim/linearizability/index.ts';
import { openDataDirectory } from '../../../src/storage/index.ts';
import type { LogStore } from '../../../src/storage/index.ts';
import { decodeEnvelope } from '../../../src/wire/envelope.ts';

const READ_BYTES_MAX = 8 * 1024 * 1024;

export interface StoredLog {
  readonly node: string;
  readonly entries: readonly Entry[];
}

/** The node must be down. */
export async function readStoredLog(node: string, dataDirectory: string): Promise<StoredLog> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-audit-'));
  try {
    const copy = path.join(folder, node);
    await cp(dataDirectory, copy, { recursive: true });
    const directory = await openDataDirectory({
      path: copy,
      nodeId: node,
      randomBytes,
      schedule: (delayMs, task) => {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
    });
    try {
      const log = await directory.openLog(NOBODY);
      return { node, entries: await allEntries(log) };
    } finally {
      await directory.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The audit only reads, so who may vote is nothing to it. */
const NOBODY: Membership = { voters: [], outgoing: [], learners: [] };

async function allEntries(log: LogStore): Promise<readonly Entry[]> {
  const { last } = log.recovered;
  const entries: Entry[] = [];
  while (entries.length < last.index) {
    entries.push(...(await readSome(log, entries.length + 1, last.index)));
  }
  return entries;
}

async function readSome(log: LogStore, from: number, to: number): Promise<readonly Entry[]> {
  return await new Promise((resolve, reject) => {
    log.read(from, to, READ_BYTES_MAX, (error, entries) => {
      if (error === null) resolve(entries);
      else reject(error);
    });
  });
}

export interface Audit {
  readonly log: CommittedLog;
  readonly complaints: readonly string[];
}

/** The log up to `committed`, which a majority of the logs must reach. */
export function auditLogs(logs: readonly StoredLog[], committed: number, nodes: number): Audit {
  const complaints: string[] = [];
  const longest = logs.toSorted((a, b) => b.entries.length - a.entries.length)[0];
  if (longest === undefined) return { log: [], complaints: ['no log could be read'] };
  for (const log of logs) complaints.push(...disagreements(longest, log, committed));
  const reaching = logs.filter(({ entries }) => entries.length >= committed).length;
  if (reaching * 2 <= nodes) {
    complaints.push(`index ${committed} was committed, and only ${reaching} of ${nodes} logs reach it`);
  }
  return { log: commands(longest.entries.slice(0, committed)), complaints };
}

function disagreements(one: StoredLog, other: StoredLog, committed: number): readonly string[] {
  const to = Math.min(committed, one.entries.length, other.entries.length);
  for (let place = 0; place < to; place += 1) {
    const a = one.entries[place];
    const b = other.entries[place];
    if (a === undefined || b === undefined || sameEntry(a, b)) continue;
    return [`${one.node} and ${other.node} committed different entries at index ${place + 1}`];
  }
  return [];
}

function sameEntry(a: Entry, b: Entry): boolean {
  if (a.index !== b.index || a.term !== b.term || a.kind !== b.kind) return false;
  if (a.kind === 'command' && b.kind === 'command') return Buffer.compare(a.data, b.data) === 0;
  return JSON.stringify(a) === JSON.stringify(b);
}

function commands(entries: readonly Entry[]): readonly CommittedEntry[] {
  return entries.flatMap((entry) =>
    entry.kind === 'command' ? [{ index: entry.index, term: entry.term, ...decodeEnvelope(entry.data) }] : [],
  );
}
