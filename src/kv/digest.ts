/**
 * A hash of a set of records: the sum of its records' hashes, word by word. Adding and subtracting commute, so the
 * digest depends on what is there, not on the order in which it came or on what was there before (DESIGN 10).
 *
 * A record's hash is four 32-bit lanes, each with multiplications and rotations of its own over the same words. It
 * finds accidents (a lost, altered or doubled record); it is not meant to resist somebody who chooses records.
 */
export interface RecordHash {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

const MIX_A = 0x9e3779b1;
const MIX_B = 0x85ebca77;
const MIX_C = 0xc2b2ae3d;
const MIX_D = 0x27d4eb2f;

/** Takes words of 32 bits; `finish` must be called once. */
export class RecordHasher {
  #a = MIX_A | 0;
  #b = MIX_B | 0;
  #c = MIX_C | 0;
  #d = MIX_D | 0;

  word(word: number): void {
    this.#a = Math.imul(rotate(this.#a, 13) ^ word, MIX_A);
    this.#b = Math.imul(rotate(this.#b, 17) + word, MIX_B);
    this.#c = Math.imul(rotate(this.#c, 11) ^ word, MIX_C);
    this.#d = Math.imul(rotate(this.#d, 19) + word, MIX_D);
  }

  /** A safe integer, as two words. */
  number(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 2 ** 32) | 0);
  }

  bigint(value: bigint): void {
    this.word(Number(BigInt.asIntN(32, value)));
    this.word(Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** With the length, so that where one field ends and the next begins makes a difference. */
  bytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.word(length);
    const whole = length - (length % 4);
    for (let at = 0; at < whole; at += 4) {
      this.word(
        (bytes[at] ?? 0) |
          ((bytes[at + 1] ?? 0) << 8) |
          ((bytes[at + 2] ?? 0) << 16) |
          ((bytes[at + 3] ?? 0) << 24),
      );
    }
    for (let at = whole; at < length; at += 1) this.word(bytes[at] ?? 0);
  }

  /** The string of a key's bytes, see key-text.ts. */
  text(text: string): void {
    this.word(text.length);
    for (let at = 0; at < text.length; at += 1) this.word(text.charCodeAt(at));
  }

  /** Lets every bit of the input reach every bit of its lane, and every lane the next. */
  finish(): RecordHash {
    const a = avalanche(this.#a ^ this.#d);
    const b = avalanche(this.#b ^ a);
    const c = avalanche(this.#c ^ b);
    const d = avalanche(this.#d ^ c);
    return { a, b, c, d };
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 15), MIX_B);
  mixed = Math.imul(mixed ^ (mixed >>> 13), MIX_C);
  return (mixed ^ (mixed >>> 16)) | 0;
}

export class SetDigest {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  add(hash: RecordHash): void {
    this.#a = (this.#a + hash.a) | 0;
    this.#b = (this.#b + hash.b) | 0;
    this.#c = (this.#c + hash.c) | 0;
    this.#d = (this.#d + hash.d) | 0;
  }

  subtract(hash: RecordHash): void {
    this.#a = (this.#a - hash.a) | 0;
    this.#b = (this.#b - hash.b) | 0;
    this.#c = (this.#c - hash.c) | 0;
    this.#d = (this.#d - hash.d) | 0;
  }

  /** 32 hex digits of the set together with scalars that are part of the state. */
  print(scalars: readonly number[]): string {
    const hasher = new RecordHasher();
    for (const word of [this.#a, this.#b, this.#c, this.#d]) hasher.word(word);
    for (const scalar of scalars) hasher.number(scalar);
    const { a, b, c, d } = hasher.finish();
    return [a, b, c, d].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
