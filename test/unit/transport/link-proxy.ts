import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import type { Endpoint } from '../../../src/wire/endpoints.ts';
import { endpointOf } from './messages.ts';

/** The network between two nodes: it can be cut with a reset, or turn silent while connections stay. */
export class LinkProxy {
  readonly #server: Server;
  readonly #target: Endpoint;
  readonly #sockets = new Set<Socket>();
  #silent = false;

  private constructor(target: Endpoint) {
    this.#target = target;
    this.#server = createServer((near) => this.#pipe(near));
  }

  static async open(target: Endpoint): Promise<LinkProxy> {
    const proxy = new LinkProxy(target);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get address(): Endpoint {
    return endpointOf(this.#server);
  }

  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Connections are taken and kept, and nothing passes; neither side is told. */
  silence(): void {
    this.#silent = true;
  }

  heal(): void {
    this.#silent = false;
  }

  /** Both sides learn of it at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #pipe(near: Socket): void {
    const far = connect(this.#target.port, this.#target.host);
    this.#join(near, far);
    this.#join(far, near);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    let lost = this.#silent;
    from.on('data', (bytes) => {
      // What was lost once leaves a hole, and no byte behind a hole may pass.
      lost ||= this.#silent;
      if (!lost) to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!this.#silent) to.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }
}
