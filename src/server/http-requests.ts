import type { ClientMessage, ServerMessage } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { CLIENT_PROTOCOL } from '../wire/versions.ts';
import { Deferred } from './deferred.ts';
import type { ConnectionId, LoopEvent } from './loop-io.ts';

/** One HTTP request is one client of the loop, with one message and one answer. */
export class HttpRequests {
  readonly #post: (event: LoopEvent) => void;
  readonly #nextId: () => ConnectionId;
  readonly #open = new Map<ConnectionId, Deferred<ServerMessage>>();

  constructor(post: (event: LoopEvent) => void, nextId: () => ConnectionId) {
    this.#post = post;
    this.#nextId = nextId;
  }

  /** Answered by the request's deadline: the loop sees to that. */
  submit(message: Extract<ClientMessage, { type: 'read' | 'write' }>): Promise<ServerMessage> {
    const connection = this.#nextId();
    const deferred = new Deferred<ServerMessage>();
    this.#open.set(connection, deferred);
    this.#post({ type: 'clientOpened', connection });
    this.#post({ type: 'clientMessages', connection, messages: [HELLO, message] });
    return deferred.promise;
  }

  /** False if the connection is no HTTP request. What is no answer (welcome, topology) is dropped. */
  answered(connection: ConnectionId, message: ServerMessage): boolean {
    const deferred = this.#open.get(connection);
    if (deferred === undefined) return false;
    if (message.type === 'written' || message.type === 'answer' || message.type === 'failed') {
      this.#open.delete(connection);
      deferred.resolve(message);
      // Within a turn: the loop hears of it with the next one.
      queueMicrotask(() => this.#post({ type: 'clientClosed', connection }));
    }
    return true;
  }

  closeAll(): void {
    for (const deferred of this.#open.values()) {
      deferred.reject(new QuorateError('SHUTTING_DOWN', 'the node is stopping', { outcome: 'unknown' }));
    }
    this.#open.clear();
  }
}

const HELLO: ClientMessage = {
  type: 'hello',
  protocolMin: CLIENT_PROTOCOL.min,
  protocolMax: CLIENT_PROTOCOL.max,
  client: 'http',
  clusterId: null,
};
