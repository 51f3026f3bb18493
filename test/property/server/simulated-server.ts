import { createStateMachine } from '../../../src/kv/index.ts';
import type { StateMachine } from '../../../src/kv/state-machine.ts';
import type { Write } from '../../../src/raft/io.ts';
import { Raft } from '../../../src/raft/raft.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import type { ConnectionId, LoopEvent, LoopPorts } from '../../../src/server/loop-io.ts';
import { NodeLoop } from '../../../src/server/node-loop.ts';
import type { ServerMessage } from '../../../src/wire/client-protocol.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { peekClusterTime } from '../../../src/wire/envelope.ts';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';
import { Disk } from '../raft/disk.ts';
import type { EventQueue } from '../raft/event-queue.ts';
import type { Random } from '../raft/random.ts';
import { check } from './ledger.ts';

/** What a process can do to the world around it. */
export interface World {
  readonly time: EventQueue;
  readonly random: Random;
  readonly voters: readonly NodeId[];
  diskDelayMs(): number;
  carry(from: NodeId, to: NodeId, messages: readonly PeerMessage[]): void;
  tell(connection: ConnectionId, messages: readonly ServerMessage[]): void;
  stopped(id: NodeId): void;
  note(line: () => string): void;
}

export const HEARTBEAT_MS = 50;
const ELECTION_MS_MAX = 600;
/** A loop that wants a turn at once this many times, and hears nothing meanwhile, spins. */
const TURNS_AT_ONCE_MAX = 20;
const LIMITS = { ...DEFAULT_LIMITS, requestBytesMax: 200, inFlightPerConnectionMax: 8 };

interface Running {
  readonly loop: NodeLoop;
  readonly machine: StateMachine;
}

/** A process around the loop. What it had in memory is gone with it. */
export class SimulatedServer {
  readonly id: NodeId;
  readonly #world: World;
  readonly #disk: Disk;
  #running: Running | null = null;
  /** Counts the processes; what was meant for an earlier one is dropped. */
  #incarnation = 0;
  #pausedUntil = 0;
  #inbox: LoopEvent[] = [];
  #turnDue = false;
  #wakeAt = Infinity;
  #turnsAtOnce = 0;
  #writing: Write[] = [];
  #toPeers = new Map<NodeId, PeerMessage[]>();
  #toClients = new Map<ConnectionId, ServerMessage[]>();

  constructor(world: World, id: NodeId) {
    this.#world = world;
    this.id = id;
    this.#disk = new Disk({ voters: world.voters, outgoing: [], learners: [] });
  }

  get running(): Running | null {
    return this.#running;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** When it last was, or will be, asleep. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  get leading(): boolean {
    return this.#running?.loop.view.isLeader ?? false;
  }

