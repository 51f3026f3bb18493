import {
  describeMessage,
  type Membership,
  type Message,
  type NodeId,
  type Settled,
} from '../../../src/raft/index.ts';
import type { Observation } from '../../../src/sim/laws/law.ts';
import { Disk } from './disk.ts';
import { EventQueue } from './event-queue.ts';
import { nodeId } from './ids.ts';
import { check, Laws } from './laws.ts';
import { type Mood, moodOf, optionsOf } from './mood.ts';
import { Random } from './random.ts';
import { SimulatedNode, type World } from './simulated-node.ts';

const FAULTS_MS = 5_000;
const HEALING_MS = 5_000;
/** So that even the slowest window drawn can carry all of it to a node that missed everything. */
const PROPOSALS_MAX = 250;

export interface Summary {
  readonly committed: number;
  readonly reads: number;
  readonly terms: number;
  readonly faults: number;
}

export type Observer = (observation: Observation, nowMs: number) => void;

/** Throws when a law is broken; `trace` then tells the story. */
export function simulate(
  seed: number,
  size: number,
  trace: string[] | null = null,
  observer: Observer | null = null,
): Summary {
  return new Simulation(seed, size, trace, observer).run();
}

class Simulation implements World {
  readonly time = new EventQueue();
  readonly random: Random;
  readonly laws: Laws;
  readonly #mood: Mood;
  readonly #nodes = new Map<NodeId, SimulatedNode>();
  readonly #ids: readonly NodeId[];
  readonly #trace: string[] | null;
  readonly #observer: Observer | null;
  /** Directed links that lose everything, as "from>to". */
  readonly #cut = new Set<string>();
  readonly #readsBegun = new Map<number, number>();
  #slowDisk: NodeId | null = null;
  #healed = false;
  #ref = 0;
  #proposals = 0;
  #reads = 0;
  #faults = 0;

