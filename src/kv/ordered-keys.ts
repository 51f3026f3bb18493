/**
 * The keys in order, as a list of sorted chunks.
 *
 *   insert, remove   find the chunk by its first key, then the place in it: O(log n) compares, one short memmove
 *   walk             O(log n) to the start, then one step a key
 *   count            whole chunks at a time: O(log n + n / CHUNK_MAX)
 *   removeRange      whole chunks at a time; never quadratic
 *
 * It is touched only when a key appears or disappears, so that overwriting a key costs no ordered work at all.
 */
const CHUNK_MAX = 512;

/** [start, end); `end` null: to the last key. */
export interface TextRange {
  readonly start: string;
  readonly end: string | null;
}

export class OrderedKeys {
  /** None is empty; all keys of a chunk stand before all keys of the next. */
  #chunks: string[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** `key` must not be there yet. */
  insert(key: string): void {
    this.#size += 1;
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length <= CHUNK_MAX) return;
    // Keys that come in order fill chunks: leave the left one nearly full, as an append would.
    const appending = at === this.#chunks.length - 1 && chunk[chunk.length - 1] === key;
    this.#chunks.splice(at + 1, 0, chunk.splice(appending ? CHUNK_MAX : CHUNK_MAX / 2));
  }

  /** `key` must be there. */
  remove(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    const place = chunk === undefined ? 0 : lowerBound(chunk, key);
    if (chunk?.[place] !== key) throw new Error('a key that is not there cannot be removed');
    this.#size -= 1;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Removes and returns all keys of the range, in order. */
  removeRange(range: TextRange): string[] {
    const removed: string[] = [];
    const kept: string[][] = [];
    const first = this.#chunkFor(range.start);
    let at = first;
    for (; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] ?? [];
      if (isBeyond(chunk, range)) break;
      const [from, to] = overlap(chunk, range);
      for (const key of chunk.splice(from, to - from)) removed.push(key);
      if (chunk.length > 0) kept.push(chunk);
    }
    this.#chunks = [...this.#chunks.slice(0, first), ...kept, ...this.#chunks.slice(at)];
    this.#size -= removed.length;
    return removed;
  }

  count(range: TextRange): number {
    let count = 0;
    for (let at = this.#chunkFor(range.start); at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] ?? [];
      if (isBeyond(chunk, range)) break;
      const [from, to] = overlap(chunk, range);
      count += to - from;
    }
    return count;
  }

  *ascending(range: TextRange): Generator<string, void> {
    for (let at = this.#chunkFor(range.start); at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] ?? [];
      if (isBeyond(chunk, range)) return;
      const [from, to] = overlap(chunk, range);
      for (let place = from; place < to; place += 1) yield chunk[place] ?? '';
    }
  }

  *descending(range: TextRange): Generator<string, void> {
    const last = range.end === null ? this.#chunks.length - 1 : this.#chunkFor(range.end);
    for (let at = last; at >= 0; at -= 1) {
      const chunk = this.#chunks[at] ?? [];
      const [from, to] = overlap(chunk, range);
      for (let place = to - 1; place >= from; place -= 1) yield chunk[place] ?? '';
      if (from > 0) return;
    }
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

/** The places [from, to) of a chunk that lie in the range. */
function overlap(chunk: readonly string[], range: TextRange): readonly [number, number] {
  const from = lowerBound(chunk, range.start);
  const to = range.end === null ? chunk.length : lowerBound(chunk, range.end);
  return [from, Math.max(from, to)];
}

function isBeyond(chunk: readonly string[], range: TextRange): boolean {
  return range.end !== null && (chunk[0] ?? '') >= range.end;
}
