/** Carries out a schedule of faults, and undoes all of it when a calm begins. What really happened is counted. */
import type { Kernel } from '../kernel/kernel.ts';
import { SOUND_DISK } from '../disk/index.ts';
import type { Network } from '../network/network.ts';
import type { Climate, DirectedPair } from '../network/weather.ts';
import type { Death, SimulatedNode } from '../node/simulated-node.ts';
import { crashAtStep, crashInTruncation, damageAtMoment } from './ambushes.ts';
import { allButRing, between, directedPairs, isolation, latePairs, minority } from './blocked-pairs.ts';
import type { Hosts } from './blocked-pairs.ts';
import type { Fault, Harm, HarmKind, Whom } from './faults.ts';
import { answersLost, diskFaultsOf, lastsMs, lateCopies, waits } from './harm-effects.ts';

export interface Victims {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly nodes: readonly SimulatedNode[];
  readonly hosts: Hosts;
  /** Of a calm day. */
  readonly climate: Climate;
  note(this: void, line: () => string): void;
  /** Whether this node's bytes may be destroyed: never those of a majority. Once true, the node may never come back. */
  mayDestroy(node: SimulatedNode): boolean;
  /** Starts it, unless it is lost for good. */
  revive(this: void, node: SimulatedNode): void;
}

/** A node that stops gives its clients 3 s to leave, and is started again half a second later. */
const STOP_MS_MAX = 4_000;

interface Active {
  readonly fault: Fault;
  /** Stays what it was when the fault began. */
  readonly node: SimulatedNode | null;
  readonly sinceMs: number;
  /** Whether its links are down just now. */
  down: boolean;
  /** What it waits for on disks. */
  readonly watches: (() => void)[];
}

export class Nemesis {
  readonly #victims: Victims;
  readonly #active = new Set<Active>();
  readonly #counts = new Map<HarmKind, number>();
  /** Slow syncs and late frames that are under way keep the time they drew. */
  #slowUntilMs = 0;

  constructor(victims: Victims) {
    this.#victims = victims;
  }

  /** By kind, how often a fault met somebody. */
  get counts(): ReadonlyMap<HarmKind, number> {
    return this.#counts;
  }

  begin(fault: Fault): void {
    const { kernel, note } = this.#victims;
    const node = 'whom' in fault.harm ? this.#find(fault.harm.whom) : null;
    if ('whom' in fault.harm && node === null) return;
    note(
      () =>
        `fault: ${JSON.stringify(fault.harm)} for ${fault.forMs} ms${node === null ? '' : `, on ${node.id}`}`,
    );
    const active: Active = { fault, node, sinceMs: kernel.now(), down: true, watches: [] };
    if (node !== null && !this.#strike(node, active)) return;
    this.#counts.set(fault.harm.kind, (this.#counts.get(fault.harm.kind) ?? 0) + 1);
    this.#active.add(active);
    if (fault.harm.kind === 'flap') this.#flap(active, fault.harm.everyMs);
    if (fault.harm.kind === 'stale leader') this.#setLinksLater(active, 'down', fault.harm.slowMs);
    if (fault.harm.kind === 'crash in truncation') this.#waitForTruncation(active, fault.harm);
    this.#apply();
    if (!waits(fault.harm)) kernel.schedule(fault.forMs, () => this.#end(active));
  }

  /** Nothing fails any more: who sleeps wakes, who is down starts. Returns in how many milliseconds the last of it is over. */
  calm(): number {
    for (const active of this.#active) this.#end(active);
    this.#victims.network.weather.unclog();
    for (const node of this.#victims.nodes) {
      node.awaken();
      this.#victims.revive(node);
    }
    const isStopping = this.#victims.nodes.some((node) => node.isStopping);
    return Math.max(isStopping ? STOP_MS_MAX : 0, this.#slowUntilMs - this.#victims.kernel.now());
  }

  /** What happens to one node at once; false when it cannot happen. */
  #strike(node: SimulatedNode, active: Active): boolean {
    const { harm, forMs } = active.fault;
    switch (harm.kind) {
      case 'crash':
        return this.#crash(node, harm.death);
      case 'crash at step':
        active.watches.push(crashAtStep(node, harm));
        return true;
      case 'stop':
        node.stop();
        return node.isRunning;
      case 'sleep':
        node.sleep(forMs);
        return node.isRunning;
      case 'clock':
      case 'stale leader':
        node.setClockRate(harm.rate);
        return node.isRunning;
      case 'clock jump':
        node.jumpClock(harm.aheadMs);
        return node.isRunning;
      case 'clog':
        this.#clog(node, forMs);
        return true;
      case 'damage':
        if (harm.moment === 'at once') return this.#destroy(node, harm);
        active.watches.push(
          damageAtMoment(node, harm.moment, () => {
            this.#destroy(node, harm);
            this.#victims.kernel.schedule(forMs, () => this.#victims.revive(node));
          }),
        );
        return true;
      case 'late farewell':
        this.#after(active, harm.lateMs, () => node.stop());
        return true;
      case 'crash in truncation':
      case 'isolate':
      case 'flap':
      case 'slow disk':
      case 'stuck disk':
      case 'failing disk':
      case 'partition':
      case 'bridge':
      case 'ring':
      case 'one-way':
      case 'slow links':
      case 'late copies':
      case 'lost answers':
      case 'climate':
        return true;
    }
  }

  #crash(node: SimulatedNode, death: Death): boolean {
    if (!node.isRunning) return false;
    node.crash(death);
    return true;
  }

  #waitForTruncation(active: Active, harm: Extract<Harm, { kind: 'crash in truncation' }>): void {
    const { kernel, nodes, revive } = this.#victims;
    for (const node of nodes) {
      const died = (): void => void kernel.schedule(harm.downMs, () => revive(node));
      active.watches.push(crashInTruncation(node, harm, died));
    }
    this.#setLinksLater(active, 'up', active.fault.forMs);
  }

  #destroy(node: SimulatedNode, { damage }: Extract<Harm, { kind: 'damage' }>): boolean {
    if (!this.#victims.mayDestroy(node)) return false;
    node.crash('kill');
    return node.disk.damage(damage);
  }

  #clog(node: SimulatedNode, forMs: number): void {
    const { kernel, network, hosts } = this.#victims;
    for (const other of hosts.nodes) {
      network.weather.clog(node.id, other, kernel.now() + forMs);
      network.weather.clog(other, node.id, kernel.now() + forMs);
    }
  }

