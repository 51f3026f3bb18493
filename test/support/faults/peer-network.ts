/**
 * The network between the nodes of a process cluster: a lane for each direction of each pair, a proxy for each pair.
 * Of two nodes the one with the smaller id dials (src/transport/handshake.ts), so one proxy a pair is enough.
 */
import { HOLD, Lane, PASS } from './lane.ts';
import type { Condition } from './lane.ts';
import { LinkProxy } from './link-proxy.ts';
import type { FaultNode, FlapTimes, Link, LinkProof } from './vocabulary.ts';

/** The far end of the links on which clients come. */
export const CLIENTS = 'clients';

export interface NodeAddress {
  readonly id: string;
  /** HOST:PORT on which the process itself listens. */
  readonly peer: string;
  readonly client: string;
}

export class PeerNetwork {
  readonly #ids: readonly string[];
  readonly #lanes = new Map<string, Lane>();
  readonly #proxies = new Map<string, LinkProxy>();
  readonly #flapping = new Set<NodeJS.Timeout>();

  private constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  static async between(nodes: readonly NodeAddress[]): Promise<PeerNetwork> {
    const network = new PeerNetwork(nodes.map(({ id }) => id));
    for (const node of nodes) {
      await network.#connect(CLIENTS, node.id, node.client);
      for (const dialler of nodes)
        if (dialler.id < node.id) await network.#connect(dialler.id, node.id, node.peer);
    }
    return network;
  }

  /** Where `dialler` reaches `id`. */
  addressFor(dialler: string, id: string): string {
    return this.#proxy(dialler, id).address;
  }

  lane(from: string, to: string): Lane {
    const lane = this.#lanes.get(`${from}>${to}`);
    if (lane === undefined) throw new Error(`no link from ${from} to ${to}`);
    return lane;
  }

  /** Both directions. */
  set({ one, other }: Link, condition: Condition): void {
    this.lane(one.id, other.id).become(condition);
    this.lane(other.id, one.id).become(condition);
  }

  /** Every link between nodes anew: whoever hears is open, the others are not. */
  shape(hears: (to: string, from: string) => boolean): void {
    for (const from of this.#ids) {
      for (const to of this.#ids) if (from !== to) this.lane(from, to).become(hears(to, from) ? PASS : HOLD);
    }
  }

  isolate(node: FaultNode): void {
    for (const id of this.#ids) {
      if (id === node.id) continue;
      this.lane(node.id, id).become(HOLD);
      this.lane(id, node.id).become(HOLD);
    }
  }

  flap(link: Link, { downMs, upMs }: FlapTimes): void {
    const turn = (down: boolean): void => {
      this.set(link, down ? HOLD : PASS);
      const timer = setTimeout(
        () => {
          this.#flapping.delete(timer);
          turn(!down);
        },
        down ? downMs : upMs,
      );
      this.#flapping.add(timer);
    };
    turn(true);
  }

  cut({ one, other }: Link): void {
    const [dialler, listener] = one.id < other.id ? [one.id, other.id] : [other.id, one.id];
    this.#proxy(dialler, listener).cut();
  }

  heal(): void {
    for (const timer of this.#flapping) clearTimeout(timer);
    this.#flapping.clear();
    for (const lane of this.#lanes.values()) lane.become(PASS);
  }

  proof(): readonly LinkProof[] {
    return [...this.#lanes.values()].map((lane) => ({ from: lane.from, to: lane.to, ...lane.counters }));
  }

  async close(): Promise<void> {
    this.heal();
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }

  async #connect(dialler: string, id: string, address: string): Promise<void> {
    const forth = new Lane(dialler, id);
    const back = new Lane(id, dialler);
    this.#lanes.set(`${dialler}>${id}`, forth);
    this.#lanes.set(`${id}>${dialler}`, back);
    const [host = '', port = ''] = address.split(':');
    const proxy = await LinkProxy.listen({ host, port: Number(port) }, forth, back);
    this.#proxies.set(`${dialler}>${id}`, proxy);
  }

  #proxy(dialler: string, id: string): LinkProxy {
    const proxy = this.#proxies.get(`${dialler}>${id}`);
    if (proxy === undefined) throw new Error(`${dialler} does not dial ${id}`);
    return proxy;
  }
}
