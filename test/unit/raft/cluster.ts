import {
  describeEntry,
  describeLeadership,
  describeMessage,
  describeSettled,
  describeWrite,
  type Entry,
  type Input,
  type Membership,
  type Message,
  Raft,
  type RaftOptions,
  type RaftStatus,
  type Write,
} from '../../../src/raft/index.ts';
import { Disk } from '../../property/raft/disk.ts';
import { nodeId } from '../../property/raft/ids.ts';

/** Election timeouts that never collide: A 300 ms, B 400, C 500, D and E 550. */
const TIMEOUT_DRAW: Readonly<Record<string, number>> = { A: 0, B: 1 / 3, C: 2 / 3, D: 5 / 6, E: 5 / 6 };

interface Node {
  readonly name: string;
  readonly disk: Disk;
  raft: Raft | null;
  writes: Write[];
  stalled: boolean;
  /** Inputs that arrived while the process was stopped; null while it runs. */
  held: Input[] | null;
  wakeAt: number;
  applied: Entry[];
}

/**
 * A few nodes on one bench: time moves, disks persist and messages arrive only on command, and everything that
 * happens is told in a story. A message that only repeats the one before it on its way is not told again.
 *
 * `settle` lets disks and network work until nothing moves, in no time; `run` lets time pass, settling at each wake.
 */
export class Cluster {
  readonly #nodes = new Map<string, Node>();
  readonly #options: Partial<RaftOptions>;
  readonly #cut = new Set<string>();
  readonly #said = new Map<string, string>();
  #flying: Message[] = [];
  #held: ((message: Message) => boolean) | null = null;
  #lines: string[] = [];
  now = 0;

