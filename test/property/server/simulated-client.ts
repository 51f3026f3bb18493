import type { Operation } from '../../../src/kv/operation.ts';
import type { ClientMessage, ServerMessage } from '../../../src/wire/client-protocol.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { type Answer, type Asked, check, COUNTER_KEY, type Ledger, putKey, PUTS_PREFIX } from './ledger.ts';
import type { SimulatedServer, World } from './simulated-server.ts';

/** A request is settled by its deadline, and the way there and back takes a little. */
const SLACK_MS = 60;

export interface ClientWorld extends World {
  readonly ledger: Ledger;
  /** From here on everything is well, and everything must be answered. */
  readonly calmFrom: number;
  /** The next number of its kind, unique in the whole run. */
  nextId(): number;
}

/** One connection to one process. */
export class SimulatedClient {
  readonly #world: ClientWorld;
  readonly connection: number;
  readonly server: SimulatedServer;
  readonly #incarnation: number;
  readonly #open = new Map<number, Asked>();
  /** Given up by us; one answer may still be under way. */
  readonly #cancelled = new Set<number>();
  #arrival: number;
  #departure: number;
  leaving = false;
  closed = false;

  constructor(world: ClientWorld, server: SimulatedServer) {
    this.#world = world;
    this.server = server;
    this.connection = world.nextId();
    this.#incarnation = server.incarnation;
    this.#arrival = world.time.now;
    this.#departure = world.time.now;
    server.post({ type: 'clientOpened', connection: this.connection });
    this.#say({ type: 'hello', protocolMin: 1, protocolMax: 1, client: 'simulated', clusterId: null });
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** True while the process that it is connected to lives. */
  get isServed(): boolean {
    return this.server.incarnation === this.#incarnation;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.isServed) this.server.post({ type: 'clientClosed', connection: this.connection });
    for (const asked of this.#open.values()) this.#world.ledger.abandoned(asked);
    this.#open.clear();
  }

  ask(): void {
    const { random, ledger, time } = this.#world;
    const id = this.#world.nextId();
    const kind = random.pick(['increment', 'increment', 'put', 'get', 'get', 'count', 'local'] as const);
    const waits = kind === 'local' && random.chance(30);
    const minRevision = waits ? ledger.certain.revision + random.between(0, 2) : 0;
    const asked: Asked = { id, kind, askedAt: time.now, floor: ledger.certain, minRevision };
    this.#open.set(id, asked);
    const timeoutMs = time.now < this.#world.calmFrom ? random.pick([60, 600, 2_000]) : 2_000;
    this.#world.note(
      () => `client ${this.connection} asks ${this.server.id}: ${kind} ${id}, ${timeoutMs} ms`,
    );
    this.#say(request(asked, timeoutMs));
    this.#expectBy(asked, timeoutMs);
    if (random.chance(5)) time.after(random.between(0, 100), () => this.#cancel(asked));
  }

  hear(messages: readonly ServerMessage[]): void {
    const { time, random } = this.#world;
    this.#arrival = Math.max(this.#arrival, time.now + random.between(0, 3));
    time.after(this.#arrival - time.now, () => {
      if (this.closed) return;
      for (const message of messages) {
        if (message.type === 'goodbye') this.leaving = true;
        if (message.type === 'written' || message.type === 'answer' || message.type === 'failed')
          this.#answered(message);
      }
    });
  }

  #answered(answer: Answer): void {
    this.#world.note(() => `client ${this.connection} hears ${describe(answer)}`);
    const asked = this.#open.get(answer.id);
    if (asked === undefined) {
      check(this.#cancelled.delete(answer.id), `request ${answer.id} is answered, and nobody waits for it`);
      return;
    }
    this.#open.delete(answer.id);
    this.#world.ledger.answered(asked, answer);
    const calm = asked.askedAt >= this.#world.calmFrom && asked.minRevision === 0;
    check(!calm || answer.type !== 'failed', `request ${asked.id} failed though all is well`);
  }

  #cancel(asked: Asked): void {
    if (this.closed || !this.#open.delete(asked.id)) return;
    this.#world.note(() => `client ${this.connection} cancels ${asked.id}`);
    this.#world.ledger.abandoned(asked);
    this.#cancelled.add(asked.id);
    this.#say({ type: 'cancel', id: asked.id });
  }

  #expectBy(asked: Asked, timeoutMs: number): void {
    const { time } = this.#world;
    const from = time.now;
    time.after(timeoutMs + SLACK_MS, () => {
      if (this.closed || !this.isServed || !this.#open.has(asked.id)) return;
      // It slept: it may take as long again from its waking.
      if (this.server.pausedUntil > from) {
        const asleepMs = Math.max(0, this.server.pausedUntil - time.now);
        return time.after(asleepMs, () => this.#expectBy(asked, timeoutMs));
      }
      check(false, `${this.server.id} has not answered ${asked.kind} ${asked.id} within ${timeoutMs} ms`);
    });
  }

  #say(message: ClientMessage): void {
    const { time, random } = this.#world;
    this.#departure = Math.max(this.#departure, time.now + random.between(0, 3));
    time.after(this.#departure - time.now, () => {
      if (this.closed || !this.isServed) return;
      this.server.post({ type: 'clientMessages', connection: this.connection, messages: [message] });
    });
  }
}

function request({ id, kind, minRevision }: Asked, timeoutMs: number): ClientMessage {
  if (kind === 'increment' || kind === 'put') {
    const operation: Operation =
      kind === 'increment'
        ? { type: 'increment', key: COUNTER_KEY, by: 1n }
        : {
            type: 'put',
            key: putKey(id),
            value: putKey(id),
            conditions: [{ type: 'absent' }],
            returnPrevious: false,
          };
    return { type: 'write', id, timeoutMs, session: 0n, sequence: 0, operation: encodeOperation(operation) };
  }
  const range = { start: Uint8Array.of(PUTS_PREFIX), end: Uint8Array.of(PUTS_PREFIX + 1) };
  const query =
    kind === 'count'
      ? ({ type: 'scan', range, limit: 0, reverse: false, keysOnly: false, countOnly: true } as const)
      : ({ type: 'get', keys: [COUNTER_KEY] } as const);
  return {
    type: 'read',
    id,
    timeoutMs,
    level: kind === 'local' ? 'local' : 'linearizable',
    minRevision,
    query,
  };
}

function describe(answer: Answer): string {
  return JSON.stringify(answer, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}
