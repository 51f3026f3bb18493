import {
  describeEntry,
  describeLeadership,
  describeSettled,
  describeWrite,
  type Entry,
  type Fetch,
  type Input,
  type Membership,
  type Message,
  type Output,
  Raft,
  type RaftOptions,
  type Write,
} from '../../../src/raft/index.ts';
import { Disk } from '../../property/raft/disk.ts';
import { nodeId } from '../../property/raft/ids.ts';

/** Where a node lives: who tells its story, carries its messages and knows the time. */
export interface Bench {
  readonly now: number;
  tell(name: string, line: string): void;
  carry(messages: readonly Message[]): void;
}

/** Election timeouts that never collide: A 300 ms, B 400, C 500, D and E 550. */
const TIMEOUT_DRAW: Readonly<Record<string, number>> = { A: 0, B: 1 / 3, C: 2 / 3, D: 5 / 6, E: 5 / 6 };

/** One core with a disk that persists on command. */
export class BenchNode {
  readonly name: string;
  readonly disk: Disk;
  readonly #bench: Bench;
  readonly #options: Partial<RaftOptions>;
  #raft: Raft | null = null;
  #writes: Write[] = [];
  /** Inputs that arrived while the process was stopped; null while it runs. */
  #held: Input[] | null = null;
  /** Reads that the disk has not answered; null while it answers at once. */
  #fetches: Fetch[] | null = null;
  diskStalled = false;
  wakeAt = Infinity;
  applied: readonly string[] = [];

  constructor(bench: Bench, name: string, genesis: Membership, options: Partial<RaftOptions>) {
    this.name = name;
    this.disk = new Disk(genesis);
    this.#bench = bench;
    this.#options = options;
  }

  get up(): boolean {
    return this.#raft !== null;
  }

  get stopped(): boolean {
    return this.#held !== null;
  }

  get raft(): Raft {
    if (this.#raft === null) throw new Error(`${this.name} is down`);
    return this.#raft;
  }

  boot(): void {
    const draw = TIMEOUT_DRAW[this.name] ?? 0;
    const options: RaftOptions = {
      id: nodeId(this.name),
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
    this.applied = [];
    this.#raft = Raft.restore(options, this.disk.recover(), this.#bench.now);
    this.#drain();
  }

  crash(): void {
    this.#tell(this.#writes.length > 0 ? 'crashes, and its open writes are lost' : 'crashes');
    this.#raft = null;
    this.#writes = [];
    this.#held = null;
    this.#fetches = null;
    this.wakeAt = Infinity;
  }

  stop(): void {
    this.#tell('is stopped');
    this.#held = [];
  }

  goOn(): void {
    this.#tell('goes on');
    const held = this.#held ?? [];
    this.#held = null;
    for (const input of held) this.step(input);
  }

  /** Any number of steps, then one drain. */
  step(...inputs: readonly Input[]): void {
    if (this.#held !== null) {
      this.#held.push(...inputs);
      return;
    }
    if (this.#raft === null) return;
    for (const input of inputs) this.#raft.step(input, this.#bench.now);
    this.#drain();
  }

  /** All open writes, unless the disk is stalled; returns whether there were any. */
  persist(): boolean {
    if (this.diskStalled || this.stopped || this.#writes.length === 0) return false;
    this.persistFirst(this.#writes.length);
    return true;
  }

  /** The oldest open writes, even of a stalled disk; one acknowledgement speaks for them all. */
  persistFirst(count: number): void {
    const writes = this.#writes.splice(0, count);
    for (const write of writes) {
      this.disk.perform(write);
      this.#tell(`has on disk ${describeWrite(write)}`);
    }
    this.step({ type: 'persisted', through: writes[writes.length - 1]?.seq ?? 0 });
  }

  holdFetches(): void {
    this.#fetches = [];
  }

  answerFetches(): void {
    const fetches = this.#fetches ?? [];
    this.#fetches = null;
    for (const fetch of fetches) this.#answer(fetch);
  }

  #drain(): void {
    const output = this.raft.drain(this.#bench.now);
    this.wakeAt = output.wakeAt;
    if (output.leadership !== null) this.#tell(describeLeadership(nodeId(this.name), output.leadership));
    for (const settled of output.settled) this.#tell(describeSettled(settled));
    if (output.persist !== null) this.#writes.push(output.persist);
    this.#bench.carry(output.messages);
    this.#apply(output);
    for (const fetch of output.fetches) {
      if (this.#fetches === null) this.#answer(fetch);
      else this.#fetches.push(fetch);
    }
  }

  #apply(output: Output): void {
    const lines = output.apply.map(tellEntry);
    for (const line of lines) this.#tell(`applies ${line}`);
    this.applied = [...this.applied, ...lines];
    const last = output.apply[output.apply.length - 1];
    if (last !== undefined) this.step({ type: 'applied', through: last.index });
  }

  #answer({ fetch, from, to, bytesMax }: Fetch): void {
    const entries: Entry[] = [];
    for (let size = 0; from + entries.length <= to && size < bytesMax; ) {
      const entry = this.disk.entries[from + entries.length - 1];
      if (entry === undefined) break;
      entries.push(entry);
      size += entry.kind === 'command' ? entry.data.length : 1;
    }
    this.#tell(`reads ${from} to ${from + entries.length - 1} from disk`);
    this.step({ type: 'fetched', fetch, entries });
  }

  #tell(line: string): void {
    this.#bench.tell(this.name, line);
  }
}

function tellEntry(entry: Entry): string {
  if (entry.kind !== 'command') return describeEntry(entry);
  return `${entry.index}@${entry.term} ${String.fromCharCode(...entry.data)}`;
}
