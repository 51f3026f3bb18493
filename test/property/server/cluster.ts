import type { NodeId } from '../../../src/raft/types.ts';
import { nodeId } from '../../../src/server/node-core.ts';
import type { ServerMessage } from '../../../src/wire/client-protocol.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';
import { EventQueue } from '../raft/event-queue.ts';
import { Random } from '../raft/random.ts';
import { check, COUNTER_KEY, counterIn, Ledger } from './ledger.ts';
import { Links } from './links.ts';
import { type ClientWorld, SimulatedClient } from './simulated-client.ts';
import { SimulatedServer } from './simulated-server.ts';

const FAULTS_MS = 4_000;
/** After healing, the cluster serves from here on. */
const RECOVERY_MS = 2_000;
const CALM_MS = 1_000;
/** Longer than any request may wait. */
const REST_MS = 2_500;
const STOP_MS = 3_100;
/** 9.5 s of virtual time a seed. */
const RUN_MS = FAULTS_MS + RECOVERY_MS + CALM_MS + REST_MS;

export interface Summary {
  readonly answered: number;
  readonly refused: number;
  readonly unknown: number;
  readonly faults: number;
  readonly terms: number;
}

/** Throws when a law is broken; `trace` then tells the story. */
export function simulate(seed: number, size: number, trace: string[] | null = null): Summary {
  return new Cluster(seed, size, trace).run();
}

class Cluster implements ClientWorld {
  readonly time = new EventQueue();
  readonly random: Random;
  readonly ledger = new Ledger();
  readonly voters: readonly NodeId[];
  readonly calmFrom = FAULTS_MS + RECOVERY_MS;
  readonly #servers: readonly SimulatedServer[];
  readonly #links: Links;
  readonly #trace: string[] | null;
  readonly #diskMsMax: number;
  readonly #workEveryMs: number;
  readonly #faultEveryMs: number;
  #clients: SimulatedClient[] = [];
  #lastId = 0;
  #healed = false;
  #faults = 0;

  constructor(seed: number, size: number, trace: string[] | null) {
    this.random = new Random(seed);
    this.#trace = trace;
    this.voters = Array.from({ length: size }, (_, i) => nodeId(`n${i + 1}`));
    this.#servers = this.voters.map((id) => new SimulatedServer(this, id));
    this.#links = new Links(this, this.random.pick([1, 3, 15, 40]), this.random.pick([0, 2, 20]));
    this.#diskMsMax = this.random.pick([1, 5, 30]);
    this.#workEveryMs = this.random.pick([3, 10, 40]);
    this.#faultEveryMs = this.random.pick([150, 400, 1_000]);
  }