  constructor(names: string, options: Partial<RaftOptions> = {}, membership?: Membership) {
    this.#options = options;
    const everybody: Membership = { voters: [...names].map(nodeId), outgoing: [], learners: [] };
    for (const name of names) {
      this.#nodes.set(name, {
        name,
        disk: new Disk(membership ?? everybody),
        raft: null,
        writes: [],
        stalled: false,
        held: null,
        wakeAt: Infinity,
        applied: [],
      });
    }
  }

  /** Starts every node, from what its disk holds. */
  start(): this {
    for (const name of this.#nodes.keys()) this.#boot(this.#node(name));
    return this;
  }

  /** The story since the last call. */
  story(): string {
    const story = this.#lines.join('\n');
    this.#lines = [];
    return story;
  }

  say(line: string): void {
    this.#lines.push(`— ${line}`);
  }

  status(name: string): RaftStatus {
    const { raft } = this.#node(name);
    if (raft === null) throw new Error(`${name} is down`);
    return raft.status();
  }

  disk(name: string): Disk {
    return this.#node(name).disk;
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

  /** What the state machine was handed, since the last start. */
  applied(name: string): readonly string[] {
    return this.#node(name).applied.map(tellEntry);
  }

  wakeAt(name: string): number {
    return this.#node(name).wakeAt;
  }

  propose(name: string, ...values: readonly string[]): void {
    this.input(name, { type: 'propose', ref: this.now, payloads: values.map((value) => bytes(value)) });
  }

  /** One step and one drain. */
  input(name: string, input: Input): void {
    const node = this.#node(name);
    if (node.held !== null) node.held.push(input);
    else this.#step(node, input);
  }

  /** Nothing from one side reaches the other; `A>B` cuts one direction only. */
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
    this.#held = null;
    this.settle();
  }

  /** Takes what is on its way and matches, for delivery by hand, in any order, any number of times. */
  intercept(like: (message: Message) => boolean): readonly Message[] {
    const taken = this.#flying.filter(like);
    this.#flying = this.#flying.filter((message) => !like(message));
    return taken;
  }

  deliver(message: Message): void {
    this.#tell(message);
    this.input(message.to, { type: 'message', message });
  }

  stallDisk(...names: readonly string[]): void {
    for (const name of names) this.#node(name).stalled = true;
  }

  resumeDisk(...names: readonly string[]): void {
    for (const name of names) this.#node(name).stalled = false;
    this.settle();
  }

  /** SIGSTOP: inputs queue up, the clock goes on. */
  pause(name: string): void {
    this.#log(name, 'is stopped');
    this.#node(name).held = [];
  }

  resume(name: string): void {
    const node = this.#node(name);
    this.#log(name, 'goes on');
    const held = node.held ?? [];
    node.held = null;
    for (const input of held) this.#step(node, input);
  }

  /** Everything that is not on disk is gone. */
  crash(...names: readonly string[]): void {
    for (const name of names) {
      const node = this.#node(name);
      this.#log(name, node.writes.length > 0 ? 'crashes, and its open writes are lost' : 'crashes');
      Object.assign(node, { raft: null, writes: [], wakeAt: Infinity, held: null });
    }
  }

  restart(...names: readonly string[]): void {
    for (const name of names) {
      this.#log(name, 'starts again');
      this.#boot(this.#node(name));
    }
  }

  linkDown(name: string, ...peers: readonly string[]): void {
    for (const peer of peers) this.input(name, { type: 'link', peer: nodeId(peer), up: false });
  }

  linkUp(name: string, ...peers: readonly string[]): void {
    for (const peer of peers) this.input(name, { type: 'link', peer: nodeId(peer), up: true });
  }

  /** Persist and deliver until nothing moves. */
  settle(): void {
    for (let round = 0; this.#persistAll() || this.#deliverAll(); round += 1) {
      if (round > 1_000) throw new Error('the cluster never comes to rest');
    }
  }

  run(forMs: number): void {
    const end = this.now + forMs;
    this.settle();
    for (let next = this.#nextWake(); next !== null && next.wakeAt <= end; next = this.#nextWake()) {
      this.now = Math.max(this.now, next.wakeAt);
      this.#step(next, { type: 'wake' });
      if (next.wakeAt <= this.now) throw new Error(`${next.name} wants to be woken at once, again`);
      this.settle();
    }
    this.now = end;
  }

  #nextWake(): Node | null {
    let next: Node | null = null;
    for (const node of this.#nodes.values()) {
      if (node.raft !== null && node.held === null && node.wakeAt < (next?.wakeAt ?? Infinity)) next = node;
    }
    return next;
  }

  #boot(node: Node): void {
    const draw = TIMEOUT_DRAW[node.name] ?? 0;
    const options: RaftOptions = {
      id: nodeId(node.name),
      heartbeatMs: 50,
      electionTimeoutMinMs: 300,
      electionTimeoutMaxMs: 600,
      writesInFlightMax: 8,
      windowMessages: 8,
      windowBytes: 100_000,
      appendBytesMax: 10_000,
      uncommittedBytesMax: 10_000,
      tailBytesMax: 10_000,
      random: () => Math.ceil(draw * 2 ** 32),
      checkInvariants: 'all',
      ...this.#options,
    };
    node.applied = [];
    node.raft = Raft.restore(options, node.disk.recover(), this.now);
    this.#drain(node, node.raft);
  }

  #step(node: Node, input: Input): void {
    if (node.raft === null) return;
    node.raft.step(input, this.now);
    this.#drain(node, node.raft);
  }

  #drain(node: Node, raft: Raft): void {
    const { name } = node;
    const output = raft.drain(this.now);
    node.wakeAt = output.wakeAt;
    if (output.leadership !== null) this.#log(name, describeLeadership(nodeId(name), output.leadership));
    for (const settled of output.settled) this.#log(name, describeSettled(settled));
    if (output.persist !== null) node.writes.push(output.persist);
    this.#flying.push(...output.messages);
    for (const entry of output.apply) {
      this.#log(name, `applies ${tellEntry(entry)}`);
      node.applied.push(entry);
    }
    const last = output.apply[output.apply.length - 1];
    if (last !== undefined) this.#step(node, { type: 'applied', through: last.index });
    for (const { fetch, from, to } of output.fetches) {
      this.#log(name, `reads ${from} to ${to} from disk`);
      this.#step(node, { type: 'fetched', fetch, entries: node.disk.entries.slice(from - 1, to) });
    }
  }

  #persistAll(): boolean {
    let moved = false;
    for (const node of this.#nodes.values()) {
      if (node.stalled || node.held !== null || node.writes.length === 0) continue;
      moved = true;
      const writes = node.writes.splice(0);
      for (const write of writes) {
        node.disk.perform(write);
        this.#log(node.name, `has on disk ${describeWrite(write)}`);
      }
      this.#step(node, { type: 'persisted', through: writes[writes.length - 1]?.seq ?? 0 });
    }
    return moved;
  }

  #deliverAll(): boolean {
    const arriving = this.#flying.filter((message) => this.#held?.(message) !== true);
    this.#flying = this.#flying.filter((message) => this.#held?.(message) === true);
    for (const message of arriving) {
      if (this.#cut.has(`${message.from}>${message.to}`) || this.#node(message.to).raft === null) {
        this.#tell(message, ' (lost)');
      } else {
        this.deliver(message);
      }
    }
    return arriving.length > 0;
  }

  #tell(message: Message, suffix = ''): void {
    const way = `${message.from}>${message.to}`;
    const line = describeMessage(message) + suffix;
    if (this.#said.get(way) === line) return;
    this.#said.set(way, line);
    this.#lines.push(`${this.#clock()} ${line}`);
  }

  #log(name: string, line: string): void {
    this.#lines.push(`${this.#clock()} ${name} ${line}`);
  }

  #clock(): string {
    return String(this.now).padStart(5);
  }

  #node(name: string): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }
}

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function tellEntry(entry: Entry): string {
  if (entry.kind !== 'command') return describeEntry(entry);
  return `${entry.index}@${entry.term} ${String.fromCharCode(...entry.data)}`;
}
