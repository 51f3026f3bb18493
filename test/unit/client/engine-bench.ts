import type {
  ClientLimits,
  ClientMessage,
  ServerMessage,
  Topology,
} from '../../../src/wire/client-protocol.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import type { Dial } from '../../../src/client/engine/connections.ts';
import { Engine, type EngineOptions } from '../../../src/client/engine/engine.ts';
import type { Settlement, Work } from '../../../src/client/engine/request.ts';
import { LIMITS } from './scripted-node.ts';

export interface BenchOptions extends Partial<EngineOptions> {
  readonly random?: () => number;
}

/** Bytes are not looked into by the engine: one letter is an operation as good as any. */
export const WRITE: Work = { kind: 'write', operation: new Uint8Array(10) };
export const READ: Work = readAt('linearizable');
export const LOCAL_READ: Work = readAt('local');

function readAt(level: 'linearizable' | 'local'): Work {
  return { kind: 'read', level, minRevision: 0, query: { type: 'get', keys: [Uint8Array.of(1)] } };
}

/** The engine with a clock that moves by hand, and nodes that say what the test says they say. */
export class EngineBench {
  readonly engine: Engine;
  readonly settled = new Map<number, Settlement>();
  /** Connections by address, the latest attempt each. */
  readonly connections = new Map<string, number>();
  readonly dials: Dial[] = [];
  readonly hangUps: number[] = [];
  now = 0;
  wakeAt = 0;
  #sent = new Map<number, ClientMessage[][]>();

  constructor({ random = () => 0.5, ...options }: BenchOptions = {}) {
    const seeds = ['a:1', 'b:1', 'c:1'];
    this.engine = new Engine(
      {
        seeds,
        discover: true,
        clusterId: null,
        clientName: 'test',
        retry: true,
        sessions: false,
        ...options,
      },
      random,
    );
  }

  /** Dialled, and all three nodes have welcomed us; n1 at a:1 leads. */
  static threeNodes(options: BenchOptions = {}): EngineBench {
    const bench = new EngineBench(options);
    bench.submit({ kind: 'greeting' });
    for (const address of ['a:1', 'b:1', 'c:1']) bench.welcome(address);
    bench.forgetSent();
    return bench;
  }

  submit(work: Work, timeoutMs = 5_000): number {
    const id = this.engine.submit(work, timeoutMs, this.now);
    this.drain();
    return id;
  }

  drain(): void {
    const output = this.engine.drain(this.now);
    for (const dial of output.dials) this.connections.set(dial.address, dial.connection);
    this.dials.push(...output.dials);
    this.hangUps.push(...output.hangUps);
    for (const { connection, messages } of output.frames) {
      const frames = this.#sent.get(connection) ?? [];
      frames.push([...messages]);
      this.#sent.set(connection, frames);
    }
    for (const settlement of output.settled) {
      if (this.settled.has(settlement.id)) throw new Error(`request ${settlement.id} settled twice`);
      this.settled.set(settlement.id, settlement);
    }
    this.wakeAt = output.wakeAt;
    if (this.wakeAt <= this.now) throw new Error(`asks for a wake-up at ${this.wakeAt}, now is ${this.now}`);
  }

  connection(address: string): number {
    const connection = this.connections.get(address);
    if (connection === undefined) throw new Error(`${address} was never dialled`);
    return connection;
  }

  welcome(address: string, changes: Partial<Extract<ServerMessage, { type: 'welcome' }>> = {}): void {
    const connection = this.connection(address);
    this.engine.opened(connection);
    this.drain();
    this.say(address, {
      type: 'welcome',
      protocol: 1,
      clusterId: 'c1',
      nodeId: nodeAt(address),
      topology: topology(1, 'n1'),
      limits: LIMITS,
      ...changes,
    });
  }

  welcomeWith(address: string, limits: Partial<ClientLimits>): void {
    this.welcome(address, { limits: { ...LIMITS, ...limits } });
  }

  say(address: string, ...messages: readonly ServerMessage[]): void {
    this.engine.received(this.connection(address), messages, this.now);
    this.drain();
  }

  cut(address: string, reason = 'cut'): void {
    this.engine.lost(this.connection(address), new QuorateError('UNAVAILABLE', reason), this.now);
    this.drain();
  }

  /** Lets time pass as the skin does: draining whenever the engine has asked for it. */
  pass(ms: number): void {
    const until = this.now + ms;
    while (this.wakeAt <= until) {
      this.now = this.wakeAt;
      this.drain();
    }
    this.now = until;
    this.drain();
  }

  /** All nodes answer their pings while time passes. */
  passAlive(ms: number, addresses: readonly string[] = ['a:1', 'b:1', 'c:1']): void {
    const until = this.now + ms;
    while (this.now < until) {
      this.pass(Math.min(100, until - this.now));
      for (const address of addresses) this.say(address, { type: 'pong', nonce: 1 });
    }
  }

  /** What went to the node since the last look, without hello and pings; ids only. */
  sentTo(address: string): string[] {
    return this.framesTo(address)
      .flat()
      .flatMap((message) => {
        if (message.type === 'hello' || message.type === 'ping') return [];
        return [`${message.type} ${message.id}`];
      });
  }

  /** Every frame since the last look. */
  framesTo(address: string): readonly (readonly ClientMessage[])[] {
    const connection = this.connection(address);
    const frames = this.#sent.get(connection) ?? [];
    this.#sent.delete(connection);
    return frames;
  }

  forgetSent(): void {
    this.#sent = new Map();
  }

  /** `ok`, or code and outcome of the failure; undefined while the request is open. */
  result(id: number): string | undefined {
    const settlement = this.settled.get(id);
    if (settlement === undefined) return undefined;
    return settlement.ok ? 'ok' : `${settlement.error.code} ${settlement.error.outcome}`;
  }

  error(id: number): QuorateError {
    const settlement = this.settled.get(id);
    if (settlement === undefined || settlement.ok) throw new Error(`request ${id} has not failed`);
    return settlement.error;
  }
}

/** a:1 is n1, b:1 is n2, and so on. */
export function nodeAt(address: string): string {
  return `n${address.charCodeAt(0) - 'a'.charCodeAt(0) + 1}`;
}

export function topology(term: number, leader: string | null, addresses = ['a:1', 'b:1', 'c:1']): Topology {
  return { term, leader, members: addresses.map((client) => ({ id: nodeAt(client), client })) };
}

export function newLeader(term: number, leader: string | null): ServerMessage {
  return { type: 'topology', topology: topology(term, leader) };
}

export function answered(id: number, level: 'linearizable' | 'local' = 'linearizable'): ServerMessage {
  const result = { type: 'get', records: [null] } as const;
  return { type: 'answer', id, term: 1, revision: 1, level, ageMs: 0, result };
}
