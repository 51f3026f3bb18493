/**
 * A TCP proxy in front of one address, with a network of its own: whoever dials it reaches the target over two lanes,
 * one for each direction.
 *
 * A connection through lanes that are closed is not made at all, as a SYN that is dropped makes none: the target sees
 * nothing of a dialler that gave up in the meantime.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import type { Lane } from './lane.ts';
import { Pipe } from './pipe.ts';

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

export class LinkProxy {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a port of its own. `forth`: from whoever dials to the target; `back`: the way of the answers. */
  static async listen(target: ProxyTarget, forth: Lane, back: Lane, port = 0): Promise<LinkProxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    const proxy = new LinkProxy(server);
    server.on('connection', (dialler) => {
      const connection = new Connection(dialler, target, { forth, back });
      proxy.#connections.add(connection);
      connection.onClose(() => proxy.#connections.delete(connection));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** HOST:PORT to dial. */
  get address(): string {
    const address = this.#server.address();
    if (!isAddressInfo(address)) throw new Error('the proxy does not listen');
    return `127.0.0.1:${address.port}`;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Resets everything that is open. */
  cut(): void {
    for (const connection of this.#connections) connection.reset();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}

interface Lanes {
  readonly forth: Lane;
  readonly back: Lane;
}

class Connection {
  readonly #dialler: Socket;
  readonly #target: ProxyTarget;
  readonly #lanes: Lanes;
  readonly #forth: Pipe;
  readonly #ignore: readonly (() => void)[];
  #listener: Socket | null = null;
  #back: Pipe | null = null;
  #onClose: () => void = () => {};
  #open = true;

  constructor(dialler: Socket, target: ProxyTarget, lanes: Lanes) {
    this.#dialler = dialler;
    this.#target = target;
    this.#lanes = lanes;
    for (const lane of [lanes.forth, lanes.back]) if (lane.closed) lane.refusedAttempt();
    this.#forth = new Pipe(dialler, lanes.forth, () => this.reset());
    this.#ignore = [lanes.forth, lanes.back].map((lane) => lane.onChange(() => this.#laneChanged()));
    this.#watch(dialler);
    this.#establish();
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  reset(): void {
    this.#lanes.forth.wasCut();
    this.#lanes.back.wasCut();
    this.#dialler.resetAndDestroy();
    this.#listener?.resetAndDestroy();
    this.#gone();
  }

  destroy(): void {
    this.#dialler.destroy();
    this.#listener?.destroy();
    this.#gone();
  }

  #laneChanged(): void {
    const { forth, back } = this.#lanes;
    const broken =
      (this.#forth.hasHole && forth.condition.kind !== 'drop') ||
      (this.#back?.hasHole === true && back.condition.kind !== 'drop');
    if (broken) {
      this.reset();
      return;
    }
    this.#establish();
    this.#forth.pump();
    this.#back?.pump();
  }

  /** Both the SYN and its answer must get through. */
  #establish(): void {
    const { forth, back } = this.#lanes;
    if (!this.#open || this.#listener !== null || forth.closed || back.closed) return;
    if (this.#forth.ended) {
      this.destroy();
      return;
    }
    const listener = connect({ ...this.#target, noDelay: true, allowHalfOpen: true });
    this.#listener = listener;
    this.#back = new Pipe(listener, back, () => this.reset());
    this.#watch(listener);
    this.#back.deliverTo(this.#dialler);
    listener.once('connect', () => this.#forth.deliverTo(listener));
  }

  #watch(socket: Socket): void {
    socket.on('error', () => {
      // Told as `close`, which always follows.
    });
    socket.once('close', () => this.#settle());
  }

  /** Over once both sides are closed, or nobody ever answered. */
  #settle(): void {
    const listener = this.#listener;
    if (listener === null) {
      this.destroy();
      return;
    }
    if (listener.destroyed && !this.#everConnected(listener)) this.destroy();
    else if (this.#dialler.destroyed && listener.destroyed) this.#gone();
  }

  /** A refused connection never had an address to come from. */
  #everConnected(listener: Socket): boolean {
    return listener.bytesRead > 0 || listener.bytesWritten > 0;
  }

  #gone(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const ignore of this.#ignore) ignore();
    this.#forth.close();
    this.#back?.close();
    this.#onClose();
  }
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
