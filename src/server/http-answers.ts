import type { ServerResponse } from 'node:http';
import type { ErrorCode, QuorateError } from '../wire/errors.ts';

export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', `${JSON.stringify(value)}\n`);
}

export function sendBytes(response: ServerResponse, status: number, bytes: Uint8Array): void {
  send(response, status, 'application/octet-stream', bytes);
}

export function sendError(response: ServerResponse, error: QuorateError): void {
  const { code, message, outcome, details, retryable } = error;
  if (details.retryAfterMs !== undefined) {
    response.setHeader('retry-after', Math.ceil(details.retryAfterMs / 1000));
  }
  sendJson(response, HTTP_STATUS[code] ?? 500, { code, message, outcome, retryable, details });
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** What is not listed is 500. */
const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  KEY_TOO_LARGE: 413,
  VALUE_TOO_LARGE: 413,
  REQUEST_TOO_LARGE: 413,
  RESULT_TOO_LARGE: 413,
  NOT_A_COUNTER: 409,
  COUNTER_OVERFLOW: 409,
  CONFLICT: 412,
  LEASE_NOT_FOUND: 404,
  NOT_FOUND: 404,
  COMPACTED: 410,
  FUTURE_REVISION: 400,
  DUPLICATE_KEY: 400,
  TOO_MANY_OPERATIONS: 413,
  OVERLOADED: 429,
  NO_QUORUM: 503,
  UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
  TIMEOUT: 504,
};
