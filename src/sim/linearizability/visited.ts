/**
 * Which (set of placed operations, state) the search has been at: Lowe's cache. Two forms: hashed, which is small and
 * fast, and exact, which proves a verdict of the hashed one.
 *
 * A collision of hashes can only hide a way through, so it can make a legal history look illegal and never the other
 * way round: only illegal verdicts need the proof.
 */
import type { TimedCall } from './model.ts';

export interface Visited {
  /** Call `call` was placed, or taken back. */
  toggle(call: number): void;
  /** True when the present set was not met with this state before. */
  add(state: number): boolean;
}

const HASHES = 3;
const SLOT = HASHES + 1;
const FIRST_SLOTS = 1 << 10;

/** Zobrist hash: 96 bits, the exclusive or over the placed calls, so that a step costs three operations. */
export class HashedVisited implements Visited {
  readonly #random: Int32Array;
  readonly #hash = new Int32Array(HASHES);
  /** Open addressing; a slot is the three hashes and the state plus one. 0 in the last place: free. */
  #table = new Int32Array(FIRST_SLOTS * SLOT);
  #slots = FIRST_SLOTS;
  #used = 0;

  constructor(callCount: number, scramble: (word: number) => number = murmurFinish) {
    this.#random = new Int32Array(callCount * HASHES);
    for (let word = 0; word < this.#random.length; word += 1) this.#random[word] = scramble(word + 1);
  }

  toggle(call: number): void {
    for (let part = 0; part < HASHES; part += 1) {
      this.#hash[part] = at(this.#hash, part) ^ at(this.#random, call * HASHES + part);
    }
  }

  add(state: number): boolean {
    const added = this.#put(at(this.#hash, 0), at(this.#hash, 1), at(this.#hash, 2), state + 1);
    if (added && this.#used * 2 > this.#slots) this.#grow();
    return added;
  }

  #put(first: number, second: number, third: number, state: number): boolean {
    const table = this.#table;
    const mask = this.#slots - 1;
    let slot = (first ^ Math.imul(state, 0x9e3779b1)) & mask;
    for (;;) {
      const base = slot * SLOT;
      const stored = at(table, base + HASHES);
      if (stored === 0) {
        table[base] = first;
        table[base + 1] = second;
        table[base + 2] = third;
        table[base + HASHES] = state;
        this.#used += 1;
        return true;
      }
      if (
        stored === state &&
        table[base] === first &&
        table[base + 1] === second &&
        table[base + 2] === third
      ) {
        return false;
      }
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#used = 0;
    this.#table = new Int32Array(this.#slots * SLOT);
    for (let base = 0; base < old.length; base += SLOT) {
      const state = at(old, base + HASHES);
      if (state !== 0) this.#put(at(old, base), at(old, base + 1), at(old, base + 2), state);
    }
  }
}

/**
 * The set itself, written out. Up to some call all that were heard are placed; beyond it only calls that overlap it
 * can be, so the text stays short:   first not placed | placed beyond it | placed of the unheard | state
 */
export class ExactVisited implements Visited {
  readonly #calls: readonly TimedCall<unknown, unknown>[];
  /** Those that were heard, by the time of call. */
  readonly #order: Int32Array;
  readonly #rank: Int32Array;
  readonly #placed: Uint8Array;
  readonly #unheard = new Set<number>();
  readonly #met = new Set<string>();
  #first = 0;

  constructor(calls: readonly TimedCall<unknown, unknown>[]) {
    this.#calls = calls;
    const heard = calls.flatMap((call, index) =>
      call.heard === null ? [] : [{ index, callMs: call.callMs }],
    );
    heard.sort((a, b) => a.callMs - b.callMs);
    this.#order = Int32Array.from(heard, ({ index }) => index);
    this.#rank = new Int32Array(calls.length).fill(-1);
    for (const [rank, { index }] of heard.entries()) this.#rank[index] = rank;
    this.#placed = new Uint8Array(heard.length);
  }

  toggle(call: number): void {
    const rank = at(this.#rank, call);
    if (rank < 0) {
      if (!this.#unheard.delete(call)) this.#unheard.add(call);
      return;
    }
    this.#placed[rank] = at(this.#placed, rank) ^ 1;
    if (rank < this.#first) this.#first = rank;
    while (this.#placed[this.#first] === 1) this.#first += 1;
  }

  add(state: number): boolean {
    const unheard = [...this.#unheard].toSorted((a, b) => a - b).join(' ');
    const key = `${this.#first}|${this.#beyond()}|${unheard}|${state}`;
    if (this.#met.has(key)) return false;
    this.#met.add(key);
    return true;
  }

  /** The first unplaced call has not returned, so whatever is placed beyond it began before it returned. */
  #beyond(): string {
    const endMs = this.#calls[this.#order[this.#first] ?? -1]?.returnMs ?? -Infinity;
    const placed: number[] = [];
    for (let rank = this.#first + 1; rank < this.#order.length; rank += 1) {
      const call = this.#calls[at(this.#order, rank)];
      if (call === undefined || call.callMs > endMs) break;
      if (this.#placed[rank] === 1) placed.push(rank - this.#first);
    }
    return placed.join(' ');
  }
}

/** The finish of MurmurHash3: every bit of the input reaches every bit of the output. */
function murmurFinish(word: number): number {
  let mixed = Math.imul(word, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** An index that is in bounds by construction. */
function at(numbers: Int32Array | Uint8Array, index: number): number {
  return numbers[index] ?? 0;
}
