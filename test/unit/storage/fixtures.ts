import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import type { Entry } from '../../../src/raft/entry.ts';
import type { Write } from '../../../src/raft/io.ts';
import type { Membership } from '../../../src/raft/membership.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import { type DataDirectory, type LogStore, openDataDirectory } from '../../../src/storage/index.ts';
import { QuorateError } from '../../../src/wire/errors.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** An empty directory that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-storage-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function nodeId(name: string): NodeId {
  if (!isNodeId(name)) throw new Error('a node id has at least one character');
  return name;
}

function isNodeId(name: string): name is NodeId {
  return name !== '';
}

export const MEMBERS: Membership = {
  voters: ['n1', 'n2', 'n3'].map(nodeId),
  outgoing: [],
  learners: [],
};

const schedule = (delayMs: number, fn: () => void): void => {
  setTimeout(fn, delayMs);
};

/** Closed when the test ends, if not before. */
export async function openFolder(folder: string, id = 'n1'): Promise<DataDirectory> {
  const directory = await openDataDirectory({ path: folder, nodeId: id, randomBytes, schedule });
  cleanups.push(() => directory.close());
  return directory;
}

export interface OpenedLog {
  readonly directory: DataDirectory;
  readonly log: LogStore;
}

export async function openLogIn(folder: string): Promise<OpenedLog> {
  const directory = await openFolder(folder);
  return { directory, log: await directory.openLog(MEMBERS) };
}

/** A copy as a crash at this moment would leave it; LevelDB's lock is not copied. */
export async function crashCopy(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true, filter: (from) => path.basename(from) !== 'LOCK' });
  return copy;
}

export function written(log: LogStore, write: Write): Promise<void> {
  return new Promise((resolve, reject) => {
    log.write(write, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

export function readEntries(
  log: LogStore,
  from: number,
  to: number,
  bytesMax = 1e9,
): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    log.read(from, to, bytesMax, (error, entries) => {
      if (error === null) resolve(entries);
      else reject(error);
    });
  });
}

/** Everything in the log, as a reader that fetches it in one go. */
export async function wholeLog(log: LogStore, last: number): Promise<readonly Entry[]> {
  return last === 0 ? [] : readEntries(log, 1, last);
}

export function command(index: number, term: number, text: string): Entry {
  return { kind: 'command', index, term, data: Uint8Array.from(Buffer.from(text)) };
}

export function commands(from: number, to: number, term: number): readonly Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    command(from + i, term, `entry ${from + i}/${term}`),
  );
}

let seq = 0;

/** A write of term 1 that appends, unless said otherwise. */
export function append(entries: readonly Entry[], more: Partial<Write> = {}): Write {
  seq += 1;
  const term = entries.at(-1)?.term ?? 1;
  const hardState = { term, votedFor: nodeId('n2') };
  return { seq, hardState, truncateFrom: null, append: entries, commitHint: 0, ...more };
}

/** The code it rejects with, and that there is a hint; a wrong kind of error fails the test. */
export async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (!QuorateError.is(error)) throw error;
    if ((error.details.hint ?? '') === '') throw new Error('no hint', { cause: error });
    return error.code;
  }
  return 'opened';
}
