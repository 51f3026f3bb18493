/**
 * One link to every peer, kept alive. The node's loop hears `onUp`, `onDown` and `onMessages`, calls `send` as often as
 * it likes and `flush` once a turn. A peer that dials anew replaces its old link: it knows that the old one is gone,
 * while we may not have heard (half-open).
 */
import { formatEndpoint } from '../wire/endpoints.ts';
import type { Endpoint } from '../wire/endpoints.ts';
import type { Genesis, PeerMessage } from '../wire/peer-protocol.ts';
import { systemClock } from './clock.ts';
import type { Cancel, Clock } from './clock.ts';
import { Dialler } from './dialler.ts';
import { dialWebSocket } from './frame-socket.ts';
import type { FrameSocket } from './frame-socket.ts';
import { dials, judgeHello, ownHello } from './handshake.ts';
import type { LinkEnd, LinkOwner } from './link-owner.ts';
import { LINK_TUNING } from './link-tuning.ts';
import type { LinkTuning } from './link-tuning.ts';
import { PeerLink } from './peer-link.ts';
import type { LinkWarning, PeerLinksHandlers, PeerLinksOptions, PeerLinksStats } from './peer-links-io.ts';
import { WarningFilter } from './warnings.ts';

interface Slot {
  readonly id: string;
  /** null where the peer dials us. */
  readonly dialler: Dialler | null;
  link: PeerLink | null;
  downs: number;
  lastDown: LinkEnd | null;
  /** Lively links that were replaced in the current window. */
  contests: number;
}

/** Two processes under one identity throw each other out at every redial; one process does not leave a lively link. */
const CONTESTS_MAX = 2;
const CONTEST_WINDOW_HEARTBEATS = 40;
const CLOSE_BOUND_MS = 1_000;

