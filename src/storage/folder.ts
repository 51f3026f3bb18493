/**
 * Looks at what lies at a data directory's place, without changing it, and says what it is. Everything that is neither
 * empty nor ours is refused untouched.
 *
 *   quorate.identity    who this is; the last thing that is made, so a directory without it holds no promise
 *   quorate.watermark   how far the log is durable
 *   log/                LevelDB; its lock is the lock of the directory
 */
import { QuorateError } from '../wire/errors.ts';
import { unfinishedName } from './file-engine.ts';
import { IDENTITY_FILE } from './identity.ts';
import type { Place } from './interfaces.ts';
import { corrupt, ioFailed, unusable } from './refusals.ts';
import { readSlots, WATERMARK_FILE } from './watermark-slots.ts';

export const LOG_FOLDER = 'log';

/** What may lie in a directory whose making was interrupted. */
const MAKINGS: ReadonlySet<string> = new Set([
  LOG_FOLDER,
  WATERMARK_FILE,
  unfinishedName(WATERMARK_FILE),
  unfinishedName(IDENTITY_FILE),
]);

export type FolderKind =
  | 'absent'
  /** Empty, or left by a making that did not finish: nothing was ever promised from it. */
  | 'fresh'
  | 'ours';

export async function inspectFolder(place: Place): Promise<FolderKind> {
  const names = await place.list();
  if (names === null) return 'absent';
  if (names.includes(IDENTITY_FILE)) return 'ours';
  const foreign = names.find((name) => !MAKINGS.has(name));
  if (foreign !== undefined) throw notOurs(place.path, foreign);
  return 'fresh';
}

/** A directory without identity may be made anew only if nothing was ever written to its log. */
export async function assertNothingPromised(place: Place): Promise<void> {
  const log = await place.inspectLog();
  if (log.kind === 'foreign') throw notOurs(place.path, `${LOG_FOLDER}/${log.name}`);
  const slots = await place.files.read(WATERMARK_FILE);
  const started = slots !== null && readSlots(slots).newest?.writes !== 0;
  if (started || log.kind === 'records') {
    throw corrupt(`${place.path} has a log but its file ${IDENTITY_FILE} is missing`);
  }
}

/** What went wrong with a path, as the operator needs to hear it. */
export function folderError(folder: string, error: unknown): Error {
  const told = diskError(folder, error);
  if (QuorateError.is(told)) return told;
  const code = codeOf(error);
  const hint = 'Name a directory that this user may create and write (--data).';
  return unusable(folder, `cannot be used as a data directory (${code ?? String(error)})`, hint, error);
}

/** What a disk did to a directory that is ours, by its name; everything else as it came. */
export function diskError(folder: string, error: unknown): unknown {
  const code = codeOf(error);
  if (!(error instanceof Error) || (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EIO')) return error;
  return ioFailed(`${folder} could not be read or written`, error);
}

/** The operating system's name of an error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function notOurs(folder: string, name: string): QuorateError {
  const hint = 'Name an empty directory, or one that Quorate made (--data).';
  return unusable(folder, `is not empty and not a Quorate data directory (it holds ${name})`, hint);
}
