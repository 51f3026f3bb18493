import type { ErrorCode, QuorateError } from '../server/terms.ts';

/** What a script can tell from the end of the process (SPEC 10). */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  unavailable: 5,
  unknown: 6,
  unhealthy: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Codes not listed end with `failed`. */
const BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  NOT_FOUND: EXIT.notFound,
  LEASE_NOT_FOUND: EXIT.notFound,
  CONFLICT: EXIT.conflict,
  LEASE_EXISTS: EXIT.conflict,
  RESOLVED_NEVER: EXIT.conflict,
  // A node whose directory is not the one that joined is fenced; starting it again does not help.
  INCARNATION_FENCED: EXIT.conflict,
  INVALID_ARGUMENT: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  KEY_TOO_LARGE: EXIT.usage,
  VALUE_TOO_LARGE: EXIT.usage,
  REQUEST_TOO_LARGE: EXIT.usage,
  RESULT_TOO_LARGE: EXIT.usage,
  DUPLICATE_KEY: EXIT.usage,
  TOO_MANY_OPERATIONS: EXIT.usage,
  NO_QUORUM: EXIT.unavailable,
  TIMEOUT: EXIT.unavailable,
  UNAVAILABLE: EXIT.unavailable,
  OVERLOADED: EXIT.unavailable,
  SHUTTING_DOWN: EXIT.unavailable,
  // A node that cannot go on with the disk it has; an operator must look.
  CORRUPT: EXIT.unhealthy,
  RECOVERING: EXIT.unhealthy,
  IO_FAILED: EXIT.unhealthy,
  ABORTED: EXIT.interrupted,
};

/** Calls of a client that may have taken effect: the script must look before it tries again. */
const MAY_HAVE_APPLIED: ReadonlySet<ErrorCode> = new Set([
  'TIMEOUT',
  'UNAVAILABLE',
  'NO_QUORUM',
  'SHUTTING_DOWN',
  'FRAME_INVALID',
]);

export function exitCodeOf(error: QuorateError): ExitCode {
  if (error.outcome === 'unknown' && MAY_HAVE_APPLIED.has(error.code)) return EXIT.unknown;
  return BY_CODE[error.code] ?? EXIT.failed;
}
