/**
 * Looks at what lies at a data directory's path, without changing it, and says what it is. Everything that is neither
 * empty nor ours is refused untouched.
 *
 *   quorate.identity    who this is; the last thing that is made, so a directory without it holds no promise
 *   quorate.watermark   how far the log is durable
 *   log/                LevelDB; its lock is the lock of the directory
 */
import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { QuorateError } from '../wire/errors.ts';
import { syncFolder, unfinishedName } from './file-engine.ts';
import { IDENTITY_FILE } from './identity.ts';
import { corrupt, ioFailed, unusable } from './refusals.ts';
import { readSlots, WATERMARK_FILE } from './watermark-slots.ts';
import type { FileEngine } from './interfaces.ts';

export const LOG_FOLDER = 'log';
const PRIVATE_FOLDER = 0o700;

/** What may lie in a directory whose making was interrupted. */
const MAKINGS: ReadonlySet<string> = new Set([
  LOG_FOLDER,
  WATERMARK_FILE,
  unfinishedName(WATERMARK_FILE),
  unfinishedName(IDENTITY_FILE),
]);
/** The root of an ext4 file system has it. */
const NOBODYS = 'lost+found';

export type FolderKind =
  | 'absent'
  /** Empty, or left by a making that did not finish: nothing was ever promised from it. */
  | 'fresh'
  | 'ours';

export async function inspectFolder(folder: string): Promise<FolderKind> {
  const names = await listFolder(folder);
  if (names === null) return 'absent';
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw folderError(folder, error);
  });
  if (names.includes(IDENTITY_FILE)) return 'ours';
  const foreign = names.find((name) => !MAKINGS.has(name));
  if (foreign !== undefined) throw notOurs(folder, foreign);
  return 'fresh';
}

/** A directory without identity may be made anew only if nothing was ever written to its log. */
export async function assertNothingPromised(folder: string, files: FileEngine): Promise<void> {
  const names = (await listFolder(path.join(folder, LOG_FOLDER))) ?? [];
  const isDatabase = names.some((name) => name === 'CURRENT' || name.startsWith('MANIFEST-'));
  if (names.length > 0 && !isDatabase && !names.every((name) => /^LOG|^LOCK$/u.test(name))) {
    throw notOurs(folder, `${LOG_FOLDER}/${names[0]}`);
  }
  const slots = await files.read(WATERMARK_FILE);
  const started = slots !== null && readSlots(slots).newest?.writes !== 0;
  if (started || (await holdsRecords(path.join(folder, LOG_FOLDER), names))) {
    throw corrupt(`${folder} has a log but its file ${IDENTITY_FILE} is missing`);
  }
}

/** `mkdir -p`, one step at a time: the recursive one of Node 20 never returns below /proc. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, PRIVATE_FOLDER);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = path.dirname(folder);
    if (codeOf(error) !== 'ENOENT' || parent === folder || (await listFolder(parent)) !== null) {
      throw folderError(folder, error);
    }
    await makeFolder(parent);
    await mkdir(folder, PRIVATE_FOLDER).catch((again: unknown) => {
      if (codeOf(again) !== 'EEXIST') throw folderError(folder, again);
    });
  }
  await syncFolder(path.dirname(folder)).catch(() => {
    // A parent we may not open: its own file system journals the new name.
  });
}

/** Rejects with what the disk says to a new file, as large as LevelDB's smallest write. */
export async function assertWritable(folder: string): Promise<void> {
  const probe = path.join(folder, 'quorate.probe');
  try {
    await writeFile(probe, new Uint8Array(4_096), { flush: true });
  } finally {
    await rm(probe, { force: true });
  }
}

/** Takes every permission away from group and others, and says so if they had any. */
export async function closeToOthers(folder: string): Promise<readonly string[]> {
  const mode = (await stat(folder)).mode & 0o777;
  if ((mode & 0o077) === 0) return [];
  await chmod(folder, PRIVATE_FOLDER);
  return [`${folder} was open to other users (mode ${mode.toString(8)}); it is 700 now`];
}

/** What went wrong with a path, as the operator needs to hear it. */
export function folderError(folder: string, error: unknown): Error {
  if (QuorateError.is(error)) return error;
  const code = codeOf(error);
  if (error instanceof Error && (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO')) {
    return ioFailed(`${folder} could not be written`, error);
  }
  const hint = 'Name a directory that this user may create and write (--data).';
  return unusable(folder, `cannot be used as a data directory (${code ?? String(error)})`, hint, error);
}

async function listFolder(folder: string): Promise<readonly string[] | null> {
  try {
    return (await readdir(folder)).filter((name) => name !== NOBODYS);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw folderError(folder, error);
  }
}

/** LevelDB keeps records in .ldb files (.sst once) and in logs that are not empty. */
async function holdsRecords(folder: string, names: readonly string[]): Promise<boolean> {
  if (names.some((name) => /\.(?:ldb|sst)$/u.test(name))) return true;
  const logs = names.filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(logs.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.some((bytes) => bytes > 0);
}

function notOurs(folder: string, name: string): QuorateError {
  const hint = 'Name an empty directory, or one that Quorate made (--data).';
  return unusable(folder, `is not empty and not a Quorate data directory (it holds ${name})`, hint);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