  run(): Summary {
    for (const server of this.#servers) server.start();
    this.#redial();
    this.#work();
    this.#harm();
    this.time.runUntil(FAULTS_MS);
    this.#heal();
    this.time.runUntil(FAULTS_MS + RECOVERY_MS + CALM_MS);
    for (const client of this.#clients) client.leaving = true;
    this.time.runUntil(RUN_MS);
    this.#checkRest();
    const terms = Math.max(...this.#servers.map(({ running }) => running?.loop.view.term ?? 0));
    return { ...this.ledger.counts, faults: this.#faults, terms };
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  note(line: () => string): void {
    this.#trace?.push(`${this.time.now} ${line()}`);
  }

  diskDelayMs(): number {
    return this.#healed ? 1 : this.random.between(0, this.#diskMsMax);
  }

  carry(from: NodeId, to: NodeId, messages: readonly PeerMessage[]): void {
    this.note(() => `${from} to ${to}: ${messages.map(brief).join(', ')}`);
    this.#links.carry(from, to, messages);
  }

  tell(connection: number, messages: readonly ServerMessage[]): void {
    this.#clients.find((client) => client.connection === connection)?.hear(messages);
  }

  stopped(id: NodeId): void {
    this.#end(this.#server(id));
  }

  #end(server: SimulatedServer): void {
    server.end();
    this.#links.breakAll(server.id);
    if (this.#healed) return server.start();
    this.time.after(this.random.between(1, 1_500), () => server.start());
  }

  #redial(): void {
    this.#servers.forEach((a, i) => {
      for (const b of this.#servers.slice(i + 1)) if (this.random.chance(50)) this.#links.connect(a, b);
    });
    this.time.after(this.random.between(5, 60), () => this.#redial());
  }

  #work(): void {
    this.#leave();
    const resting = this.time.now >= FAULTS_MS + RECOVERY_MS + CALM_MS;
    if (!resting && this.#clients.length < 4) {
      const running = this.#servers.filter((server) => server.running !== null);
      if (running.length > 0) this.#clients.push(new SimulatedClient(this, this.random.pick(running)));
    }
    for (const client of this.#clients) {
      if (!client.leaving && client.openCount < 6 && this.random.chance(40)) client.ask();
    }
    this.time.after(this.random.between(1, this.#workEveryMs), () => this.#work());
  }

  /** Clients whose process is gone, who were asked to go, or who have had enough. */
  #leave(): void {
    const bored = !this.#healed && this.random.chance(1) ? this.#clients[0] : undefined;
    for (const client of this.#clients) {
      if (!client.isServed || client === bored || (client.leaving && client.openCount === 0)) client.close();
    }
    this.#clients = this.#clients.filter(({ closed }) => !closed);
  }

  #harm(): void {
    this.time.after(this.random.between(1, this.#faultEveryMs), () => {
      if (this.#healed) return;
      this.#faults += 1;
      this.#harmOnce();
      this.#harm();
    });
  }

  #harmOnce(): void {
    const { random } = this;
    const leader = this.#servers.find((server) => server.leading);
    const server = leader !== undefined && random.chance(50) ? leader : random.pick(this.#servers);
    const other = random.pick(this.voters.filter((id) => id !== server.id));
    switch (random.between(1, 6)) {
      case 1:
        if (server.running !== null) this.#end(server);
        break;
      case 2:
        this.#pause(server, random.between(20, 1_500));
        break;
      case 3:
        this.#links.break(server.id, other);
        break;
      case 4:
        for (const id of this.voters)
          if (random.chance(70) && id !== server.id) this.#links.cut(server.id, id);
        break;
      case 5:
        this.#stop(server);
        break;
      case 6:
        this.#links.mendAll();
        break;
    }
  }

  /** A peer that is silent for five heartbeats loses its links. */
  #pause(server: SimulatedServer, forMs: number): void {
    server.pause(forMs);
    if (forMs < 250) return;
    this.time.after(250, () => {
      for (const id of this.voters) if (id !== server.id) this.#links.break(server.id, id);
    });
  }

  #stop(server: SimulatedServer): void {
    const { incarnation } = server;
    this.note(() => `${server.id} is asked to stop`);
    server.post({ type: 'stop' });
    const begun = this.time.now;
    this.time.after(STOP_MS, () => {
      const slept = server.pausedUntil > begun;
      check(slept || server.incarnation !== incarnation, `${server.id} does not stop`);
    });
  }

  #heal(): void {
    this.note(() => 'everything is healed');
    this.#healed = true;
    this.#links.calm();
    // A process that is frozen or on its way out is replaced: what is asked of the calm is asked of live nodes.
    for (const server of this.#servers) {
      if (server.running !== null && this.random.chance(50)) this.#end(server);
      server.start();
    }
    for (const server of this.#servers) if (server.pausedUntil > this.time.now) this.#end(server);
  }

  #checkRest(): void {
    const [first] = this.#servers;
    const digest = first?.running?.machine.digest();
    for (const { id, running, stamps } of this.#servers.map((server) => ({
      id: server.id,
      running: server.running,
      stamps: server.stamps(),
    }))) {
      check(running !== null && running.machine.digest() === digest, `${id} has another state`);
      check(running.loop.openRequests === 0, `${id} has ${running.loop.openRequests} requests open at rest`);
      check(running.loop.unanswered === 0, `${id} waits for ${running.loop.unanswered} answers at rest`);
      check(
        stamps.every((stamp, i) => stamp >= (stamps[i - 1] ?? 0)),
        `cluster time goes back in the log of ${id}`,
      );
    }
    const machine = first?.running?.machine;
    check(machine !== undefined, 'a cluster has a node');
    const get = (key: Uint8Array) => machine.query({ type: 'get', keys: [key] }, DEFAULT_LIMITS);
    this.ledger.settles(counterIn(get(COUNTER_KEY)), (key) => {
      const result = get(key);
      return result.type === 'get' && result.records[0] !== null;
    });
  }

  #server(id: NodeId): SimulatedServer {
    const server = this.#servers.find((one) => one.id === id);
    if (server === undefined) throw new Error(`no server ${id}`);
    return server;
  }
}

function brief(message: PeerMessage): string {
  switch (message.type) {
    case 'raft':
      return message.message.type;
    case 'forwarded':
      return `forwarded ${message.batch} ${JSON.stringify(message.results)}`;
    case 'forward':
    case 'readIndex':
      return `${message.type} ${message.batch}`;
    case 'readIndexReply':
      return `readIndexReply ${message.batch} ${message.index}`;
    case 'hello':
    case 'refuse':
    case 'genesis':
    case 'ping':
      return message.type;
  }
}
