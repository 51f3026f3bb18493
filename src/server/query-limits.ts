import { isLeaseQuery } from '../kv/lease-operation.ts';
import type { AnyQuery, Bytes, Operation } from '../kv/operation.ts';
import { decodeAcknowledged } from '../wire/acknowledged-operation.ts';
import type { ErrorCode } from '../wire/errors.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import { checkTxn } from '../wire/txn-check.ts';
import type { NodeLimits } from './settings.ts';

/** What a client sends, or a node on behalf of one. `session` 0n: outside a session. */
export interface OfferedRequest {
  readonly session: bigint;
  readonly sequence: number;
  /** As the client encoded it. */
  readonly operation: Bytes;
}

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Each costs the state machine about as much as a write does. */
const RENEWED_MAX = 1_024;

/** Why the request is refused before the log; null when it is in order. Nothing enters the log that does not pass here. */
export function checkRequest(request: OfferedRequest, limits: NodeLimits): Refusal | null {
  const decoded = decodeAcknowledged(request.operation, limits);
  if (!decoded.ok) return decoded;
  if (request.session !== 0n && request.sequence < 1) return invalid('sequences of a session start at 1');
  return checkOperation(decoded.value.operation);
}

function checkOperation(operation: Operation): Refusal | null {
  switch (operation.type) {
    case 'txn':
      return checkTxn(operation);
    case 'leaseExpire':
    case 'sessionExpire':
      return invalid(`${operation.type} is proposed by the leader alone`);
    case 'leaseRenew':
    case 'sessionRenew': {
      const { length } = operation.ids;
      if (length <= RENEWED_MAX) return null;
      return {
        code: 'TOO_MANY_OPERATIONS',
        message: `${length} renewals in one; the most is ${RENEWED_MAX}`,
      };
    }
    case 'put':
    case 'delete':
    case 'increment':
    case 'compact':
    case 'leaseGrant':
    case 'leaseRevoke':
    case 'sessionOpen':
    case 'sessionClose':
    case 'resolve':
      return null;
  }
}

function invalid(message: string): Refusal {
  return { code: 'INVALID_ARGUMENT', message };
}

/** Why a query is refused before it is served; null when it is in order. */
export function checkQuery(query: AnyQuery, limits: NodeLimits): Refusal | null {
  if (isLeaseQuery(query)) return null;
  if (query.type === 'past') return checkQuery(query.read, limits);
  if (query.type === 'txn') {
    return checkRequest({ session: 0n, sequence: 0, operation: encodeOperation(query) }, limits);
  }
  const keys: readonly Bytes[] =
    query.type === 'get' ? query.keys : query.range.end === null ? [query.range.start] : [];
  if (query.type === 'get' && keys.length > limits.pageRecordsMax) {
    const message = `${keys.length} keys in one read; the most is ${limits.pageRecordsMax}`;
    return { code: 'REQUEST_TOO_LARGE', message };
  }
  for (const key of keys) {
    if (key.length === 0) return invalid('a key has at least one byte');
    if (key.length > limits.keyBytesMax) {
      const message = `a key of ${key.length} bytes; the most is ${limits.keyBytesMax}`;
      return { code: 'KEY_TOO_LARGE', message };
    }
  }
  return null;
}
