import { describe, expect, it } from 'vitest';
import { ERROR_CODES, isErrorCode, QuorateError } from '../../../src/wire/errors.ts';
import { fromFailedMessage, fromFailure } from '../../../src/wire/failures.ts';
import { errorsPage } from './errors-page.ts';
import { SERVER_MESSAGES } from './samples.ts';

/** SPEC's appendix, as far as these capabilities exist. */
const FIXED = `CONFLICT NOT_FOUND NO_QUORUM TIMEOUT UNAVAILABLE OVERLOADED KEY_TOO_LARGE VALUE_TOO_LARGE
  REQUEST_TOO_LARGE INVALID_ARGUMENT NOT_A_COUNTER COUNTER_OVERFLOW ABORTED CLOSED SHUTTING_DOWN RECOVERING
  ADDRESS_IN_USE DATA_DIR_UNUSABLE CONFIG_INVALID FORMAT_UNSUPPORTED FRAME_INVALID IO_FAILED INTERNAL WRONG_CLUSTER
  WRONG_NODE INCARNATION_FENCED PROTOCOL_MISMATCH DATA_LOCKED CORRUPT COMPACTED FUTURE_REVISION
  DUPLICATE_KEY TOO_MANY_OPERATIONS SESSION_EXPIRED SEQUENCE_ACKNOWLEDGED RESOLVED_NEVER
  TOO_MANY_UNACKNOWLEDGED LEASE_NOT_FOUND LEASE_EXISTS TOO_MANY_LEASES
  RESULT_TOO_LARGE`.split(/\s+/u);

describe('the table of error codes', () => {
  it('has exactly the names that SPEC fixes for what exists', () => {
    expect(Object.keys(ERROR_CODES).toSorted()).toEqual(FIXED.toSorted());
  });

  it.each(Object.entries(ERROR_CODES))('%s says in one sentence what happened', (code, { meaning }) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/u);
    expect(meaning).toMatch(/^[A-Z].{15,100}[^.]\.$/u);
  });

  it('knows its own names, and no property of objects', () => {
    expect(['CONFLICT', 'conflict', 'toString', '__proto__', ''].map(isErrorCode)).toEqual([
      true,
      ...Array(4).fill(false),
    ]);
  });

  it('is what docs/errors.md prints: after a change, run this file with -u', async () => {
    await expect(errorsPage()).toMatchFileSnapshot('../../../docs/errors.md');
  });
});

describe('a QuorateError', () => {
  it('takes from the table what its code alone tells, and from its maker what is known better', () => {
    const plain = new QuorateError('TIMEOUT', 'too late');
    expect(plain).toMatchObject({ code: 'TIMEOUT', retryable: true, outcome: 'unknown', details: {} });
    const better = new QuorateError('TIMEOUT', 'too late', { outcome: 'not-applied', details: { limit: 1 } });
    expect(better).toMatchObject({ outcome: 'not-applied', details: { limit: 1 } });
  });

  it('is an Error with name, message, stack and, if there is one, cause', () => {
    const cause = new Error('below');
    const error = new QuorateError('IO_FAILED', 'the disk failed', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('QuorateError: the disk failed');
    expect(error.cause).toBe(cause);
    expect('cause' in new QuorateError('CLOSED', 'closed')).toBe(false);
  });

  it('is recognised whichever loaded copy of the package made it, and nothing else is', () => {
    const fromAnotherCopy = Object.assign(new Error('x'), { [Symbol.for('quorate.error')]: true });
    const likeOne = Object.assign(new Error('x'), { name: 'QuorateError', code: 'CONFLICT' });
    const notAnError = { [Symbol.for('quorate.error')]: true };
    expect([new QuorateError('CLOSED', ''), fromAnotherCopy].every((each) => QuorateError.is(each))).toBe(
      true,
    );
    expect([likeOne, notAnError, null, undefined, 'CLOSED'].some((each) => QuorateError.is(each))).toBe(
      false,
    );
  });
});

describe('what the state machine refuses', () => {
  it.each([
    [{ code: 'CONFLICT', current: null } as const, 'the condition does not hold: the key does not exist', 0],
    [
      {
        code: 'CONFLICT',
        current: {
          key: Uint8Array.of(1),
          value: Uint8Array.of(),
          createRevision: 2,
          modRevision: 7,
          version: 3,
          lease: 0n,
        },
      } as const,
      'the condition does not hold: the key stands at revision 7',
      7,
    ],
  ])('for a condition names the revision that stands there', (failure, message, currentRevision) => {
    const error = fromFailure(failure);
    expect(error).toMatchObject({ code: 'CONFLICT', message, outcome: 'not-applied', retryable: false });
    expect(error.details).toEqual({ currentRevision });
  });

  it('for a revision that cannot be read says which can', () => {
    expect(fromFailure({ code: 'COMPACTED', floor: 40 })).toMatchObject({
      code: 'COMPACTED',
      message: 'history begins at revision 40',
      details: { floor: 40 },
    });
    expect(fromFailure({ code: 'FUTURE_REVISION', revision: 41 })).toMatchObject({
      code: 'FUTURE_REVISION',
      message: 'the store is at revision 41',
      details: { revision: 41 },
    });
  });

  it('for a step of a transaction says which', () => {
    const at = 'do[1].otherwise[0]';
    const error = fromFailure({ code: 'TXN_FAILED', at, cause: { code: 'CONFLICT', current: null } });
    expect(error).toMatchObject({
      code: 'CONFLICT',
      message: 'do[1].otherwise[0]: the condition does not hold: the key does not exist',
      details: { currentRevision: 0, at },
    });
    const again = fromFailure({ code: 'TXN_FAILED', at, cause: { code: 'DUPLICATE_KEY' } });
    expect(again).toMatchObject({ code: 'DUPLICATE_KEY', details: { at } });
  });

  it('for a counter says why', () => {
    expect(fromFailure({ code: 'NOT_A_COUNTER' }).message).toBe('the value is not a decimal 64-bit integer');
    expect(fromFailure({ code: 'COUNTER_OVERFLOW', value: 2n ** 63n - 1n }).message).toBe(
      '9223372036854775807 plus the amount does not fit in 64 bits',
    );
  });
});

it('what a node says has failed fails with the same words at the caller', () => {
  const { code, message, outcome, details } = SERVER_MESSAGES.failed;
  expect(fromFailedMessage(SERVER_MESSAGES.failed)).toMatchObject({ code, message, outcome, details });
});
