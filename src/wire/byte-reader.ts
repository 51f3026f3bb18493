import { getUint53, UINT53_BYTES } from './uint53.ts';

const NOTHING = new Uint8Array(0);

/**
 * Reads what is there, front to back; whether all of it was there, and nothing else, is asked once at the end. Beyond
 * the end everything reads as zero or empty. Bytes are views on the input.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #short = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get complete(): boolean {
    return !this.#short && this.#at === this.#bytes.length;
  }

  /** Whether something was asked for that is not there. */
  get short(): boolean {
    return this.#short;
  }

  byte(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  uint16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at);
  }

  /** -1 for eight bytes that are no safe integer. */
  uint53(): number {
    const at = this.#take(UINT53_BYTES);
    return at < 0 ? 0 : getUint53(this.#view, at);
  }

  int64(): bigint {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigInt64(at);
  }

  /** Bytes behind a length of 2 bytes. */
  bytes16(): Uint8Array {
    const at = this.#take(2);
    return at < 0 ? NOTHING : this.#slice(this.#view.getUint16(at));
  }

  /** Bytes behind a length of 4 bytes. */
  bytes32(): Uint8Array {
    const at = this.#take(4);
    return at < 0 ? NOTHING : this.#slice(this.#view.getUint32(at));
  }

  #slice(length: number): Uint8Array {
    const at = this.#take(length);
    return at < 0 ? NOTHING : this.#bytes.subarray(at, at + length);
  }

  /** Where the next `count` bytes begin; -1 when they are not there. */
  #take(count: number): number {
    const at = this.#at;
    if (this.#short || at + count > this.#bytes.length) {
      this.#short = true;
      return -1;
    }
    this.#at = at + count;
    return at;
  }
}
