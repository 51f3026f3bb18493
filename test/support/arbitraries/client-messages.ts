/** Messages of the client protocol, both ways. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { ClientMessage, ServerMessage, Topology } from '../../../src/wire/client-protocol.ts';
import { ERROR_CODES, isErrorCode } from '../../../src/wire/errors.ts';
import type { ErrorDetails, Outcome } from '../../../src/wire/errors.ts';
import { query } from './operations.ts';
import { queryResult, reply } from './replies.ts';
import { bytes, count, int64, name, orNull } from './values.ts';

export const errorCode = fc.constantFrom(...Object.keys(ERROR_CODES).filter(isErrorCode));
export const outcome = fc.constantFrom<Outcome>('applied', 'not-applied', 'unknown');
const details: Arbitrary<ErrorDetails> = fc.record(
  {
    leader: name,
    retryAfterMs: count,
    currentRevision: count,
    limit: count,
    actual: count,
    hint: name,
    floor: count,
    revision: count,
    at: name,
  },
  { requiredKeys: [] },
);

const topology: Arbitrary<Topology> = fc.record({
  term: count,
  leader: orNull(name),
  members: fc.array(fc.record({ id: name, client: name }), { maxLength: 3 }),
});

const requestId = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const timeoutMs = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const level = fc.constantFrom('linearizable' as const, 'local' as const);

export const clientMessage: Arbitrary<ClientMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    protocolMin: count,
    protocolMax: count,
    client: name,
    clusterId: orNull(name),
  }),
  fc.record({
    type: fc.constant('write' as const),
    id: requestId,
    timeoutMs,
    session: int64,
    sequence: count,
    operation: bytes,
  }),
  fc.record({
    type: fc.constant('read' as const),
    id: requestId,
    timeoutMs,
    level,
    minRevision: count,
    query,
  }),
  fc.record({ type: fc.constant('cancel' as const), id: requestId }),
  fc.record({ type: fc.constant('ping' as const), nonce: count }),
);

export const serverMessage: Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    protocol: count,
    clusterId: name,
    nodeId: name,
    topology,
    limits: fc.record({
      keyBytesMax: count,
      valueBytesMax: count,
      requestBytesMax: count,
      inFlightMax: count,
    }),
  }),
  fc.record({ type: fc.constant('written' as const), id: requestId, term: count, reply }),
  fc.record({
    type: fc.constant('answer' as const),
    id: requestId,
    term: count,
    revision: count,
    level,
    ageMs: fc.integer({ min: -1, max: 2 ** 40 }),
    result: queryResult,
  }),
  fc.record({
    type: fc.constant('failed' as const),
    id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    code: errorCode,
    message: name,
    outcome,
    details,
  }),
  fc.record({ type: fc.constant('topology' as const), topology }),
  fc.constant({ type: 'goodbye' as const }),
  fc.record({ type: fc.constant('pong' as const), nonce: count }),
);
