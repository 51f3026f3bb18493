import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import { type DataDirectory, type LogStore, openDataDirectory } from '../../../src/storage/index.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import { MEMBERS } from './log-calls.ts';

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
