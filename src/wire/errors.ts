/**
 * The one table of error codes (SPEC 9). `retryable`: the same call may succeed later or elsewhere. `outcome`: what is
 * known of the effect where the code alone tells; a caller can always narrow it to 'unknown'.
 */
export type Outcome = 'applied' | 'not-applied' | 'unknown';

interface CodeInfo {
  readonly retryable: boolean;
  readonly outcome: Outcome;
  /** One sentence for docs/errors.md and `--help`. */
  readonly meaning: string;
}

export const ERROR_CODES = {
  CONFLICT: { retryable: false, outcome: 'not-applied', meaning: 'A condition of the write did not hold.' },
  NOT_FOUND: { retryable: false, outcome: 'not-applied', meaning: 'The key does not exist (CLI only).' },
  NO_QUORUM: {
    retryable: true,
    outcome: 'not-applied',
    meaning: 'No leader with a majority can be reached from this node.',
  },
  TIMEOUT: { retryable: true, outcome: 'unknown', meaning: 'The deadline passed before an answer came.' },
  UNAVAILABLE: { retryable: true, outcome: 'not-applied', meaning: 'No endpoint could be reached.' },
  OVERLOADED: {
    retryable: true,
    outcome: 'not-applied',
    meaning: 'The node refuses more work for now; see retryAfterMs.',
  },
  ABORTED: { retryable: false, outcome: 'unknown', meaning: 'The caller gave up through its AbortSignal.' },
  CLOSED: { retryable: false, outcome: 'not-applied', meaning: 'The client was closed.' },
  SHUTTING_DOWN: { retryable: true, outcome: 'not-applied', meaning: 'The node is stopping; ask another.' },
  INVALID_ARGUMENT: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The request makes no sense; the message says why.',
  },
  KEY_TOO_LARGE: { retryable: false, outcome: 'not-applied', meaning: 'The key is longer than the limit.' },
  VALUE_TOO_LARGE: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The value is longer than the limit.',
  },
  REQUEST_TOO_LARGE: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The request is larger than the limit.',
  },
  RESULT_TOO_LARGE: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The records that were to be returned are more than one answer holds.',
  },
  NOT_A_COUNTER: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The value is not a decimal 64-bit integer.',
  },
  COUNTER_OVERFLOW: { retryable: false, outcome: 'not-applied', meaning: 'The sum does not fit in 64 bits.' },
  COMPACTED: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'History ends above the revision asked for; see floor.',
  },
  FUTURE_REVISION: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The store has not reached the revision asked for.',
  },
  DUPLICATE_KEY: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'A transaction writes one key twice.',
  },
  TOO_MANY_OPERATIONS: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The transaction has more operations than the limit.',
  },
  LEASE_NOT_FOUND: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The lease does not exist: it expired, was revoked, or never was.',
  },
  LEASE_EXISTS: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'A lease with the id that was chosen exists.',
  },
  TOO_MANY_LEASES: {
    retryable: true,
    outcome: 'not-applied',
    meaning: 'There are as many leases as the cluster holds.',
  },
  SESSION_EXPIRED: {
    retryable: false,
    outcome: 'unknown',
    meaning: 'The session is gone, so the write was not done again; whether it was before is unknown.',
  },
  SEQUENCE_ACKNOWLEDGED: {
    retryable: false,
    outcome: 'unknown',
    meaning: 'The reply asked for was acknowledged before and is no longer kept.',
  },
  RESOLVED_NEVER: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The write was resolved as one that never takes effect.',
  },
  TOO_MANY_UNACKNOWLEDGED: {
    retryable: true,
    outcome: 'not-applied',
    meaning: 'The session keeps as many replies as it may; acknowledge some first.',
  },
  WRONG_CLUSTER: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The other side belongs to another cluster.',
  },
  WRONG_NODE: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The address answers with another node id.',
  },
  INCARNATION_FENCED: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The data directory is not the one that joined under this node id.',
  },
  PROTOCOL_MISMATCH: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The two sides have no protocol version in common.',
  },
  CONFIG_INVALID: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'A setting is unknown, missing or out of range.',
  },
  ADDRESS_IN_USE: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'A port is taken by another process.',
  },
  DATA_LOCKED: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'Another process has the data directory open.',
  },
  DATA_DIR_UNUSABLE: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The data directory cannot be written or is not ours.',
  },
  FORMAT_UNSUPPORTED: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'The data was written by another format version.',
  },
  CORRUPT: {
    retryable: false,
    outcome: 'not-applied',
    meaning: 'Stored data fails its checks; nothing of it is served.',
  },
  RECOVERING: {
    retryable: true,
    outcome: 'not-applied',
    meaning: 'The node may have lost acknowledged data and neither votes nor serves.',
  },
  IO_FAILED: { retryable: false, outcome: 'unknown', meaning: 'A disk write failed; the node has stopped.' },
  FRAME_INVALID: {
    retryable: false,
    outcome: 'unknown',
    meaning: 'A frame was malformed or too large; the connection is closed.',
  },
  INTERNAL: {
    retryable: false,
    outcome: 'unknown',
    meaning: 'An invariant of Quorate is broken; please report it.',
  },
} as const satisfies Record<string, CodeInfo>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** Typed facts beside the sentence; each present only where it applies. */
export interface ErrorDetails {
  readonly leader?: string;
  readonly retryAfterMs?: number;
  /** The record's modRevision that made a condition fail; 0 for an absent key. */
  readonly currentRevision?: number;
  readonly limit?: number;
  readonly actual?: number;
  /** What to do about it; printed after `hint:`. */
  readonly hint?: string;
  /** The oldest revision that can be read. */
  readonly floor?: number;
  /** The present revision of the store. */
  readonly revision?: number;
  /** The operation of a transaction that failed: `do[1].otherwise[0]`. */
  readonly at?: string;
  /** A write of unknown outcome in a session, for `resolve`. Made by the SDK. */
  readonly operation?: string;
}

export interface QuorateErrorInit {
  readonly outcome?: Outcome;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

const MARK: unique symbol = Symbol.for('quorate.error');

/** The only error that Quorate's public surface rejects with. Recognise it by `code`, or by `QuorateError.is`. */
export class QuorateError extends Error {
  override readonly name = 'QuorateError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly outcome: Outcome;
  readonly details: ErrorDetails;
  readonly [MARK] = true;

  constructor(code: ErrorCode, message: string, init: QuorateErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.retryable = ERROR_CODES[code].retryable;
    this.outcome = init.outcome ?? ERROR_CODES[code].outcome;
    this.details = init.details ?? {};
  }

  /** True for an error of any loaded copy of this package. */
  static is(value: unknown): value is QuorateError {
    return value instanceof Error && MARK in value;
  }
}
