/** The errors that refusals stand for: those of a node, and those of the state machine. */
import type { Failure } from '../kv/operation.ts';
import { QuorateError } from './errors.ts';
import type { ErrorCode, ErrorDetails, Outcome } from './errors.ts';

/** The error that a node's `failed` message stands for. */
export function fromFailedMessage(failed: {
  readonly code: ErrorCode;
  readonly message: string;
  readonly outcome: Outcome;
  readonly details: ErrorDetails;
}): QuorateError {
  const { code, message, outcome, details } = failed;
  return new QuorateError(code, message, { outcome, details });
}

/** The error that the state machine's refusal of an operation or a read stands for. */
export function fromFailure(failure: Failure): QuorateError {
  switch (failure.code) {
    case 'CONFLICT':
      return conflict(failure.current?.modRevision ?? 0);
    case 'NOT_A_COUNTER':
      return new QuorateError('NOT_A_COUNTER', 'the value is not a decimal 64-bit integer');
    case 'COUNTER_OVERFLOW':
      return new QuorateError('COUNTER_OVERFLOW', `${failure.value} plus the amount does not fit in 64 bits`);
    case 'COMPACTED': {
      const { floor } = failure;
      return new QuorateError('COMPACTED', `history begins at revision ${floor}`, { details: { floor } });
    }
    case 'DUPLICATE_KEY':
      return new QuorateError('DUPLICATE_KEY', 'an earlier operation of the transaction writes the key');
    case 'TXN_FAILED': {
      const { code, message, details } = fromFailure(failure.cause);
      return new QuorateError(code, `${failure.at}: ${message}`, { details: { ...details, at: failure.at } });
    }
    case 'RESULT_TOO_LARGE': {
      const { limit } = failure;
      return new QuorateError('RESULT_TOO_LARGE', `the records asked for are more than ${limit} bytes`, {
        details: { limit, hint: 'ask for less at once: fewer keys, or a scan, which comes in pages' },
      });
    }
    case 'LEASE_NOT_FOUND':
      return new QuorateError('LEASE_NOT_FOUND', `there is no lease ${failure.lease}`);
    case 'LEASE_EXISTS':
      return new QuorateError('LEASE_EXISTS', `lease ${failure.lease} exists`);
    case 'TOO_MANY_LEASES': {
      const { limit } = failure;
      return new QuorateError('TOO_MANY_LEASES', `there are ${limit} leases, the most there may be`, {
        details: { limit },
      });
    }
    case 'SESSION_EXPIRED':
      return new QuorateError('SESSION_EXPIRED', 'the session has expired, or was closed or evicted');
    case 'SEQUENCE_ACKNOWLEDGED': {
      const message = `replies through sequence ${failure.acknowledgedThrough} are acknowledged`;
      return new QuorateError('SEQUENCE_ACKNOWLEDGED', message);
    }
    case 'RESOLVED_NEVER':
      return new QuorateError('RESOLVED_NEVER', 'the write was resolved and will never take effect');
    case 'TOO_MANY_UNACKNOWLEDGED': {
      const message = `too much above sequence ${failure.acknowledgedThrough} is not acknowledged`;
      return new QuorateError('TOO_MANY_UNACKNOWLEDGED', message);
    }
    case 'FUTURE_REVISION': {
      const { revision } = failure;
      return new QuorateError('FUTURE_REVISION', `the store is at revision ${revision}`, {
        details: { revision },
      });
    }
  }
}

function conflict(currentRevision: number): QuorateError {
  const found =
    currentRevision === 0 ? 'the key does not exist' : `the key stands at revision ${currentRevision}`;
  const details = { currentRevision };
  return new QuorateError('CONFLICT', `the condition does not hold: ${found}`, { details });
}
