/**
 * The keys in order, as a list of sorted chunks. It is touched only when a key appears or disappears, so that
 * overwriting a key costs no ordered work at all.
 *
 *   n keys, chunks of at most C = 512        cost                            n = 10^6     n = 10^8
 *   insert, remove   find chunk, find place  log2 n compares                 20           27
 *                    shift within the chunk  C/2 places at most, a memmove   256          256
 *                    split the list          n/C places every C/2 inserts    8 a key      763 a key
 *   keys(max)        seek, then copy         log2 n + max
 *   count            whole chunks at a time  log2 n + n/C                    2,000        200,000 (0.3 ms)
 *   removeRange      k keys, whole chunks    log2 n + k + n/C
 *
 * Laws: no chunk is empty or longer than C; all keys of a chunk stand before all keys of the next; two neighbours
 * together hold more than C/2 keys, so that there are never more than 4 n/C + 1 chunks, whatever was deleted.
 */
import { invariant } from './assert.ts';
import type { TextRange } from './key-text.ts';

const CHUNK_KEYS_MAX = 512;

/** Before the key `at` of chunk `chunk`; the place behind the last key is the start of a chunk that is not there. */
interface Place {
  readonly chunk: number;
  readonly at: number;
}

export class OrderedKeys {
  readonly #chunks: string[][] = [];
  readonly #chunkKeysMax: number;
  #size = 0;

  constructor(chunkKeysMax: number = CHUNK_KEYS_MAX) {
    this.#chunkKeysMax = chunkKeysMax;
  }

  get size(): number {
    return this.#size;
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  insert(key: string): void {
    const number = this.#chunkFor(key);
    const chunk = this.#chunks[number];
    if (chunk === undefined) this.#chunks.push([key]);
    else this.#insertInto(chunk, number, key);
    this.#size += 1;
  }

  remove(key: string): void {
    const number = this.#chunkFor(key);
    const chunk = this.#chunks[number] ?? [];
    const at = lowerBound(chunk, key);
    invariant(chunk[at] === key, 'a key that disappears was there');
    chunk.splice(at, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(number, 1);
    this.#joinAround(number);
  }

  /** Removes and returns the keys of the range, in order. */
  removeRange(range: TextRange): string[] {
    const removed = this.keys(range, Number.POSITIVE_INFINITY);
    if (removed.length === 0) return removed;
    const { from, to } = this.#span(range);
    const left = this.#chunks[from.chunk]?.slice(0, from.at) ?? [];
    const right = to.at === 0 ? [] : (this.#chunks[to.chunk]?.slice(to.at) ?? []);
    const touched = to.chunk - from.chunk + (to.at === 0 ? 0 : 1);
    const kept = left.length + right.length > this.#chunkKeysMax ? [left, right] : [[...left, ...right]];
    this.#chunks.splice(from.chunk, touched, ...kept.filter((chunk) => chunk.length > 0));
    this.#joinAround(from.chunk);
    this.#size -= removed.length;
    return removed;
  }

  count(range: TextRange): number {
    const { from, to } = this.#span(range);
    let count = to.at - from.at;
    for (let number = from.chunk; number < to.chunk; number++) count += this.#chunks[number]?.length ?? 0;
    return count;
  }

  /** The first `max` keys of the range, in order. */
  keys(range: TextRange, max: number): string[] {
    const { from, to } = this.#span(range);
    const keys: string[] = [];
    for (let number = from.chunk; number <= to.chunk && keys.length < max; number++) {
      const chunk = this.#chunks[number] ?? [];
      const end = number === to.chunk ? to.at : chunk.length;
      const start = number === from.chunk ? from.at : 0;
      const last = Math.min(end, start + max - keys.length);
      for (let at = start; at < last; at++) keys.push(chunk[at] ?? '');
    }
    return keys;
  }

  /** The last `max` keys of the range, the last one first. */
  keysReversed(range: TextRange, max: number): string[] {
    const { from, to } = this.#span(range);
    const keys: string[] = [];
    for (let number = to.chunk; number >= from.chunk && keys.length < max; number--) {
      const chunk = this.#chunks[number] ?? [];
      const end = number === to.chunk ? to.at : chunk.length;
      const start = number === from.chunk ? from.at : 0;
      const first = Math.max(start, end - (max - keys.length));
      for (let at = end - 1; at >= first; at--) keys.push(chunk[at] ?? '');
    }
    return keys;
  }

  /** `from` is never behind `to`: a range that ends before it starts is empty. */
  #span({ start, end }: TextRange): { readonly from: Place; readonly to: Place } {
    const from = this.#placeOf(start);
    if (end === null) return { from, to: { chunk: this.#chunks.length, at: 0 } };
    return { from, to: end <= start ? from : this.#placeOf(end) };
  }

  /** Before the first key that is not below `key`. */
  #placeOf(key: string): Place {
    const number = this.#chunkFor(key);
    const chunk = this.#chunks[number] ?? [];
    const at = lowerBound(chunk, key);
    return at < chunk.length || chunk.length === 0 ? { chunk: number, at } : { chunk: number + 1, at: 0 };
  }

  /** The last chunk whose first key is not above `key`, or the first chunk. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #insertInto(chunk: string[], number: number, key: string): void {
    const at = lowerBound(chunk, key);
    invariant(chunk[at] !== key, 'a key appears once');
    chunk.splice(at, 0, key);
    if (chunk.length > this.#chunkKeysMax) this.#split(number, at);
  }

  /** In halves; but keys that arrive in order leave full chunks behind them, as an append would. */
  #split(number: number, insertedAt: number): void {
    const chunk = this.#chunks[number] ?? [];
    const appended = number === this.#chunks.length - 1 && insertedAt === this.#chunkKeysMax;
    const cut = appended ? this.#chunkKeysMax : chunk.length >>> 1;
    this.#chunks.splice(number + 1, 0, chunk.splice(cut));
  }

  /** After chunk `number` or the one behind it has shrunk or gone; from the right, so that each pair is seen once. */
  #joinAround(number: number): void {
    for (let left = number + 1; left >= Math.max(0, number - 1); left--) {
      const first = this.#chunks[left];
      const second = this.#chunks[left + 1];
      if (first === undefined || second === undefined) continue;
      if (first.length + second.length > this.#chunkKeysMax >>> 1) continue;
      this.#chunks.splice(left, 2, [...first, ...second]);
    }
  }
}

/** The first place whose key is not below `key`. */
function lowerBound(chunk: readonly string[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