  start(): void {
    if (this.#running !== null) return;
    const { now } = this.#world.time;
    this.#world.note(() => `${this.id} starts with ${this.#disk.entries.length} entries`);
    this.#incarnation += 1;
    const machine = createStateMachine();
    const loop = new NodeLoop(this.#restore(now), machine, this.#ports(), this.#options(), now);
    this.#running = { loop, machine };
    this.#turnSoon(0);
  }

  /** Writes under way may have reached the disk, in order, without anybody hearing of it. */
  end(): void {
    if (this.#running === null) return;
    this.#world.note(() => `${this.id} ends`);
    const kept = this.#world.random.between(0, this.#writing.length);
    for (const write of this.#writing.slice(0, kept)) this.#disk.perform(write);
    this.#running = null;
    this.#incarnation += 1;
    this.#pausedUntil = 0;
    this.#writing = [];
    this.#inbox = [];
    this.#turnDue = false;
    this.#wakeAt = Infinity;
    this.#turnsAtOnce = 0;
  }

  /** SIGSTOP: what arrives meanwhile waits in order. */
  pause(forMs: number): void {
    if (this.#running === null || this.#pausedUntil > this.#world.time.now) return;
    this.#world.note(() => `${this.id} is paused for ${forMs} ms`);
    this.#pausedUntil = this.#world.time.now + forMs;
    this.#later(forMs, () => {
      for (const event of this.#inbox.splice(0)) this.post(event);
    });
  }

  post(event: LoopEvent): void {
    if (this.#running === null) return;
    if (this.#world.time.now < this.#pausedUntil) {
      this.#inbox.push(event);
      return;
    }
    this.#turnsAtOnce = 0;
    this.#running.loop.step(event, this.#world.time.now);
    this.#turnSoon(this.#world.random.chance(80) ? 0 : this.#world.random.between(1, 3));
  }

  #later(delayMs: number, run: () => void): void {
    const incarnation = this.#incarnation;
    this.#world.time.after(delayMs, () => {
      if (incarnation !== this.#incarnation) return;
      const asleepMs = this.#pausedUntil - this.#world.time.now;
      if (asleepMs > 0) this.#later(asleepMs, run);
      else run();
    });
  }

  #turnSoon(delayMs: number): void {
    if (this.#turnDue) return;
    this.#turnDue = true;
    this.#later(delayMs, () => {
      this.#turnDue = false;
      this.#turn();
    });
  }

  #turn(): void {
    const { now } = this.#world.time;
    const wakeAt = this.#running?.loop.turn(now) ?? Infinity;
    this.#flush();
    if (this.#running === null) return;
    check(!Number.isNaN(wakeAt), `${this.id} does not know when to wake`);
    if (wakeAt <= now) {
      this.#turnsAtOnce += 1;
      check(this.#turnsAtOnce < TURNS_AT_ONCE_MAX, `${this.id} spins`);
      return this.#turnSoon(0);
    }
    this.#turnsAtOnce = 0;
    if (wakeAt === this.#wakeAt) return;
    this.#wakeAt = wakeAt;
    this.#later(wakeAt - now, () => {
      if (this.#wakeAt !== wakeAt) return;
      this.#wakeAt = Infinity;
      this.#turnSoon(0);
    });
  }

  #flush(): void {
    for (const [to, messages] of this.#toPeers) this.#world.carry(this.id, to, messages);
    for (const [connection, messages] of this.#toClients) this.#world.tell(connection, messages);
    this.#toPeers = new Map();
    this.#toClients = new Map();
  }

  #ports(): LoopPorts {
    return {
      persist: (write) => {
        this.#writing.push(write);
        this.#later(this.#world.diskDelayMs(), () => {
          this.#disk.perform(write);
          this.#writing.shift();
          this.post({ type: 'persisted', through: write.seq });
        });
      },
      fetch: ({ fetch, from, to }) =>
        this.#later(this.#world.diskDelayMs(), () => {
          this.post({ type: 'fetched', fetch, entries: this.#disk.entries.slice(from - 1, to) });
        }),
      toPeer: (peer, message) => queue(this.#toPeers, peer, message),
      toClient: (connection, message) => queue(this.#toClients, connection, message),
      closeClient: () => {
        throw new Error('no client misbehaves');
      },
      stopped: () => this.#later(0, () => this.#world.stopped(this.id)),
    };
  }

  #restore(now: number): Raft {
    return Raft.restore(
      {
        id: this.id,
        heartbeatMs: HEARTBEAT_MS,
        electionTimeoutMinMs: 300,
        electionTimeoutMaxMs: ELECTION_MS_MAX,
        writesInFlightMax: 1,
        windowMessages: 8,
        windowBytes: 4_096,
        appendBytesMax: 1_024,
        uncommittedBytesMax: 2_048,
        tailBytesMax: 8_192,
        checkInvariants: 'cheap',
        random: this.#world.random.uint32,
      },
      this.#disk.recover(),
      now,
    );
  }

  #options(): ConstructorParameters<typeof NodeLoop>[3] {
    let clusterTimeMs = 0;
    for (const entry of this.#disk.entries) {
      if (entry.kind === 'command') clusterTimeMs = Math.max(clusterTimeMs, peekClusterTime(entry.data));
    }
    const members = this.#world.voters.map((id) => ({ id, client: '' }));
    return {
      facts: { self: this.id, clusterId: 'c', members },
      limits: LIMITS,
      history: { keptMs: 60_000, keptRevisions: 20 },
      clusterTimeMs,
      heartbeatMs: HEARTBEAT_MS,
      electionTimeoutMaxMs: ELECTION_MS_MAX,
    };
  }

  /** Stamps of the log as it is on disk, in order. */
  stamps(): number[] {
    return this.#disk.entries.flatMap((entry) =>
      entry.kind === 'command' ? [peekClusterTime(entry.data)] : [],
    );
  }
}

function queue<K, M>(queues: Map<K, M[]>, to: K, message: M): void {
  const messages = queues.get(to);
  if (messages === undefined) queues.set(to, [message]);
  else messages.push(message);
}
