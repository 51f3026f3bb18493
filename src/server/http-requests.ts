import type { ClientMessage, ServerMessage } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { CLIENT_PROTOCOL } from '../wire/versions.ts';
import { Deferred } from './deferred.ts';
import type { HttpNode } from './http-routes.ts';
import type { ConnectionId, LoopEvent } from './loop-io.ts';
import type { NodeLimits } from './settings.ts';
import type { NodeStatus } from './status.ts';

/** What HTTP needs of the node. */
export interface HttpOwner {
  post(event: LoopEvent): void;
  nextId(): ConnectionId;
  status(): NodeStatus;
}

/** One HTTP request is one client of the loop, with one message and one answer. */
export class HttpRequests implements HttpNode {
  readonly limits: NodeLimits;
  readonly #owner: HttpOwner;
  readonly #open = new Map<ConnectionId, Deferred<ServerMessage>>();

  constructor(owner: HttpOwner, limits: NodeLimits) {
    this.#owner = owner;
    this.limits = limits;
  }

  status(): NodeStatus {
    return this.#owner.status();
  }

  /** Answered by the request's deadline: the loop sees to that. */
  async submit(message: Extract<ClientMessage, { type: 'read' | 'write' }>): Promise<ServerMessage> {
    const { phase, waitingFor } = this.status();
    if (phase === 'starting') throw new QuorateError('NO_QUORUM', `not joined yet: ${waitingFor}`);
    const connection = this.#owner.nextId();
    const deferred = new Deferred<ServerMessage>();
    this.#open.set(connection, deferred);
    this.#owner.post({ type: 'clientOpened', connection });
    this.#owner.post({ type: 'clientMessages', connection, messages: [HELLO, message] });
    return await deferred.promise;
  }

  /** False if the connection is no HTTP request. What is no answer (welcome, topology) is dropped. */
  answered(connection: ConnectionId, message: ServerMessage): boolean {
    const deferred = this.#open.get(connection);
    if (deferred === undefined) return false;
    if (message.type === 'written' || message.type === 'answer' || message.type === 'failed') {
      this.#open.delete(connection);
      deferred.resolve(message);
      // Within a turn: the loop hears of it with the next one.
      queueMicrotask(() => this.#owner.post({ type: 'clientClosed', connection }));
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
