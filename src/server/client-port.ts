/**
 * Clients' sockets: frames in, frames out. All messages that a turn has for a client leave in one frame. A client
 * that does not read what it asked for is not read from either, so that its answers cannot pile up here.
 */
import { recordsIn } from '../kv/answer-size.ts';
import { isLeaseResult } from '../kv/lease-operation.ts';
import type { KvRecord, LeaseResult, QueryResult, Reply } from '../kv/operation.ts';
import type { ServerMessage } from '../wire/client-protocol.ts';
import { decodeClientFrame, encodeServerMessages } from '../wire/client-codec.ts';
import type { FrameSocket } from '../transport/index.ts';
import { CLIENT_FRAME_ELEMENTS_MAX, clientFrameBytesMax } from '../wire/defaults.ts';
import type { ErrorCode } from '../wire/errors.ts';
import type { FrameLimits } from '../wire/frame.ts';
import { groupByBytes } from './group-by-bytes.ts';
import type { ConnectionId, LoopEvent } from './loop-io.ts';
import type { NodeLimits } from './settings.ts';

/** Answers waiting in a socket above which the client is not read from any more. */
const BUFFERED_BYTES_PAUSE = 1024 * 1024;
/** A frame of answers is closed once it holds about this much; one page may exceed it. Far below what the SDK takes. */
const FRAME_BYTES = 4 * 1024 * 1024;

/** FrameSocket close codes (RFC 6455 §7.4.1). */
const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;

interface Client {
  readonly socket: FrameSocket;
  readonly outbox: ServerMessage[];
  closing: boolean;
  paused: boolean;
}

export class ClientPort {
  readonly #post: (event: LoopEvent) => void;
  readonly #frameLimits: FrameLimits;
  readonly #nextId: () => ConnectionId;
  readonly #clients = new Map<ConnectionId, Client>();
  readonly #dirty = new Set<ConnectionId>();
  #invalidFrames = 0;

  constructor(post: (event: LoopEvent) => void, limits: NodeLimits, nextId: () => ConnectionId) {
    this.#post = post;
    this.#frameLimits = {
      frameBytesMax: clientFrameBytesMax(limits.requestBytesMax),
      elementsMax: CLIENT_FRAME_ELEMENTS_MAX,
    };
    this.#nextId = nextId;
  }

  get count(): number {
    return this.#clients.size;
  }

  get invalidFrames(): number {
    return this.#invalidFrames;
  }

  accept(socket: FrameSocket): void {
    const connection = this.#nextId();
    const client: Client = { socket, outbox: [], closing: false, paused: false };
    this.#clients.set(connection, client);
    this.#post({ type: 'clientOpened', connection });
    socket.on('message', (data, isBinary) => this.#received(connection, client, data, isBinary));
    socket.on('close', () => {
      this.#clients.delete(connection);
      this.#dirty.delete(connection);
      this.#post({ type: 'clientClosed', connection });
    });
    // ws closes the connection itself after an error; the close event follows.
    socket.on('error', () => {
      this.#invalidFrames += 1;
    });
  }

  #received(connection: ConnectionId, client: Client, data: unknown, isBinary: boolean): void {
    if (client.closing) return;
    const decoded =
      isBinary && data instanceof Uint8Array
        ? decodeClientFrame(data, this.#frameLimits)
        : ({ ok: false, reason: 'text frames are not understood' } as const);
    if (decoded.ok) return this.#post({ type: 'clientMessages', connection, messages: decoded.value });
    this.#invalidFrames += 1;
    refuse(client.socket, 'FRAME_INVALID', decoded.reason);
    client.closing = true;
  }

  send(connection: ConnectionId, message: ServerMessage): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    client.outbox.push(message);
    this.#dirty.add(connection);
  }

  /** Closes once what was sent has left. */
  close(connection: ConnectionId): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    client.closing = true;
    this.#dirty.add(connection);
  }

  /** At the end of a turn: one frame for each client that has something coming. */
  flush(): void {
    // Most turns answer nobody, and clearing a set makes a new one.
    if (this.#dirty.size === 0) return;
    for (const connection of this.#dirty) {
      const client = this.#clients.get(connection);
      if (client !== undefined) this.#flushClient(client);
    }
    this.#dirty.clear();
  }

  #flushClient(client: Client): void {
    const { socket, outbox } = client;
    for (const messages of groupByBytes(outbox, approximateBytes, FRAME_BYTES)) {
      socket.send(encodeServerMessages(messages), () => this.#drained(client));
    }
    outbox.length = 0;
    if (client.closing) return socket.close(CLOSE_POLICY);
    if (!client.paused && socket.bufferedAmount > BUFFERED_BYTES_PAUSE) {
      client.paused = true;
      socket.pause();
    }
  }

  #drained(client: Client): void {
    if (!client.paused || client.socket.bufferedAmount > BUFFERED_BYTES_PAUSE / 2) return;
    client.paused = false;
    client.socket.resume();
  }

  closeAll(): void {
    for (const { socket } of this.#clients.values()) socket.close(CLOSE_GOING_AWAY);
  }
}

/** Tuples, ids and numbers around a message or a record, roughly. */
const OVERHEAD_BYTES = 64;

function approximateBytes(message: ServerMessage): number {
  if (message.type === 'answer' && isLeaseResult(message.result)) return bytesOfLeases(message.result);
  let bytes = OVERHEAD_BYTES;
  for (const record of recordsOf(message)) {
    if (record !== null) bytes += OVERHEAD_BYTES + record.key.length + record.value.length;
  }
  return bytes;
}

function bytesOfLeases(result: LeaseResult): number {
  if (result.type === 'leaseList') return OVERHEAD_BYTES * (1 + result.leases.length);
  return result.keys.reduce((bytes, key) => bytes + key.length, 2 * OVERHEAD_BYTES);
}

function recordsOf(message: ServerMessage): readonly (KvRecord | null)[] {
  if (message.type === 'answer') return isLeaseResult(message.result) ? [] : recordsOfResult(message.result);
  if (message.type !== 'written') return [];
  return recordsOfReply(message.reply);
}

function recordsOfReply(reply: Reply): readonly (KvRecord | null)[] {
  switch (reply.type) {
    case 'put':
    case 'delete':
    case 'increment':
    case 'txn':
      return recordsIn(reply);
    case 'resolve':
      return reply.resolution.type === 'applied' ? recordsOfReply(reply.resolution.reply) : [];
    case 'compact':
    case 'failure':
    case 'leaseGrant':
    case 'leaseRenew':
    case 'leaseRevoke':
    case 'leaseExpire':
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
      return [];
  }
}

function recordsOfResult(result: QueryResult): readonly (KvRecord | null)[] {
  return result.type === 'failure' ? [] : recordsIn(result);
}

/** One last message on a connection that cannot be: why, then close. */
export function refuse(socket: FrameSocket, code: ErrorCode, message: string): void {
  socket.send(
    encodeServerMessages([{ type: 'failed', id: 0, code, message, outcome: 'not-applied', details: {} }]),
  );
  socket.close(CLOSE_POLICY);
}