  #flap(active: Active, everyMs: number): void {
    this.#after(active, everyMs, () => {
      active.down = !active.down;
      this.#apply();
      this.#flap(active, everyMs);
    });
  }

  #setLinksLater(active: Active, state: 'up' | 'down', afterMs: number): void {
    active.down = state === 'up';
    this.#after(active, afterMs, () => {
      active.down = state === 'down';
      this.#apply();
    });
  }

  /** Unless it is over by then. */
  #after(active: Active, afterMs: number, task: () => void): void {
    this.#victims.kernel.schedule(afterMs, () => {
      if (this.#active.has(active)) task();
    });
  }

  #end(active: Active): void {
    if (!this.#active.delete(active)) return;
    const { harm } = active.fault;
    const { node } = active;
    this.#slowUntilMs = Math.max(this.#slowUntilMs, this.#victims.kernel.now() + lastsMs(harm));
    if (node !== null && 'rate' in harm) node.setClockRate(1);
    for (const unwatch of active.watches) unwatch();
    if (node !== null && !node.isRunning) this.#victims.revive(node);
    this.#apply();
  }

  /** Links, climate and disks are what all present faults together make of them. */
  #apply(): void {
    const { network, nodes, climate } = this.#victims;
    const active = [...this.#active];
    network.weather.setBlocked(active.flatMap((each) => (each.down ? this.#blocks(each) : [])));
    network.weather.setLate(
      active.flatMap(({ fault: { harm }, node, sinceMs }) =>
        latePairs(harm, node?.id ?? '', sinceMs, this.#victims.hosts),
      ),
    );
    const climates = active.flatMap(({ fault: { harm } }) => (harm.kind === 'climate' ? [harm.climate] : []));
    network.weather.climate = climates.at(-1) ?? climate;
    const harms = active.map(({ fault }) => fault.harm);
    network.weather.answersLostPercent = answersLost(harms);
    network.weather.lateCopies = lateCopies(harms);
    for (const node of nodes) {
      const own = active.filter((each) => each.node === node).map((each) => diskFaultsOf(each.fault.harm));
      node.disk.setFaults(Object.assign({ ...SOUND_DISK }, ...own));
    }
  }

  #blocks({ fault: { harm }, node }: Active): readonly DirectedPair[] {
    const { hosts } = this.#victims;
    const hostsOf = (numbers: readonly number[]): string[] =>
      hosts.nodes.filter((_, i) => numbers.includes(i));
    switch (harm.kind) {
      case 'partition': {
        const group = hostsOf(harm.group);
        const rest = hosts.nodes.filter((host) => !group.includes(host));
        return between(group, harm.clientsToo ? [...rest, ...hosts.clients.slice(0, 2)] : rest);
      }
      case 'isolate':
        return node === null ? [] : isolation(node.id, harm.way, hosts);
      case 'flap':
        return node === null ? [] : isolation(node.id, 'both', hosts);
      case 'stale leader':
        return node === null ? [] : minority(node.id, harm.companions, hosts);
      case 'crash in truncation':
        return node === null ? [] : isolation(node.id, 'both', hosts);
      case 'bridge': {
        const group = hostsOf(harm.group);
        const rest = hosts.nodes.filter((host, i) => !group.includes(host) && i !== harm.bridge);
        return between(group, rest);
      }
      case 'ring':
        return allButRing(hosts);
      case 'one-way':
        return directedPairs(harm.pairs, hosts);
      case 'crash':
      case 'crash at step':
      case 'stop':
      case 'sleep':
      case 'clog':
      case 'climate':
      case 'slow disk':
      case 'stuck disk':
      case 'failing disk':
      case 'clock':
      case 'clock jump':
      case 'damage':
      case 'slow links':
      case 'late farewell':
      case 'late copies':
      case 'lost answers':
        return [];
    }
  }

  #find(whom: Whom): SimulatedNode | null {
    const { nodes } = this.#victims;
    if (typeof whom === 'number') return nodes[whom] ?? null;
    const leaders = nodes.filter((node) => node.isLeader).toSorted((a, b) => b.term - a.term);
    if (whom === 'leader') return leaders[0] ?? null;
    return nodes.find((node) => node.isRunning && !node.isLeader) ?? null;
  }
}
