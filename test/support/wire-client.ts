import { once } from 'node:events';

import { WebSocket } from 'ws';

import type { Operation, Query } from '../../src/kv/operation.ts';
import { decodeServerFrame, encodeClientMessages } from '../../src/wire/client-codec.ts';
import type { ClientMessage, ServerMessage } from '../../src/wire/client-protocol.ts';
import { SERVER_FRAME_BYTES_MAX } from '../../src/wire/defaults.ts';
import { QuorateError } from '../../src/wire/errors.ts';
import { fromFailedMessage } from '../../src/wire/failures.ts';
import { encodeOperation } from '../../src/wire/operation-codec.ts';
import { CLIENT_PROTOCOL, CLIENT_SUBPROTOCOL } from '../../src/wire/versions.ts';
import type { LocalNode } from './cluster.ts';

type Written = Extract<ServerMessage, { type: 'written' }>;
type Answer = Extract<ServerMessage, { type: 'answer' }>;
type Settle = (message: Written | Answer | QuorateError) => void;

/**
 * One connection to one node, and nothing clever: no routing, no retry, no second node. What this node said, it said
 * itself.
 */
export class WireClient {
  readonly node: LocalNode;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Settle>();
  #nextId = 1;

  private constructor(node: LocalNode, socket: WebSocket) {
    this.node = node;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#received(data));
    socket.on('close', () => this.#lost());
    socket.on('error', () => this.#lost());
  }

  static async open(node: LocalNode): Promise<WireClient> {
    const socket = new WebSocket(`ws://${node.client}`, CLIENT_SUBPROTOCOL, {
      perMessageDeflate: false,
      handshakeTimeout: 2_000,
    });
    try {
      await once(socket, 'open');
    } catch (error) {
      throw new QuorateError('UNAVAILABLE', `${node.id} does not answer`, { cause: error });
    }
    const client = new WireClient(node, socket);
    client.#send({
      type: 'hello',
      protocolMin: CLIENT_PROTOCOL.min,
      protocolMax: CLIENT_PROTOCOL.max,
      client: 'test',
      clusterId: null,
    });
    return client;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Rejects with a QuorateError; a connection that closes leaves the outcome unknown. */
  async write(operation: Operation, timeoutMs = 5_000): Promise<Written> {
    const id = this.#id();
    const message = await this.#ask(id, {
      type: 'write',
      id,
      timeoutMs,
      session: 0n,
      sequence: 0,
      operation: encodeOperation(operation),
    });
    if (message.type !== 'written') throw new Error(`a write was answered with ${message.type}`);
    return message;
  }

  /** A linearizable read. */
  async read(query: Query, timeoutMs = 5_000): Promise<Answer> {
    const id = this.#id();
    const message = await this.#ask(id, {
      type: 'read',
      id,
      timeoutMs,
      level: 'linearizable',
      minRevision: 0,
      query,
    });
    if (message.type !== 'answer') throw new Error(`a read was answered with ${message.type}`);
    return message;
  }

  close(): void {
    this.#socket.terminate();
  }

  #id(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  async #ask(id: number, message: ClientMessage): Promise<Written | Answer> {
    const settled = await new Promise<Written | Answer | QuorateError>((resolve) => {
      this.#waiting.set(id, resolve);
      if (this.open) this.#send(message);
      else this.#lost();
    });
    if (QuorateError.is(settled)) throw settled;
    return settled;
  }

  #send(message: ClientMessage): void {
    this.#socket.send(encodeClientMessages([message]));
  }

  #received(data: Buffer): void {
    const frame = decodeServerFrame(data, { frameBytesMax: SERVER_FRAME_BYTES_MAX });
    if (!frame.ok) throw new Error(`${this.node.id} sent what is no frame: ${frame.reason}`);
    for (const message of frame.value) {
      if (message.type === 'written' || message.type === 'answer') this.#settle(message.id, message);
      if (message.type === 'failed') {
        this.#settle(message.id, fromFailedMessage(message));
      }
    }
  }

  #settle(id: number, message: Written | Answer | QuorateError): void {
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }

  #lost(): void {
    for (const id of this.#waiting.keys()) {
      const error = new QuorateError('UNAVAILABLE', `${this.node.id} is gone`, { outcome: 'unknown' });
      this.#settle(id, error);
    }
  }
}
