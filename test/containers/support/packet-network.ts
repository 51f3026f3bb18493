/** All packet filters of a cluster: who hears whom how well, link by link, and what was counted. */
import type { Hears } from '../../support/faults/shapes.ts';
import type { FaultNode, FlapTimes, Link, LinkProof } from '../../support/faults/vocabulary.ts';
import { DROP, NOTHING_COUNTED, PacketFilter, PASS, REPLIES } from './packet-filter.ts';
import type { Condition } from './packet-filter.ts';
import type { Pod } from './pod.ts';

interface Host {
  readonly id: string;
  readonly address: string;
  readonly mac: string;
  readonly filter: PacketFilter;
  /** By peer; absent: everything passes. */
  readonly conditions: Map<string, Condition>;
  /** Peers whose connections are void: reset before anything passes again. */
  readonly halfOpen: Set<string>;
  /** By peer. */
  readonly cuts: Map<string, number>;
  repliesLost: boolean;
}

export class PacketNetwork {
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #flapping = new Set<NodeJS.Timeout>();
  /** Rules change one after the other, so that the last word stays; a failure is told by the next change. */
  #turn: Promise<void> = Promise.resolve();

  constructor(pods: ReadonlyMap<string, Pod>) {
    this.#hosts = new Map([...pods].map(([id, pod]) => [id, hostOf(id, pod)]));
  }

  /** Counting begins. */
  async open(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    await Promise.all(hosts.map((host) => host.filter.open(this.#peersOf(host).map(({ id }) => id))));
    await this.#apply(hosts);
  }

  /** Every link between nodes anew: who hears is open, the others are not. */
  async shape(hears: Hears): Promise<void> {
    for (const host of this.#hosts.values())
      for (const from of this.#peersOf(host))
        host.conditions.set(from.id, hears(host.id, from.id) ? PASS : DROP);
    await this.#apply([...this.#hosts.values()]);
  }

  async isolate(node: FaultNode): Promise<void> {
    const alone = this.#host(node);
    for (const other of this.#peersOf(alone)) {
      alone.conditions.set(other.id, DROP);
      other.conditions.set(alone.id, DROP);
    }
    await this.#apply([...this.#hosts.values()]);
  }

  async deafen(listener: FaultNode, to: FaultNode): Promise<void> {
    const host = this.#host(listener);
    host.conditions.set(to.id, DROP);
    await this.#apply([host]);
  }

  async set(link: Link, condition: Condition): Promise<void> {
    const [one, other] = this.#ends(link);
    one.conditions.set(other.id, condition);
    other.conditions.set(one.id, condition);
    await this.#apply([one, other]);
  }

  async flap(link: Link, { downMs, upMs }: FlapTimes): Promise<void> {
    const next = (down: boolean): void => {
      const timer = setTimeout(
        () => {
          this.#flapping.delete(timer);
          next(!down);
          void this.set(link, down ? PASS : DROP).catch(() => {});
        },
        down ? downMs : upMs,
      );
      this.#flapping.add(timer);
    };
    next(true);
    await this.set(link, DROP);
  }

  async halfOpen(link: Link): Promise<void> {
    const [one, other] = this.#ends(link);
    one.halfOpen.add(other.id);
    other.halfOpen.add(one.id);
    await this.set(link, DROP);
  }

  /** Both ends: the reset that one sends may itself be dropped. */
  async cut(link: Link): Promise<void> {
    const [one, other] = this.#ends(link);
    await Promise.all([this.#reset(one, other), this.#reset(other, one)]);
  }

  async loseReplies(node: FaultNode): Promise<void> {
    const host = this.#host(node);
    host.repliesLost = true;
    await this.#apply([host]);
  }

  async heal(): Promise<void> {
    this.#endFlapping();
    const hosts = [...this.#hosts.values()];
    for (const host of hosts) {
      host.conditions.clear();
      host.repliesLost = false;
      for (const id of host.halfOpen) await this.#reset(host, this.#host({ id }));
      host.halfOpen.clear();
    }
    await this.#apply(hosts);
  }

  async proof(): Promise<readonly LinkProof[]> {
    const proofs: LinkProof[] = [];
    for (const to of this.#hosts.values()) {
      const counted = await to.filter.counted();
      for (const from of this.#peersOf(to)) {
        const bytes = counted.get(from.id) ?? NOTHING_COUNTED;
        proofs.push({ from: from.id, to: to.id, ...bytes, cuts: to.cuts.get(from.id) ?? 0 });
      }
      proofs.push({ from: to.id, to: 'clients', ...(counted.get(REPLIES) ?? NOTHING_COUNTED), cuts: 0 });
    }
    return proofs;
  }

  async close(): Promise<void> {
    this.#endFlapping();
    await this.#turn.catch(() => {});
  }

  async #apply(hosts: readonly Host[]): Promise<void> {
    this.#turn = this.#after(this.#turn, hosts);
    await this.#turn;
  }

  async #after(turn: Promise<void>, hosts: readonly Host[]): Promise<void> {
    await turn;
    await Promise.all(hosts.map((host) => this.#tell(host)));
  }

  async #tell(host: Host): Promise<void> {
    const from = this.#peersOf(host).map(({ id, mac }) => {
      return { peer: id, mac, condition: host.conditions.get(id) ?? PASS };
    });
    await host.filter.hear(from, host.repliesLost);
  }

  async #reset(host: Host, peer: Host): Promise<void> {
    const count = await host.filter.reset(peer.address);
    host.cuts.set(peer.id, (host.cuts.get(peer.id) ?? 0) + count);
  }

  #endFlapping(): void {
    for (const timer of this.#flapping) clearTimeout(timer);
    this.#flapping.clear();
  }

  #peersOf(host: Host): readonly Host[] {
    return [...this.#hosts.values()].filter((each) => each !== host);
  }

  #ends({ one, other }: Link): readonly [Host, Host] {
    return [this.#host(one), this.#host(other)];
  }

  #host({ id }: Pick<FaultNode, 'id'>): Host {
    const found = this.#hosts.get(id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  }
}

function hostOf(id: string, { address, mac, pid }: Pod): Host {
  const filter = new PacketFilter(pid);
  return {
    id,
    address,
    mac,
    filter,
    conditions: new Map(),
    halfOpen: new Set(),
    cuts: new Map(),
    repliesLost: false,
  };
}
