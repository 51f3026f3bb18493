/** Every error that the engine itself makes, and which of several a caller is told. */
import { QuorateError } from '../../wire/errors.ts';
import type { ErrorCode, Outcome } from '../../wire/errors.ts';
import { isForGood } from './endpoint.ts';
import type { Link } from './link.ts';
import { isWrite } from './request.ts';
import type { Millis, Request } from './request.ts';
import { OVERLOADED_RETRY_MS } from './timing.ts';

/**
 * How much a failure tells somebody who cannot wait any longer. What a node says of the cluster outranks what it says
 * of itself, and both outrank what we merely did not see.
 */
const TELLING: Partial<Record<ErrorCode, number>> = {
  NO_QUORUM: 4,
  RECOVERING: 3,
  OVERLOADED: 3,
  SHUTTING_DOWN: 2,
  UNAVAILABLE: 1,
  TIMEOUT: 0,
};

/** Whatever is not in the table is a node's definite word on this very request. */
function tells(error: QuorateError): number {
  return TELLING[error.code] ?? Number.POSITIVE_INFINITY;
}

/** The newer of the two, unless the older tells more. */
export function moreTelling(older: QuorateError | null, newer: QuorateError): QuorateError {
  return older !== null && tells(older) > tells(newer) ? older : newer;
}

/** The last word on a request: `final` decides what is known of its effect, the most telling failure says why. */
export function lastWord(request: Request, final: QuorateError): QuorateError {
  const telling = moreTelling(request.telling, final);
  if (telling === final) return final;
  const { outcome } = final;
  if (telling.outcome === outcome) return telling;
  const message = `${telling.message}; then ${final.message}`;
  return new QuorateError(telling.code, message, { outcome, details: telling.details, cause: telling });
}

export function queueFull(): QuorateError {
  const message = 'too many requests already wait in this client for a connection';
  return new QuorateError('OVERLOADED', message, { details: { retryAfterMs: OVERLOADED_RETRY_MS } });
}

export function clientClosed(outcome: Outcome): QuorateError {
  const effect = outcome === 'unknown' ? '; the write had been sent and may still be applied' : '';
  return new QuorateError('CLOSED', `the client was closed${effect}`, { outcome });
}

export function abortedBy(request: Request, reason: unknown): QuorateError {
  const outcome = effectSoFar(request);
  const effect =
    outcome === 'unknown'
      ? 'it had been sent and may still be applied'
      : 'nothing of it was or will be applied';
  const subject = isWrite(request) ? `the write was aborted; ${effect}` : 'the call was aborted';
  return new QuorateError('ABORTED', subject, { outcome, cause: reason });
}

/** Reads have no effect; of a write, only one that is in flight, or was when it was last heard of, can have any. */
export function effectSoFar(request: Request): Outcome {
  return isWrite(request) && (request.unsure || request.place.at === 'inFlight') ? 'unknown' : 'not-applied';
}

/** What is known of this attempt is not all: an earlier one may have been, or may yet be, applied. */
export function asFarAsKnown(request: Request, error: QuorateError): QuorateError {
  if (!request.unsure || !isWrite(request) || error.outcome !== 'not-applied') return error;
  const message = `${error.message}; what became of an earlier attempt is not known`;
  return new QuorateError(error.code, message, { outcome: 'unknown', details: error.details, cause: error });
}

export function withOperation(error: QuorateError, operation: string): QuorateError {
  const details = { ...error.details, operation };
  return new QuorateError(error.code, error.message, { outcome: error.outcome, details, cause: error.cause });
}

export function connectionLost(request: Request, link: Link, cause: QuorateError): QuorateError {
  const outcome = effectSoFar(request);
  const effect = outcome === 'unknown' ? 'before it said what became of the write' : 'before it answered';
  return new QuorateError(
    'UNAVAILABLE',
    `the connection to ${link.nodeId} broke ${effect}: ${cause.message}`,
    {
      outcome,
      cause,
    },
  );
}

export function noAnswer(request: Request, link: Link, now: Millis): QuorateError {
  const outcome = effectSoFar(request);
  const waitedMs = Math.round(now - request.submittedAt);
  const effect = outcome === 'unknown' ? '; the write may have been applied, or may still be' : '';
  return new QuorateError('TIMEOUT', `${link.nodeId} did not answer within ${waitedMs} ms${effect}`, {
    outcome,
  });
}

export function onlySilentNodes(links: readonly Link[]): QuorateError {
  const names = links.map(({ nodeId }) => nodeId).join(', ');
  return new QuorateError('UNAVAILABLE', `connected, but without any sign of life from ${names}`);
}

export function neverSent(request: Request, now: Millis): QuorateError {
  const waitedMs = Math.round(now - request.submittedAt);
  const message = `the request waited ${waitedMs} ms for its turn on a connection and was never sent`;
  return new QuorateError('TIMEOUT', message, { outcome: 'not-applied' });
}

export function nobodyLeads(links: readonly Link[]): QuorateError {
  const names = links.map(({ nodeId }) => nodeId).join(', ');
  return new QuorateError('NO_QUORUM', `connected to ${names}, and none of them knows a leader`);
}

/** The write that waits for a session was never sent, whatever became of the request for one. */
export function noSession(cause: QuorateError): QuorateError {
  if (cause.outcome === 'not-applied') return cause;
  const message = `no session could be opened: ${cause.message}`;
  return new QuorateError(cause.code, message, { outcome: 'not-applied', details: cause.details, cause });
}

export function requestTooLarge(actual: number, limit: number): QuorateError {
  const message = `a request of ${actual} bytes; the most is ${limit}`;
  return new QuorateError('REQUEST_TOO_LARGE', message, { details: { actual, limit } });
}

export function brokenProtocol(link: Link, what: string): QuorateError {
  return new QuorateError('FRAME_INVALID', `${link.nodeId} ${what}`);
}

export function wentSilent(link: Link, now: Millis): QuorateError {
  return new QuorateError('UNAVAILABLE', `no sign of life for ${Math.round(link.silentMs(now))} ms`);
}

export interface Unreached {
  readonly address: string;
  readonly failure: QuorateError | null;
}

/** Nobody could be reached: says whom we tried and what each attempt met. */
export function unreachable(tried: readonly Unreached[]): QuorateError {
  const attempts = tried.map(({ address, failure }) => `${address}: ${failure?.message ?? 'no answer yet'}`);
  const message = `no endpoint could be reached (${attempts.join('; ')})`;
  const refused = tried.map(({ failure }) => failure).find(isForGood);
  if (refused !== undefined) return new QuorateError(refused.code, message, { cause: refused });
  const cause = tried.find(({ failure }) => failure !== null)?.failure ?? undefined;
  const hint = 'check that the nodes run and that the addresses are those of their client ports';
  return new QuorateError('UNAVAILABLE', message, { cause, details: { hint } });
}
