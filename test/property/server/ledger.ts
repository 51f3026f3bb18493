import { isLeaseResult } from '../../../src/kv/lease-operation.ts';
import type { QueryResult, Reply } from '../../../src/kv/operation.ts';
import type { ServerMessage } from '../../../src/wire/client-protocol.ts';

export type Answer = Extract<ServerMessage, { type: 'written' | 'answer' | 'failed' }>;

/** What one client asked for, and what was certain when it asked. */
export interface Asked {
  readonly id: number;
  readonly kind: 'increment' | 'put' | 'get' | 'count' | 'local';
  readonly askedAt: number;
  readonly floor: Certain;
  readonly minRevision: number;
}

/** What no later linearizable read may fall behind. */
interface Certain {
  readonly counter: bigint;
  readonly puts: number;
  readonly revision: number;
}

const NOTHING: Certain = { counter: 0n, puts: 0, revision: 1 };

export const COUNTER_KEY = Uint8Array.of(99);
/** Keys of puts: one for each request, so that one that applies twice meets itself. */
export const PUTS_PREFIX = 107;

export function putKey(id: number): Uint8Array {
  return Uint8Array.of(PUTS_PREFIX, id >> 16, (id >> 8) & 255, id & 255);
}

/** Everything that clients were told, and the laws that it must obey. */
export class Ledger {
  #certain: Certain = NOTHING;
  readonly #values = new Set<bigint>();
  readonly #puts = new Map<number, 'applied' | 'not-applied' | 'unknown'>();
  #increments = 0;
  #unknownIncrements = 0;
  readonly counts = { answered: 0, refused: 0, unknown: 0 };

  get certain(): Certain {
    return this.#certain;
  }

  /** Nobody will ever say. */
  abandoned(asked: Asked): void {
    this.#failed(asked, 'unknown');
  }

  answered(asked: Asked, answer: Answer): void {
    switch (answer.type) {
      case 'failed':
        return this.#failed(asked, answer.outcome);
      case 'written':
        this.counts.answered += 1;
        return this.#written(asked, answer.reply);
      case 'answer':
        this.counts.answered += 1;
        if (isLeaseResult(answer.result)) throw new Error('nobody asks for leases');
        return this.#read(asked, answer.revision, answer.result);
    }
  }

  /** At rest, the state of any node must be one that these answers allow. */
  settles(counter: bigint, exists: (key: Uint8Array) => boolean): void {
    const acked = BigInt(this.#increments);
    const most = acked + BigInt(this.#unknownIncrements);
    check(counter >= acked && counter <= most, `the counter is ${counter}, not within ${acked} and ${most}`);
    for (const [id, outcome] of this.#puts) {
      if (outcome !== 'unknown')
        check(exists(putKey(id)) === (outcome === 'applied'), `put ${id} was said to be ${outcome}`);
    }
  }

  #failed(asked: Asked, outcome: 'applied' | 'not-applied' | 'unknown'): void {
    check(outcome !== 'applied', 'nothing fails that was applied');
    this.counts[outcome === 'unknown' ? 'unknown' : 'refused'] += 1;
    if (asked.kind === 'put') this.#puts.set(asked.id, outcome);
    if (asked.kind === 'increment' && outcome === 'unknown') this.#unknownIncrements += 1;
  }

  #written(asked: Asked, reply: Reply): void {
    check(
      reply.type === asked.kind,
      `${asked.kind} ${asked.id} was answered by ${reply.type}, maybe another's`,
    );
    if (reply.type === 'increment') {
      check(!this.#values.has(reply.value), `two increments were told ${reply.value}`);
      check(reply.value > asked.floor.counter, `increment ${asked.id} was told a value of before it began`);
      this.#values.add(reply.value);
      this.#increments += 1;
      this.#raise({ counter: reply.value });
    } else {
      this.#puts.set(asked.id, 'applied');
      this.#raise({ puts: this.#certain.puts + 1 });
    }
    this.#raise({ revision: reply.revision });
  }

  #read(asked: Asked, revision: number, result: QueryResult): void {
    check(revision >= asked.minRevision, `read ${asked.id} fell behind the revision it asked for`);
    if (asked.kind === 'local') return;
    check(
      revision >= asked.floor.revision,
      `read ${asked.id} saw revision ${revision}, after ${asked.floor.revision}`,
    );
    if (result.type === 'get') {
      const counter = counterIn(result);
      check(counter >= asked.floor.counter, `read ${asked.id} saw ${counter}, after ${asked.floor.counter}`);
      this.#raise({ counter });
    } else if (result.type === 'scan') {
      check(
        result.count >= asked.floor.puts,
        `read ${asked.id} saw ${result.count} of ${asked.floor.puts} puts`,
      );
    }
    this.#raise({ revision });
  }

  #raise(known: Partial<Certain>): void {
    const { counter, puts, revision } = this.#certain;
    this.#certain = {
      counter: known.counter !== undefined && known.counter > counter ? known.counter : counter,
      puts: Math.max(puts, known.puts ?? 0),
      revision: Math.max(revision, known.revision ?? 0),
    };
  }
}

export function counterIn(result: QueryResult): bigint {
  const value = result.type === 'get' ? result.records[0]?.value : undefined;
  return value === undefined ? 0n : BigInt(Buffer.from(value).toString());
}

export function check(holds: boolean, law: string): asserts holds {
  if (!holds) throw new Error(law);
}