  constructor(seed: number, size: number, trace: string[] | null, observer: Observer | null) {
    this.random = new Random(seed);
    this.#trace = trace;
    this.#observer = observer;
    this.#mood = moodOf(this.random);
    this.#ids = Array.from({ length: size }, (_, i) => nodeId(`n${i + 1}`));
    const membership: Membership = { voters: this.#ids, outgoing: [], learners: [] };
    const disks = new Map(this.#ids.map((id) => [id, new Disk(membership)]));
    this.laws = new Laws(disks);
    const options = optionsOf(this.random);
    for (const [id, disk] of disks) this.#nodes.set(id, new SimulatedNode(this, { ...options, id }, disk));
  }

  run(): Summary {
    for (const node of this.#nodes.values()) node.start();
    this.#work();
    this.#harm();
    this.time.runUntil(FAULTS_MS);
    this.#heal();
    this.time.runUntil(FAULTS_MS + HEALING_MS);
    this.#checkLiveness();
    const terms = Math.max(...[...this.#nodes.values()].map((node) => node.leadership.term));
    return { committed: this.laws.committed.length, reads: this.#reads, terms, faults: this.#faults };
  }

  note(line: () => string): void {
    this.#trace?.push(`${this.time.now} ${line()}`);
  }

  observe(observation: Observation): void {
    this.#observer?.(observation, this.time.now);
  }

  diskDelayMs(id: NodeId): number {
    if (this.#healed) return 1;
    return this.#slowDisk === id
      ? this.random.between(200, 2_500)
      : this.random.between(0, this.#mood.diskMaxMs);
  }

  carry(message: Message): void {
    this.note(() => describeMessage(message));
    if (this.#healed) return this.#deliverAfter(this.random.between(1, 3), message);
    const { lossPercent, repeatPercent, delayMaxMs } = this.#mood;
    if (this.random.chance(lossPercent)) return;
    this.#deliverAfter(this.random.between(0, delayMaxMs), message);
    if (this.random.chance(repeatPercent)) this.#deliverAfter(this.random.between(0, 1_500), message);
  }

  settle(_node: SimulatedNode, settled: Settled): void {
    if (settled.type !== 'readable') return;
    const begun = this.#readsBegun.get(settled.ref);
    check(begun !== undefined, 'a read is answered once');
    this.laws.reads(settled.index, begun ?? 0);
    this.#readsBegun.delete(settled.ref);
    this.#reads += 1;
  }

  #deliverAfter(delayMs: number, message: Message): void {
    this.time.after(delayMs, () => {
      const node = this.#nodes.get(message.to);
      if (node?.running === true && !this.#cut.has(`${message.from}>${message.to}`)) {
        node.step({ type: 'message', message });
      }
    });
  }

  #propose(node: SimulatedNode, count: number): void {
    this.#proposals += count;
    const payloads = Array.from({ length: count }, () => {
      this.#ref += 1;
      return Uint8Array.of(this.#ref & 255, (this.#ref >> 8) & 255, this.#ref >> 16);
    });
    node.step({ type: 'propose', ref: this.#ref, payloads });
  }

  #read(node: SimulatedNode): void {
    this.#ref += 1;
    this.#readsBegun.set(this.#ref, this.laws.committedMax);
    node.step({ type: 'read', ref: this.#ref });
  }

  #work(): void {
    this.time.after(this.random.between(1, this.#mood.workEveryMs), () => {
      const running = [...this.#nodes.values()].filter((node) => node.running);
      const leading = running.filter((node) => node.leading);
      const choices = leading.length > 0 ? leading : running;
      if (choices.length > 0) {
        if (this.random.chance(60) && this.#proposals < PROPOSALS_MAX) {
          this.#propose(this.random.pick(choices), this.random.between(1, 4));
        }
        if (this.random.chance(60)) this.#read(this.random.pick(choices));
        if (this.#mood.transfers && this.random.chance(2)) {
          const to = this.random.chance(50) ? null : this.random.pick(this.#ids);
          this.random.pick(choices).step({ type: 'transfer', ref: 0, to });
        }
      }
      if (!this.#healed) this.#work();
    });
  }

  #harm(): void {
    this.time.after(this.random.between(1, this.#mood.faultEveryMs), () => {
      if (this.#healed) return;
      this.#faults += 1;
      this.#harmOnce();
      this.#harm();
    });
  }

  #harmOnce(): void {
    const { random } = this;
    const leader = [...this.#nodes.values()].find((node) => node.leading);
    const node = leader !== undefined && random.chance(50) ? leader : this.#node(random.pick(this.#ids));
    const kind = random.between(1, 6);
    if (kind === 1 && this.#mood.crashes) this.#crash(node);
    if (kind === 2 && this.#mood.pauses) node.pause(random.between(50, 2_000));
    if (kind === 3 && this.#mood.cuts) this.#partition();
    if (kind === 4 && this.#mood.cuts) this.#cut.add(`${node.id}>${random.pick(this.#ids)}`);
    if (kind === 5 && this.#mood.linkEvents) this.#linkEvent(random.chance(50));
    if (kind === 6) {
      this.#cut.clear();
      this.#slowDisk = random.chance(50) ? node.id : null;
    }
  }

  #crash(node: SimulatedNode): void {
    node.crash();
    for (const other of this.#nodes.values()) {
      if (this.#mood.linkEvents) other.step({ type: 'link', peer: node.id, up: false });
    }
    this.time.after(this.random.between(1, 1_500), () => {
      node.start();
      for (const other of this.#nodes.values()) {
        if (this.#mood.linkEvents) other.step({ type: 'link', peer: node.id, up: true });
      }
    });
  }

  #partition(): void {
    const left = new Set(this.#ids.filter(() => this.random.chance(50)));
    this.#cut.clear();
    for (const from of this.#ids) {
      for (const to of this.#ids) if (left.has(from) !== left.has(to)) this.#cut.add(`${from}>${to}`);
    }
    this.note(() => `a partition isolates ${[...left].join(' ')}`);
  }

  #linkEvent(up: boolean): void {
    const peer = this.random.pick(this.#ids);
    const node = this.#node(this.random.pick(this.#ids));
    if (node.id !== peer) node.step({ type: 'link', peer, up });
  }

  #heal(): void {
    this.note(() => 'everything is healed');
    this.#healed = true;
    this.#cut.clear();
    this.#slowDisk = null;
    for (const node of this.#nodes.values()) {
      node.start();
      for (const peer of this.#ids) if (peer !== node.id) node.step({ type: 'link', peer, up: true });
    }
    for (const at of [3_000, 3_500, 4_000]) {
      this.time.after(at, () => {
        const leader = [...this.#nodes.values()].find((node) => node.leading);
        check(leader !== undefined, `nobody leads ${at} ms after healing`);
        if (leader === undefined) return;
        this.#propose(leader, 3);
        this.#read(leader);
      });
    }
  }

  #node(id: NodeId): SimulatedNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  /** Everybody follows one leader, and holds and has applied the same log; nothing is pending; memory is bounded. */
  #checkLiveness(): void {
    const leader = [...this.#nodes.values()].find((node) => node.leading);
    check(leader !== undefined, 'nobody leads after healing');
    const length = leader?.disk.entries.length ?? 0;
    check(
      this.laws.committed.length === length,
      `of ${length} entries ${this.laws.committed.length} are committed`,
    );
    for (const node of this.#nodes.values()) {
      check(
        node.leadership.leader === leader?.id,
        `${node.id} follows ${node.leadership.leader}, not ${leader?.id}`,
      );
      check(
        node.disk.entries.length === length,
        `${node.id} holds ${node.disk.entries.length} of ${length} entries`,
      );
      check(node.applied === length, `${node.id} has applied ${node.applied} of ${length} entries`);
      const status = node.status();
      check(status?.readsPending === 0, `${node.id} still has reads pending`);
      check(status?.malformed === 0, `${node.id} was sent ${status?.malformed} malformed messages`);
    }
    check(
      this.laws.committed.slice(-9).every((entry) => entry.term === leader?.leadership.term),
      'new work is lost',
    );
  }
}
