import type { NodeId } from '../../../src/raft/types.ts';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';
import type { SimulatedServer, World } from './simulated-server.ts';

interface End {
  readonly server: SimulatedServer;
  /** This side has been told that the link is there, and not that it is gone. */
  up: boolean;
  /** Nothing arrives here before what was sent before it. */
  lastArrival: number;
}

interface Link {
  readonly ends: readonly [End, End];
  broken: boolean;
  /** What was under way when it broke still arrives, until the receiver is told. */
  readonly trails: boolean;
}

/** One link between any two servers: in order, while it lasts; each side hears of its end in its own time. */
export class Links {
  readonly #world: World;
  readonly #links = new Map<string, Link>();
  readonly #cut = new Set<string>();
  #delayMsMax: number;
  #lossPercent: number;

  constructor(world: World, delayMsMax: number, lossPercent: number) {
    this.#world = world;
    this.#delayMsMax = delayMsMax;
    this.#lossPercent = lossPercent;
  }

  /** A redial: the old link, if a side still believes in it, ends first. */
  connect(a: SimulatedServer, b: SimulatedServer): void {
    const name = pair(a.id, b.id);
    const old = this.#links.get(name);
    if (this.#cut.has(name) || old?.broken === false || a.running === null || b.running === null) return;
    for (const end of old?.ends ?? []) this.#tellDown(end);
    const { now } = this.#world.time;
    const end = (server: SimulatedServer): End => ({ server, up: false, lastArrival: now });
    const link: Link = { ends: [end(a), end(b)], broken: false, trails: this.#world.random.chance(50) };
    this.#links.set(name, link);
    for (const [side, peer] of [
      [link.ends[0], b],
      [link.ends[1], a],
    ] as const) {
      this.#arrive(link, side, () => {
        side.up = true;
        side.server.post({ type: 'peerUp', peer: peer.id, client: '' });
      });
    }
  }

  cut(a: NodeId, b: NodeId): void {
    this.#cut.add(pair(a, b));
    this.break(a, b);
  }

  mendAll(): void {
    this.#cut.clear();
  }

  /** A good network from here on. */
  calm(): void {
    this.mendAll();
    this.#delayMsMax = 3;
    this.#lossPercent = 0;
  }

  break(a: NodeId, b: NodeId): void {
    const link = this.#links.get(pair(a, b));
    if (link === undefined || link.broken) return;
    link.broken = true;
    for (const end of link.ends) {
      this.#world.time.after(this.#world.random.between(0, 250), () => this.#tellDown(end));
    }
  }

  /** The process is gone and hears nothing any more. */
  breakAll(id: NodeId): void {
    for (const other of this.#world.voters) this.break(id, other);
    for (const { ends } of this.#links.values()) {
      for (const end of ends) if (end.server.id === id) end.up = false;
    }
  }

  carry(from: NodeId, to: NodeId, messages: readonly PeerMessage[]): void {
    const link = this.#links.get(pair(from, to));
    const sender = link?.ends.find(({ server }) => server.id === from);
    const receiver = link?.ends.find(({ server }) => server.id === to);
    if (link === undefined || sender?.up !== true || receiver === undefined || link.broken) return;
    // The transport may drop the core's messages, which the core repeats; all others arrive or the link ends.
    const left = messages.filter(
      ({ type }) => type !== 'raft' || !this.#world.random.chance(this.#lossPercent),
    );
    if (left.length === 0) return;
    this.#arrive(link, receiver, () => {
      if (receiver.up) receiver.server.post({ type: 'peerMessages', peer: from, messages: left });
    });
  }

  #arrive(link: Link, end: End, run: () => void): void {
    const { time, random } = this.#world;
    end.lastArrival = Math.max(end.lastArrival, time.now + random.between(0, this.#delayMsMax));
    time.after(end.lastArrival - time.now, () => {
      if (!link.broken || (link.trails && end.up)) run();
    });
  }

  #tellDown(end: End): void {
    if (!end.up) return;
    end.up = false;
    const other = [...this.#links.values()].find(({ ends }) => ends.includes(end));
    const peer = other?.ends.find((one) => one !== end)?.server.id;
    if (peer !== undefined) end.server.post({ type: 'peerDown', peer });
  }
}

function pair(a: NodeId, b: NodeId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
