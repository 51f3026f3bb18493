/** The client protocol as a table: one row a message, fields in the order of their tuple. See docs/protocol.md. */
import type {
  ClientLimits,
  ClientMessage,
  ReadLevel,
  ServerMessage,
  Topology,
  TopologyMember,
} from './client-protocol.ts';
import { CLIENT_FRAME_ELEMENTS_MAX } from './defaults.ts';
import { packFrame, unpackFrame } from './frame.ts';
import type { FrameLimits, Result } from './frame.ts';
import { decodeMessages } from './messages.ts';
import { bytes, int64, integer, list, nullable, oneOf, record, variants } from './shape.ts';
import type { Shape } from './shape.ts';
import {
  count,
  errorCode,
  errorDetails,
  name,
  outcome,
  query,
  queryResult,
  reply,
  sentence,
} from './shared-shapes.ts';

/** A request's number; 0 means the connection as a whole, and only a node says it. */
const requestId = integer(1, 2 ** 32 - 1);
const timeoutMs = integer(0, 2 ** 31 - 1);
const level: Shape<ReadLevel> = oneOf<ReadLevel>('linearizable', 'local');

const topology: Shape<Topology> = record<Topology>({
  term: count,
  leader: nullable(name),
  members: list(record<TopologyMember>({ id: name, client: name })),
});

const limits: Shape<ClientLimits> = record<ClientLimits>({
  keyBytesMax: count,
  valueBytesMax: count,
  requestBytesMax: count,
  inFlightMax: count,
});

const clientMessage: Shape<ClientMessage> = variants<ClientMessage>({
  hello: {
    tag: 0,
    fields: { protocolMin: count, protocolMax: count, client: name, clusterId: nullable(name) },
  },
  write: { tag: 1, fields: { id: requestId, timeoutMs, session: int64, sequence: count, operation: bytes } },
  read: { tag: 2, fields: { id: requestId, timeoutMs, level, minRevision: count, query } },
  cancel: { tag: 3, fields: { id: requestId } },
  ping: { tag: 4, fields: { nonce: count } },
});

const serverMessage: Shape<ServerMessage> = variants<ServerMessage>({
  welcome: { tag: 0, fields: { protocol: count, clusterId: name, nodeId: name, topology, limits } },
  written: { tag: 1, fields: { id: requestId, term: count, reply } },
  answer: {
    tag: 2,
    fields: { id: requestId, term: count, revision: count, level, ageMs: integer(-1), result: queryResult },
  },
  failed: {
    tag: 3,
    fields: {
      id: integer(0, 2 ** 32 - 1),
      code: errorCode,
      message: sentence,
      outcome,
      details: errorDetails,
    },
  },
  topology: { tag: 4, fields: { topology } },
  goodbye: { tag: 5, fields: {} },
  pong: { tag: 6, fields: { nonce: count } },
});

export function encodeClientMessages(messages: readonly ClientMessage[]): Uint8Array {
  return packFrame(messages.map(clientMessage.encode));
}

/** All of a frame's messages, or the reason why the connection that sent it must be closed. */
export function decodeClientFrame(frame: Uint8Array, frameLimits: FrameLimits): Result<ClientMessage[]> {
  const elementsMax = frameLimits.elementsMax ?? CLIENT_FRAME_ELEMENTS_MAX;
  return decodeMessages(unpackFrame(frame, { ...frameLimits, elementsMax }), clientMessage);
}

export function encodeServerMessages(messages: readonly ServerMessage[]): Uint8Array {
  return packFrame(messages.map(serverMessage.encode));
}

export function decodeServerFrame(frame: Uint8Array, frameLimits: FrameLimits): Result<ServerMessage[]> {
  return decodeMessages(unpackFrame(frame, frameLimits), serverMessage);
}
