import { setImmediate as nextTurn } from 'node:timers/promises';

import type { WebSocket } from 'ws';

import type { Clock } from '../../../src/transport/clock.ts';
import type { PeerIdentity } from '../../../src/transport/handshake.ts';
import type { LinkEnd } from '../../../src/transport/link-owner.ts';
import type { LinkTuning } from '../../../src/transport/link-tuning.ts';
import { listen } from '../../../src/transport/listener.ts';
import type { Listener, ListenerLimits } from '../../../src/transport/listener.ts';
import { PeerLinks } from '../../../src/transport/peer-links.ts';
import type { LinkWarning, PeerStats } from '../../../src/transport/peer-links-io.ts';
import type { Endpoint } from '../../../src/wire/endpoints.ts';
import type { Genesis, PeerHello, PeerMessage } from '../../../src/wire/peer-protocol.ts';
import { PEER_SUBPROTOCOL } from '../../../src/wire/versions.ts';
import { identity, VOTERS } from './hellos.ts';

export const HEARTBEAT_MS = 50;
export const FRAME_BYTES_MAX = 4 * 1024 * 1024;
const PATIENCE_MS = 5_000;

export type NodeEvent =
  | { readonly type: 'up'; readonly peer: string; readonly hello: PeerHello }
  | { readonly type: 'down'; readonly peer: string; readonly reason: LinkEnd }
  | { readonly type: 'messages'; readonly peer: string; readonly messages: readonly PeerMessage[] };

export interface TestNodeOptions {
  readonly self?: Partial<PeerIdentity>;
  readonly genesis?: Genesis;
  readonly clock?: Clock;
  readonly tuning?: Partial<LinkTuning>;
  readonly limits?: Partial<ListenerLimits>;
}

/** A listener and peer links on a free port, and everything they told. */
export class TestNode {
  readonly id: string;
  readonly listener: Listener;
  readonly events: NodeEvent[] = [];
  readonly warnings: LinkWarning[] = [];
  readonly #options: TestNodeOptions;
  #links: PeerLinks | null = null;

  private constructor(id: string, listener: Listener, options: TestNodeOptions) {
    this.id = id;
    this.listener = listener;
    this.#options = options;
  }

  static async open(id: string, options: TestNodeOptions = {}): Promise<TestNode> {
    let node: TestNode | null = null;
    const listener = await listen({
      host: '127.0.0.1',
      port: 0,
      subprotocol: PEER_SUBPROTOCOL,
      frameBytesMax: FRAME_BYTES_MAX,
      connectionsMax: 16,
      allowedHosts: [],
      allowedOrigins: [],
      onConnection: (socket) => node?.accept(socket),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
    node = new TestNode(id, listener, options);
    return node;
  }

  /** A node that has not started yet is not there. */
  accept(socket: WebSocket): void {
    if (this.#links === null) socket.terminate();
    else this.#links.accept(socket);
  }

  get links(): PeerLinks {
    if (this.#links === null) throw new Error(`${this.id} has not joined`);
    return this.#links;
  }

  /** Where the others are; who is not in the list is nowhere. */
  join(addresses: Readonly<Record<string, Endpoint>>): void {
    const { self, genesis, clock, tuning } = this.#options;
    const nowhere = { host: '127.0.0.1', port: 1 };
    const own = identity(this.id, self);
    this.#links = new PeerLinks(
      {
        self: own,
        genesis: genesis ?? null,
        peers: VOTERS.map((id) => ({ id, address: addresses[id] ?? nowhere })),
        heartbeatMs: HEARTBEAT_MS,
        frameBytesMax: FRAME_BYTES_MAX,
        random: () => 0.5,
        ...(clock === undefined ? {} : { clock }),
        ...(tuning === undefined ? {} : { tuning }),
      },
      {
        onUp: (peer, hello) => this.events.push({ type: 'up', peer, hello }),
        onDown: (peer, reason) => this.events.push({ type: 'down', peer, reason }),
        onMessages: (peer, messages) => this.events.push({ type: 'messages', peer, messages }),
        onWarning: (warning) => this.warnings.push(warning),
      },
    );
    this.#links.start();
  }

  get told(): readonly string[] {
    return this.events.map((event) => {
      if (event.type === 'down') return `down ${event.peer} ${event.reason}`;
      return event.type === 'up'
        ? `up ${event.peer}`
        : `${event.messages.length} messages from ${event.peer}`;
    });
  }

  get received(): readonly PeerMessage[] {
    return this.events.flatMap((event) => (event.type === 'messages' ? event.messages : []));
  }

  stats(peer: string): PeerStats {
    const found = this.links.stats().peers.find(({ id }) => id === peer);
    if (found === undefined) throw new Error(`${this.id} does not know ${peer}`);
    return found;
  }

  async close(): Promise<void> {
    await Promise.all([this.#links?.close(100), this.listener.close(100)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Lets sockets work until it is so. Time of a manual clock stands still meanwhile. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await nextTurn();
  }
}

/** Loopback does not delay: what is on its way passes a socket a turn, and no path here has more than ten. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
}

export function addressesOf(...nodes: readonly TestNode[]): Record<string, Endpoint> {
  return Object.fromEntries(nodes.map((node) => [node.id, node.listener.address]));
}