export class PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #handlers: PeerLinksHandlers;
  readonly #clock: Clock;
  readonly #tuning: LinkTuning;
  readonly #owner: LinkOwner;
  readonly #slots = new Map<string, Slot>();
  /** Every connection that is not quite gone, strangers included. */
  readonly #connections = new Map<FrameSocket, PeerLink>();
  readonly #warnings = new WarningFilter();
  #genesis: Genesis | null;
  #state: 'new' | 'running' | 'closed' = 'new';
  #cancelTick: Cancel = () => {};
  #ticks = 0;
  #refused = 0;
  #invalidFrames = 0;
  #messagesDropped = 0;

  constructor(options: PeerLinksOptions, handlers: PeerLinksHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#clock = options.clock ?? systemClock;
    this.#tuning = { ...LINK_TUNING, ...options.tuning };
    this.#genesis = options.genesis;
    this.#owner = this.#ownLinks();
    for (const { id, address } of options.peers) {
      if (id !== options.self.nodeId) this.#slots.set(id, this.#newSlot(id, address));
    }
    for (const id of options.self.voters) {
      if (id !== options.self.nodeId && !this.#slots.has(id))
        throw new Error(`no address for the voter ${id}`);
    }
  }

  /** Dials whom we dial; the others come by `accept`. */
  start(): void {
    if (this.#state !== 'new') throw new Error(`peer links are ${this.#state}`);
    this.#state = 'running';
    for (const slot of this.#slots.values()) slot.dialler?.start();
    this.#cancelTick = this.#clock.schedule(this.#options.heartbeatMs, this.#tick);
  }

  /** For the listener's `onConnection`. */
  readonly accept = (socket: FrameSocket): void => {
    if (this.#state === 'closed') socket.terminate();
    else this.#connect(socket, null);
  };

  isUp(peer: string): boolean {
    return this.#slots.get(peer)?.link?.isUp ?? false;
  }

  /** Queues; false if there is no link or the message was dropped. */
  send(peer: string, message: PeerMessage): boolean {
    return this.#slots.get(peer)?.link?.send(message) ?? false;
  }

  /** Once a turn: what was queued for a peer leaves in one frame (or a few, if it is more than about 1 MiB). */
  flush(): void {
    for (const { link } of this.#slots.values()) link?.flush();
  }

  /** From now on our hello carries this cluster. Links stay, unless their peer is not in it. */
  setGenesis(genesis: Genesis): void {
    this.#genesis = genesis;
    for (const { link } of this.#slots.values()) {
      const hello = link?.hello ?? null;
      if (link === null || hello === null) continue;
      const verdict = this.#owner.judge(link, hello);
      if (!verdict.accept) link.refuse(hello, verdict);
    }
  }

  stats(): PeerLinksStats {
    const peers = [...this.#slots.values()].map(({ id, dialler, link, downs, lastDown }) => ({
      id,
      up: link?.isUp ?? false,
      bufferedBytes: link?.bufferedBytes ?? 0,
      link: link?.isUp === true ? { ...link.counters } : null,
      downs,
      lastDown,
      dialAttempts: dialler?.attempts ?? 0,
    }));
    const dropped = peers.reduce(
      (sum, { link }) => sum + (link?.messagesDropped ?? 0),
      this.#messagesDropped,
    );
    return {
      peers,
      refused: this.#refused,
      invalidFrames: this.#invalidFrames,
      messagesDropped: dropped,
    };
  }

  /** Sends what is queued, says goodbye, and cuts whoever does not answer within the bound. No handler is called. */
  async close(boundMs: number = CLOSE_BOUND_MS): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelTick();
    for (const { dialler } of this.#slots.values()) dialler?.stop();
    const open = [...this.#connections];
    const gone = open.map(([socket]) => new Promise<void>((resolve) => socket.on('close', () => resolve())));
    for (const [, link] of open) link.stop();
    const cancel = this.#clock.schedule(boundMs, () => {
      for (const [socket] of open) socket.terminate();
    });
    await Promise.all(gone);
    cancel();
  }

  #newSlot(id: string, address: Endpoint): Slot {
    const { self, frameBytesMax, random } = this.#options;
    const dial = this.#options.dial ?? dialWebSocket;
    const options = { address, frameBytesMax, random, clock: this.#clock, tuning: this.#tuning, dial };
    const handlers = {
      onOpen: (socket: FrameSocket) => {
        slot.link = this.#connect(socket, id);
      },
      onForeign: (reason: string) => this.#warn(foreign(id, address, reason)),
    };
    const dialler = dials(self.nodeId, id) ? new Dialler(options, handlers) : null;
    const slot: Slot = { id, dialler, link: null, downs: 0, lastDown: null, contests: 0 };
    return slot;
  }

  #connect(socket: FrameSocket, dialled: string | null): PeerLink {
    const link = new PeerLink(socket, dialled, this.#owner);
    this.#connections.set(socket, link);
    socket.on('close', () => this.#connections.delete(socket));
    return link;
  }

  readonly #tick = (): void => {
    this.#cancelTick = this.#clock.schedule(this.#options.heartbeatMs, this.#tick);
    this.#ticks += 1;
    const isNewWindow = this.#ticks % CONTEST_WINDOW_HEARTBEATS === 0;
    for (const slot of this.#slots.values()) {
      slot.link?.tick();
      if (isNewWindow) slot.contests = 0;
    }
  };

  #ownLinks(): LinkOwner {
    const { self, frameBytesMax } = this.#options;
    return {
      tuning: this.#tuning,
      frameBytesMax,
      judge: ({ dialled }, hello) => judgeHello({ self, genesis: this.#genesis, dialled }, hello),
      helloTo: (peer) => ownHello({ self, genesis: this.#genesis }, peer),
      claimed: (link, hello) => this.#claimed(link, this.#slotOf(hello.nodeId)),
      up: (hello) => {
        this.#slotOf(hello.nodeId).dialler?.succeeded();
        this.#handlers.onUp(hello.nodeId, hello);
      },
      messages: (link, messages) => this.#handlers.onMessages(peerOf(link) ?? '', messages),
      settings: (hello, sentences) => {
        for (const message of sentences) {
          this.#warn({ kind: 'settings', peer: hello.nodeId, code: 'CONFIG_INVALID', message });
        }
      },
      refused: (hello, { code, message, hint }) => {
        this.#refused += 1;
        this.#warn({ kind: 'refused', peer: hello.nodeId, code, message: `${message}; ${hint}` });
      },
      told: (link, { code, message }) =>
        this.#warn({ kind: 'refusedByPeer', peer: peerOf(link), code, message }),
      invalid: (link, reason) => {
        this.#invalidFrames += 1;
        this.#warn({ kind: 'invalidFrame', peer: peerOf(link), code: 'FRAME_INVALID', message: reason });
      },
      ended: (link, reason, wasUp) => this.#ended(link, reason, wasUp),
    };
  }

  #claimed(link: PeerLink, slot: Slot): void {
    const old = slot.link;
    slot.link = link;
    if (old === null) return;
    if (old.isLively) slot.contests += 1;
    old.cut('replaced');
    if (slot.contests > CONTESTS_MAX) this.#warn(contested(slot.id));
  }

  #ended(link: PeerLink, reason: LinkEnd, wasUp: boolean): void {
    this.#messagesDropped += link.counters.messagesDropped;
    const peer = peerOf(link);
    const slot = peer === null ? undefined : this.#slots.get(peer);
    if (slot === undefined || this.#state === 'closed') return;
    if (slot.link === link) slot.link = null;
    if (link.dialled !== null) slot.dialler?.redial();
    if (!wasUp) return;
    slot.downs += 1;
    slot.lastDown = reason;
    this.#handlers.onDown(slot.id, reason);
  }

  /** Only accepted hellos come here, and those are of voters. */
  #slotOf(id: string): Slot {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw new Error(`no slot for ${id}`);
    return slot;
  }

  #warn(warning: LinkWarning): void {
    if (this.#state === 'closed' || !this.#warnings.passes(warning, this.#clock.now())) return;
    this.#handlers.onWarning(warning);
  }
}

function peerOf(link: PeerLink): string | null {
  return link.dialled ?? link.hello?.nodeId ?? null;
}

function foreign(peer: string, address: Endpoint, reason: string): LinkWarning {
  const message =
    `${formatEndpoint(address)}, the address of ${peer}, does not answer as a peer port (${reason}); ` +
    `give the address of its peer port, and allow its host name there`;
  return { kind: 'foreign', peer, code: 'WRONG_NODE', message };
}

function contested(peer: string): LinkWarning {
  const message =
    `two processes take turns as ${peer}, with the same data directory or a copy of it; ` +
    'stop the one that is not meant to run';
  return { kind: 'contested', peer, code: 'WRONG_NODE', message };
}
