import {
  describeLeadership,
  describeSettled,
  describeWrite,
  type Fetch,
  type Input,
  type Leadership,
  type Message,
  type NodeId,
  type Output,
  Raft,
  type RaftOptions,
  type Settled,
  type Write,
} from '../../../src/raft/index.ts';
import type { Observation } from '../../../src/sim/laws/law.ts';
import type { Disk } from './disk.ts';
import type { EventQueue } from './event-queue.ts';
import { check, type Laws } from './laws.ts';
import type { Random } from './random.ts';

export interface World {
  readonly time: EventQueue;
  readonly random: Random;
  readonly laws: Laws;
  /** Draws how long the disk takes for the next write or read of this node. */
  diskDelayMs(id: NodeId): number;
  carry(message: Message): void;
  settle(node: SimulatedNode, settled: Settled): void;
  note(line: () => string): void;
  /** For the laws of the simulator, which judge this one as well. */
  observe(observation: Observation): void;
}

/** A process around the core, with a disk that lags, as hurried or as lazy about drains as chance wants. */
export class SimulatedNode {
  readonly id: NodeId;
  readonly disk: Disk;
  readonly #world: World;
  readonly #options: RaftOptions;
  #raft: Raft | null = null;
  #incarnation = 0;
  #writing: Write[] = [];
  #appliedThrough = 0;
  #drainDue = false;
  #wakeAt = Infinity;
  #pausedUntil = 0;
  leadership: Leadership = { term: 0, leader: null, role: 'follower' };

  constructor(world: World, options: RaftOptions, disk: Disk) {
    this.#world = world;
    this.#options = options;
    this.id = options.id;
    this.disk = disk;
  }

  get running(): boolean {
    return this.#raft !== null;
  }

  get leading(): boolean {
    return this.running && this.leadership.role === 'leader';
  }

  get applied(): number {
    return this.#appliedThrough;
  }

  status(): ReturnType<Raft['status']> | null {
    return this.#raft?.status() ?? null;
  }

