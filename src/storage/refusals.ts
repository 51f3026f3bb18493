/** Why a data directory is not opened, in one place: the code, the sentence, and what to do about it (SPEC 9). */
import { QuorateError } from '../wire/errors.ts';

/** An older copy is as forgetful as an empty directory; only intact bytes of this very node are its memory. */
const LEAVE_IT =
  'Leave this node stopped: the others go on without it. Do not empty the directory or put an older copy in its ' +
  'place: under the same node id that would forget votes and entries that the cluster counts on.';

export function corrupt(message: string, cause?: unknown): QuorateError {
  return new QuorateError('CORRUPT', message, { details: { hint: LEAVE_IT }, cause });
}

export function recovering(message: string): QuorateError {
  return new QuorateError('RECOVERING', `${message}: acknowledged data may be lost here`, {
    details: { hint: LEAVE_IT },
  });
}

export function unsupported(what: string, version: number, known: number): QuorateError {
  return new QuorateError(
    'FORMAT_UNSUPPORTED',
    `${what} has format ${version}; this version of Quorate reads format ${known}`,
    {
      details: { hint: 'Start the version of Quorate that wrote this directory; nothing in it was changed.' },
    },
  );
}

export function locked(path: string, cause?: unknown): QuorateError {
  return new QuorateError('DATA_LOCKED', `another process has ${path} open`, {
    details: { hint: 'Stop that process, or give this node a data directory of its own.' },
    cause,
  });
}

export function unusable(path: string, why: string, hint: string, cause?: unknown): QuorateError {
  return new QuorateError('DATA_DIR_UNUSABLE', `${path} ${why}`, { details: { hint }, cause });
}

export function wrongNode(path: string, owner: string, asked: string): QuorateError {
  return new QuorateError('WRONG_NODE', `${path} belongs to node ${owner}, not to ${asked}`, {
    details: { hint: `Start it with the id ${owner}, or name the data directory of ${asked}.` },
  });
}

/** The first failed write is final: LevelDB acknowledges later ones that it will lose (reliability.md 0, point 2). */
export function ioFailed(what: string, cause: Error): QuorateError {
  if (QuorateError.is(cause)) return cause;
  return new QuorateError('IO_FAILED', `${what}: ${cause.message}`, {
    details: { hint: 'Check the disk (space, health, mount), then start the node again.' },
    cause,
  });
}
