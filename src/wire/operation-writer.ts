/** The bytes of an operation; what each field may hold is checked here. */
import type { Bytes, Condition } from '../kv/operation.ts';
import { QuorateError } from './errors.ts';
import { setUint53, UINT53_BYTES } from './uint53.ts';

export const CONDITION = { absent: 1, present: 2, revision: 3, version: 4 } as const satisfies Record<
  Condition['type'],
  number
>;
export const AMOUNT_BYTES = 8;

/** Fills an operation's bytes from front to back; their number was measured before. */
export class OperationWriter {
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(value: number): void {
    this.bytes[this.#at] = value;
    this.#at += 1;
  }

  condition(condition: Condition): void {
    this.byte(CONDITION[condition.type]);
    this.uint53(numberOf(condition));
  }

  uint53(value: number): void {
    setUint53(this.#view(), this.#at, value);
    this.#at += UINT53_BYTES;
  }

  key(key: Bytes): void {
    this.byte(key.length >>> 8);
    this.byte(key.length);
    this.#append(key);
  }

  value(value: Bytes): void {
    const { length } = value;
    this.byte(length >>> 24);
    this.byte(length >>> 16);
    this.byte(length >>> 8);
    this.byte(length);
    this.#append(value);
  }

  #append(bytes: Bytes): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Wrapping around would count the wrong way in silence. */
  int64(by: bigint): void {
    if (BigInt.asIntN(64, by) !== by) {
      throw new QuorateError('INVALID_ARGUMENT', `${by} does not fit in 64 bits`);
    }
    this.#view().setBigInt64(this.#at, by);
    this.#at += AMOUNT_BYTES;
  }

  /** A plain put, the hottest operation, gets by without. */
  #view(): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }
}

function numberOf(condition: Condition): number {
  if (condition.type === 'absent' || condition.type === 'present') return 0;
  return checkedNumber(
    condition.type === 'revision' ? condition.modRevision : condition.version,
    condition.type,
  );
}

export function checkedNumber(number: number, what: string): number {
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new QuorateError('INVALID_ARGUMENT', `${number} is not a ${what}`);
}