  start(): void {
    if (this.running) return;
    this.#world.note(
      () => `${this.id} starts with ${this.disk.entries.length} entries, term ${this.disk.hardState.term}`,
    );
    this.#incarnation += 1;
    this.#appliedThrough = 0;
    const [recovered, entries] = [this.disk.recover(), [...this.disk.entries]];
    this.#world.observe({ type: 'started', node: this.id, recovered, entries });
    this.leadership = { term: this.disk.hardState.term, leader: null, role: 'follower' };
    this.#raft = Raft.restore(this.#options, recovered, this.#world.time.now);
    this.#drainSoon(0);
  }

  /** Writes on their way may have reached the disk, in order, without anybody hearing of it. */
  crash(): void {
    if (!this.running) return;
    const kept = this.#world.random.between(0, this.#writing.length);
    this.#world.note(() => `${this.id} crashes, ${kept} of ${this.#writing.length} open writes survive`);
    for (const write of this.#writing.slice(0, kept)) this.disk.perform(write);
    this.#world.observe({ type: 'ended', node: this.id });
    this.#writing = [];
    this.#raft = null;
    this.#drainDue = false;
    this.#wakeAt = Infinity;
    this.#pausedUntil = 0;
  }

  /** SIGSTOP: nothing is lost, everything is late. */
  pause(forMs: number): void {
    this.#world.note(() => `${this.id} is paused for ${forMs} ms`);
    this.#pausedUntil = this.#world.time.now + forMs;
  }

  step(input: Input): void {
    this.#whenAwake(() => {
      this.#raft?.step(input, this.#world.time.now);
      this.#drainSoon(this.#world.random.chance(75) ? 0 : this.#world.random.between(1, 4));
    });
  }

  #whenAwake(run: () => void): void {
    const { time } = this.#world;
    const incarnation = this.#incarnation;
    if (time.now >= this.#pausedUntil) return run();
    time.after(this.#pausedUntil - time.now, () => {
      if (incarnation === this.#incarnation && this.running) this.#whenAwake(run);
    });
  }

  #later(delayMs: number, run: () => void): void {
    const incarnation = this.#incarnation;
    this.#world.time.after(delayMs, () => {
      if (incarnation === this.#incarnation && this.running) this.#whenAwake(run);
    });
  }

  #drainSoon(delayMs: number): void {
    if (this.#drainDue || !this.running) return;
    if (delayMs === 0) return this.#drain();
    this.#drainDue = true;
    this.#later(delayMs, () => {
      this.#drainDue = false;
      this.#drain();
    });
  }

  #drain(): void {
    if (this.#raft === null) return;
    const { laws } = this.#world;
    const output = this.#raft.drain(this.#world.time.now);
    this.#persist(output);
    if (output.leadership !== null) this.#announce(output.leadership);
    laws.committedMax = Math.max(laws.committedMax, this.#raft.status().committed);
    for (const message of output.messages) {
      laws.sends(message, this.disk);
      this.#world.observe({ type: 'sent', node: this.id, message });
      this.#world.carry(message);
    }
    for (const fetch of output.fetches) this.#fetch(fetch);
    for (const settled of output.settled) {
      this.#world.note(() => `${this.id} ${describeSettled(settled)}`);
      this.#world.settle(this, settled);
    }
    this.#apply(output);
    this.#world.observe({ type: 'turned', node: this.id, status: this.#raft.status() });
    this.#wakeLater(output.wakeAt);
    if (output.wakeAt > this.#world.time.now && this.#world.random.chance(5)) this.#checkRest(this.#raft);
  }

  /** Between a drain and its `wakeAt` nothing happens by itself: a wake too early finds nothing to do or to say. */
  #checkRest(raft: Raft): void {
    const { now } = this.#world.time;
    raft.step({ type: 'wake' }, now);
    const { wakeAt, ...said } = raft.drain(now);
    const silence = { persist: null, messages: [], apply: [], fetches: [], settled: [], leadership: null };
    check(
      JSON.stringify(said) === JSON.stringify(silence),
      `${this.id} has more to say: ${JSON.stringify(said)}`,
    );
    check(wakeAt > now, `${this.id} wants to be woken at once`);
  }

  #announce(leadership: Leadership): void {
    this.leadership = leadership;
    this.#world.note(() => `${this.id} ${describeLeadership(this.id, leadership)}`);
    if (leadership.role === 'leader') this.#world.laws.leads(leadership.term, this.id, this.#incarnation);
  }

  #persist(output: Output): void {
    const write = output.persist;
    if (write === null) return;
    this.#world.note(() => `${this.id} ${describeWrite(write)}`);
    this.#world.laws.writes(write, this.disk, this.#writing);
    this.#world.observe({ type: 'persist', node: this.id, write });
    this.#writing.push(write);
    if (this.#writing.length === 1) this.#writeNext();
  }

  /** In order; now and then several finish together and one acknowledgement speaks for all. */
  #writeNext(): void {
    this.#later(this.#world.diskDelayMs(this.id), () => {
      const done = this.#writing.splice(0, this.#world.random.chance(30) ? 3 : 1);
      for (const write of done) this.disk.perform(write);
      const through = done[done.length - 1]?.seq;
      if (this.#writing.length > 0) this.#writeNext();
      if (through === undefined) return;
      this.#world.observe({ type: 'durable', node: this.id, through });
      this.step({ type: 'persisted', through });
    });
  }

  /** Reads what stands on the disk when the answer is made, which may be another branch, or nothing, by now. */
  #fetch({ fetch, from, to, bytesMax }: Fetch): void {
    this.#later(this.#world.diskDelayMs(this.id), () => {
      const entries = this.disk.entries.slice(from - 1, to);
      const few = bytesMax < 1_000 ? entries.slice(0, 2) : entries;
      this.step({ type: 'fetched', fetch, entries: few });
    });
  }

  #apply(output: Output): void {
    for (const entry of output.apply) {
      check(entry.index === this.#appliedThrough + 1, `${this.id} applies ${entry.index} out of turn`);
      check(
        this.disk.termAt(entry.index) === entry.term,
        `${this.id} applies ${entry.index} before it is durable`,
      );
      this.#world.laws.applies(entry);
      this.#world.observe({ type: 'applied', node: this.id, entry, digest: null });
      this.#appliedThrough = entry.index;
    }
    if (output.apply.length > 0) {
      const through = this.#appliedThrough;
      this.#later(this.#world.random.between(0, 2), () => this.step({ type: 'applied', through }));
    }
  }

  #wakeLater(at: number): void {
    const { time } = this.#world;
    if (at === this.#wakeAt) return;
    this.#wakeAt = at;
    this.#later(Math.max(0, at - time.now), () => {
      if (this.#wakeAt !== at || this.#raft === null) return;
      this.#wakeAt = Infinity;
      this.#raft.step({ type: 'wake' }, time.now);
      this.#drain();
      check(this.#wakeAt > time.now, `${this.id} wants to be woken at once, again`);
    });
  }
}
