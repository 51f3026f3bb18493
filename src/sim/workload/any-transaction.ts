/**
 * Transactions drawn step by step: compares of every kind on keys and ranges that are there or not, and steps that may
 * meet one another. Many fail half-way, some are refused before the log, some turn out to read only.
 */
import type { Compare, Condition, KvRecord, Operand, TxnOperation, TxnStep } from '../../kv/operation.ts';
import type { RandomStream } from '../kernel/random.ts';
import { anyKey, anyRange, bytes, counter, drawGet, drawScan, one, register } from './keys.ts';
import type { Seen } from './memory.ts';
import { drawPast } from './past.ts';

const DEPTH_MAX = 3;
const OPERATORS = ['=', '!=', '<', '>'] as const;
const OPERANDS = ['value', 'value', 'version', 'createRevision', 'modRevision', 'lease'] as const;

/** No record is both. */
const IMPOSSIBLE: readonly Condition[] = [{ type: 'absent' }, { type: 'present' }];

export function drawAnyTxn(draws: RandomStream, seen: Seen, unique: string): TxnOperation {
  return new Draft(draws, seen, unique).txn(1);
}

class Draft {
  readonly #draws: RandomStream;
  readonly #seen: Seen;
  readonly #unique: string;
  #values = 0;

  constructor(draws: RandomStream, seen: Seen, unique: string) {
    this.#draws = draws;
    this.#seen = seen;
    this.#unique = unique;
  }

  txn(depth: number): TxnOperation {
    const when = this.#several(0, 2, () => this.#compare());
    return { type: 'txn', when, do: this.#branch(depth), otherwise: this.#branch(depth) };
  }

  #branch(depth: number): readonly TxnStep[] {
    if (this.#draws.chance(30)) return this.#several(0, 2, () => this.#read());
    const steps = this.#several(1, 3, () => this.#step(depth));
    // What fails at last takes back all that went before.
    return this.#draws.chance(20) ? [...steps, this.#put(anyKey(this.#draws), IMPOSSIBLE)] : steps;
  }

  #several<Item>(least: number, most: number, draw: () => Item): readonly Item[] {
    return Array.from({ length: this.#draws.between(least, most) }, draw);
  }

  #step(depth: number): TxnStep {
    const draws = this.#draws;
    const kind = draws.below(100);
    if (kind < 30) return this.#put(this.#dataKey(), []);
    if (kind < 38) return this.#put(this.#dataKey(), [{ type: draws.pick(['absent', 'present']) }]);
    if (kind < 58) return this.#remove();
    if (kind < 70) return this.#increment();
    if (kind < 90 || depth === DEPTH_MAX) return this.#read();
    return this.txn(depth + 1);
  }

  #read(): TxnStep {
    const kind = this.#draws.below(100);
    if (kind < 40) return drawGet(this.#draws);
    return kind < 70 ? drawScan(this.#draws) : drawPast(this.#draws, this.#seen);
  }

  /** Counters stay counters. */
  #dataKey(): string {
    const key = anyKey(this.#draws);
    return key.startsWith('n') ? register(this.#draws) : key;
  }

  #put(key: string, conditions: readonly Condition[]): TxnStep {
    this.#values += 1;
    const value = bytes(`${this.#unique}.${this.#values}`);
    return { type: 'put', key: bytes(key), value, conditions, returnPrevious: this.#draws.chance(30) };
  }

  #remove(): TxnStep {
    const target = this.#draws.chance(15) ? anyRange(this.#draws) : one(anyKey(this.#draws));
    return { type: 'delete', target, conditions: [], returnPrevious: this.#draws.chance(50) };
  }

  /** On a register that is there it fails. */
  #increment(): TxnStep {
    const key = this.#draws.chance(10) ? register(this.#draws) : counter(this.#draws);
    return { type: 'increment', key: bytes(key), by: BigInt(this.#draws.between(-1, 2)) };
  }

  #compare(): Compare {
    const key = anyKey(this.#draws);
    const target = this.#draws.chance(20) ? anyRange(this.#draws) : one(key);
    const operand = this.#operand(this.#seen.records.get(key));
    return { target, operator: this.#draws.pick(OPERATORS), operand };
  }

  #operand(known: KvRecord | undefined): Operand {
    const type = this.#draws.pick(OPERANDS);
    if (type === 'value') return { type, value: known?.value ?? bytes('0') };
    if (type === 'lease') return { type, lease: BigInt(this.#draws.below(2)) };
    const number = Math.max(0, (known?.[type] ?? 0) + this.#draws.between(-1, 1));
    return { type, number };
  }
}
