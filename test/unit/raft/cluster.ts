import {
  describeMessage,
  type Input,
  type Membership,
  type Message,
  type RaftOptions,
  type RaftStatus,
} from '../../../src/raft/index.ts';
import type { Disk } from '../../property/raft/disk.ts';
import { nodeId } from '../../property/raft/ids.ts';
import { type Bench, BenchNode } from './bench-node.ts';

/**
 * A few nodes on one bench: time moves, disks persist and messages arrive only on command, and everything that
 * happens is told in a story. A message that only repeats the one before it on its way is not told again.
 *
 * `settle` lets disks and network work until nothing moves, in no time; `run` lets time pass, settling at each wake.
 */
export class Cluster implements Bench {
  readonly #nodes = new Map<string, BenchNode>();
  readonly #cut = new Set<string>();
  readonly #said = new Map<string, string>();
  #flying: Message[] = [];
  #held: (message: Message) => boolean = () => false;
  #lines: string[] = [];
  now = 0;

  constructor(names: string, options: Partial<RaftOptions> = {}, membership?: Membership) {
    const everybody: Membership = { voters: names.split('').map(nodeId), outgoing: [], learners: [] };
    for (const name of names) {
      this.#nodes.set(name, new BenchNode(this, name, membership ?? everybody, options));
    }
  }

  /** Starts every node, from what its disk holds. */
  start(): this {
    for (const node of this.#nodes.values()) node.boot();
    return this;
  }

  /** Before `start`: entries of these terms are on disk, and so is the last of the terms, without a vote. */
  preload(name: string, ...terms: readonly number[]): void {
    const { disk } = this.#node(name);
    for (const term of terms) {
      const index = disk.entries.length + 1;
      disk.entries.push({ kind: 'command', index, term, data: bytes(`e${index}`) });
      disk.hardState = { term, votedFor: null };
    }
  }

  /** The story since the last call. */
  story(): string {
    return this.told(/^/u);
  }

  /** The lines of the story that match; the rest is forgotten. */
  told(pattern: RegExp): string {
    const lines = this.#lines.filter((line) => pattern.test(line));
    this.#lines = [];
    return lines.join('\n');
  }

  say(line: string): void {
    this.#lines.push(`— ${line}`);
  }

  tell(name: string, line: string): void {
    this.#lines.push(`${this.#clock()} ${name} ${line}`);
  }

  status(name: string): RaftStatus {
    return this.#node(name).raft.status();
  }

  disk(name: string): Disk {
    return this.#node(name).disk;
  }

  /** What the state machine was handed since the last start. */
  applied(name: string): readonly string[] {
    return this.#node(name).applied;
  }

  wakeAt(name: string): number {
    return this.#node(name).wakeAt;
  }

  propose(name: string, ...values: readonly string[]): void {
    this.input(name, { type: 'propose', ref: this.now, payloads: values.map((value) => bytes(value)) });
  }

  /** Any number of steps, then one drain. */
  input(name: string, ...inputs: readonly Input[]): void {
    this.#node(name).step(...inputs);
  }

  /** `A-B`: nothing from one reaches the other; `A>B` cuts one direction only. */
  cut(...links: readonly string[]): void {
    for (const link of links) {
      const [from = '', to = ''] = link.split(/[>-]/u);
      this.#cut.add(`${from}>${to}`);
      if (link.includes('-')) this.#cut.add(`${to}>${from}`);
    }
  }

  heal(): void {
    this.#cut.clear();
  }

  /** Messages like this stay on their way until `release`. */
  hold(like: (message: Message) => boolean): void {
    this.#held = like;
  }

  release(): void {
    this.#held = () => false;
    this.settle();
  }

  /** Takes what is on its way and matches, for delivery by hand, in any order, any number of times. */
  intercept(like: (message: Message) => boolean): readonly Message[] {
    const taken = this.#flying.filter(like);
    this.#flying = this.#flying.filter((message) => !like(message));
    return taken;
  }

  deliver(message: Message): void {
    this.#tellMessage(message, '');
    this.input(message.to, { type: 'message', message });
  }

  carry(messages: readonly Message[]): void {
    this.#flying.push(...messages);
  }

  stallDisk(...names: readonly string[]): void {
    for (const name of names) this.#node(name).diskStalled = true;
  }

  /** One open write of a stalled disk. */
  persistOne(name: string): void {
    this.#node(name).persistFirst(1);
  }

  resumeDisk(...names: readonly string[]): void {
    for (const name of names) this.#node(name).diskStalled = false;
    this.settle();
  }

  /** Reads of the disk of this node are answered only on `answerFetches`. */
  holdFetches(name: string): void {
    this.#node(name).holdFetches();
  }

  answerFetches(name: string): void {
    this.#node(name).answerFetches();
    this.settle();
  }

  /** SIGSTOP: inputs queue up, the clock goes on. */
  pause(name: string): void {
    this.#node(name).stop();
  }

  resume(name: string): void {
    this.#node(name).goOn();
  }

  /** Everything that is not on disk is gone. */
  crash(...names: readonly string[]): void {
    for (const name of names) this.#node(name).crash();
  }

  restart(...names: readonly string[]): void {
    for (const name of names) {
      this.tell(name, 'starts again');
      this.#node(name).boot();
    }
  }

  linkDown(name: string, peer: string): void {
    this.input(name, { type: 'link', peer: nodeId(peer), up: false });
  }

  linkUp(name: string, peer: string): void {
    this.input(name, { type: 'link', peer: nodeId(peer), up: true });
  }

  /** Persist and deliver until nothing moves. */
  settle(): void {
    for (let round = 0; this.#persistAll() || this.#deliverAll(); round += 1) {
      if (round > 10_000) throw new Error('the cluster never comes to rest');
    }
  }

  run(forMs: number): void {
    const end = this.now + forMs;
    this.settle();
    for (let next = this.#nextToWake(); next !== null && next.wakeAt <= end; next = this.#nextToWake()) {
      this.now = Math.max(this.now, next.wakeAt);
      next.step({ type: 'wake' });
      if (next.wakeAt <= this.now) throw new Error(`${next.name} wants to be woken at once, again`);
      this.settle();
    }
    this.now = end;
  }

  #nextToWake(): BenchNode | null {
    let next: BenchNode | null = null;
    for (const node of this.#nodes.values()) {
      if (node.up && !node.stopped && node.wakeAt < (next?.wakeAt ?? Infinity)) next = node;
    }
    return next;
  }

  #persistAll(): boolean {
    let moved = false;
    for (const node of this.#nodes.values()) moved = node.persist() || moved;
    return moved;
  }

  #deliverAll(): boolean {
    const arriving = this.#flying.filter((message) => !this.#held(message));
    this.#flying = this.#flying.filter((message) => this.#held(message));
    for (const message of arriving) {
      const lost = this.#cut.has(`${message.from}>${message.to}`) || !this.#node(message.to).up;
      if (lost) this.#tellMessage(message, ' (lost)');
      else this.deliver(message);
    }
    return arriving.length > 0;
  }

  #tellMessage(message: Message, suffix: string): void {
    const way = `${message.from}>${message.to}`;
    const line = describeMessage(message) + suffix;
    if (this.#said.get(way) === line) return;
    this.#said.set(way, line);
    this.#lines.push(`${this.#clock()} ${line}`);
  }

  #clock(): string {
    return String(this.now).padStart(5);
  }

  #node(name: string): BenchNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }
}

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
