/**
 * Randomness by name and by number: draw k of stream s is a hash of (seed, s, k). What one concern draws does not move
 * what another draws, so a fault can be taken out of a history without reshuffling the rest of it (raft-core 4.2 item 2).
 * 32-bit integer arithmetic only: the same on every machine and every version of Node.
 */

export interface RandomStream {
  uint32(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** A whole number in [min, max]. */
  between(min: number, max: number): number;
  /** True `percent` times in a hundred; hundredths count. */
  chance(percent: number): boolean;
  /** Throws on an empty list. */
  pick<T>(items: readonly T[]): T;
  bytes(count: number): Uint8Array;
}

export class RandomSource {
  readonly seed: number;

  /** `seed`: a whole number; its low 32 bits count. */
  constructor(seed: number) {
    this.seed = seed >>> 0;
  }

  /** Two calls with one name give two streams with the same draws: name every use. */
  stream(name: string): RandomStream {
    return new CountedStream(mix(this.seed ^ hashOf(name)), mix(hashOf(name) + 0x9e3779b9));
  }
}

class CountedStream implements RandomStream {
  readonly #key: number;
  readonly #salt: number;
  #count = 0;

  constructor(key: number, salt: number) {
    this.#key = key;
    this.#salt = salt;
  }

  uint32(): number {
    this.#count = (this.#count + 1) >>> 0;
    return mix(mix(this.#count ^ this.#salt) ^ this.#key);
  }

  /** The bias of the remainder is below bound / 2^32. */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
      throw new RangeError(`no draw below ${bound}`);
    return this.uint32() % bound;
  }

  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  chance(percent: number): boolean {
    return this.below(10_000) < percent * 100;
  }

  pick<T>(items: readonly T[]): T {
    const index = this.below(items.length);
    const picked = items[index];
    if (picked === undefined && !(index in items)) throw new RangeError('nothing to pick from');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the index is in the list, whatever stands there
    return picked as T;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 1) bytes[at] = this.uint32() & 255;
    return bytes;
  }
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit of the input moves every bit of the output. */
function mix(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  return h >>> 0;
}
