import type { Bytes } from '../kv/operation.ts';
import { allocate } from './allocate.ts';
import { QuorateError } from './errors.ts';
import { setUint53, UINT53_BYTES } from './uint53.ts';

const UINT16_MAX = 0xffff;

/** Bytes whose number is not known before they are written; for what is not on the hottest path. */
export class PartsWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  append(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  byte(value: number): void {
    this.append(Uint8Array.of(value));
  }

  length16(value: number): void {
    if (value > UINT16_MAX) throw new QuorateError('TOO_MANY_OPERATIONS', `a list of ${value}`);
    this.append(Uint8Array.of(value >>> 8, value));
  }

  uint53(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new QuorateError('INVALID_ARGUMENT', `${value} is no whole number from 0 to 2^53 - 1`);
    }
    const bytes = new Uint8Array(UINT53_BYTES);
    setUint53(new DataView(bytes.buffer), 0, value);
    this.append(bytes);
  }

  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      throw new QuorateError('INVALID_ARGUMENT', `${value} does not fit in 64 bits`);
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, value);
    this.append(bytes);
  }

  key(key: Bytes): void {
    if (key.length > UINT16_MAX) {
      const details = { limit: UINT16_MAX, actual: key.length };
      throw new QuorateError('KEY_TOO_LARGE', `a key of ${key.length} bytes`, { details });
    }
    this.length16(key.length);
    this.append(key);
  }

  value({ length, buffer, byteOffset }: Bytes): void {
    this.append(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
    this.append(new Uint8Array(buffer, byteOffset, length));
  }

  join(): Uint8Array {
    const all = allocate(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
