/**
 * An operation as the client encodes it once and every log keeps it (binary: it is the hottest format there is).
 *
 *   offset 0   format version    1 byte, now 1
 *          1   kind              1 byte: 1 put, 2 delete, 3 increment
 *          2   flags             1 byte: 1 return previous, 2 the target is a range
 *          3   conditions        1 byte: how many follow
 *          4   each condition    1 byte type, 8 bytes number (0 for absent and present)
 *              then  put         key, value
 *                    delete      key, and the end of the range if flag 2 is set
 *                    increment   key, 8 bytes signed amount
 *
 * A key is 2 bytes length and its bytes, a value 4 bytes length and its bytes; numbers are big-endian. Decoded keys
 * and values are views on the input.
 */
import type { Bytes, Condition, KeyRange, Operation } from '../kv/operation.ts';
import type { ErrorCode } from './errors.ts';
import { getUint53, setUint53, UINT53_BYTES } from './uint53.ts';

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

export interface OperationLimits {
  readonly keyBytesMax: number;
  readonly valueBytesMax: number;
}

const FORMAT = 1;
const HEADER_BYTES = 4;
const CONDITION_BYTES = 1 + UINT53_BYTES;
const KIND = { put: 1, delete: 2, increment: 3 } as const satisfies Record<Operation['type'], number>;
const FLAG_PREVIOUS = 1;
const FLAG_RANGE = 2;
const CONDITION = { absent: 1, present: 2, revision: 3, version: 4 } as const satisfies Record<
  Condition['type'],
  number
>;
const CONDITIONS_MAX = 8;
const KEY_HEADER_BYTES = 2;
const VALUE_HEADER_BYTES = 4;
const AMOUNT_BYTES = 8;

/** The limits are the decoder's business; only what the layout cannot hold is refused here, by an assertion. */
export function encodeOperation(operation: Operation): Uint8Array {
  const target = new Uint8Array(encodedBytes(operation));
  const writer = new Writer(target);
  const conditions = operation.type === 'increment' ? [] : operation.conditions;
  if (conditions.length > CONDITIONS_MAX) throw new RangeError(`more than ${CONDITIONS_MAX} conditions`);
  writer.byte(FORMAT);
  writer.byte(KIND[operation.type]);
  writer.byte(flagsOf(operation));
  writer.byte(conditions.length);
  for (const condition of conditions) writer.condition(condition);
  switch (operation.type) {
    case 'put':
      writer.key(operation.key);
      writer.value(operation.value);
      break;
    case 'delete':
      writer.key(operation.target.start);
      if (operation.target.end !== null) writer.key(operation.target.end);
      break;
    case 'increment':
      writer.key(operation.key);
      writer.amount(operation.by);
      break;
  }
  return target;
}

function flagsOf(operation: Operation): number {
  if (operation.type === 'increment') return 0;
  const previous = operation.returnPrevious ? FLAG_PREVIOUS : 0;
  return operation.type === 'delete' && operation.target.end !== null ? previous | FLAG_RANGE : previous;
}

function encodedBytes(operation: Operation): number {
  switch (operation.type) {
    case 'put':
      return (
        head(operation.conditions) + keyBytes(operation.key) + VALUE_HEADER_BYTES + operation.value.length
      );
    case 'delete': {
      const { start, end } = operation.target;
      return head(operation.conditions) + keyBytes(start) + (end === null ? 0 : keyBytes(end));
    }
    case 'increment':
      return head([]) + keyBytes(operation.key) + AMOUNT_BYTES;
  }
}

function head(conditions: readonly Condition[]): number {
  return HEADER_BYTES + conditions.length * CONDITION_BYTES;
}

function keyBytes(key: Bytes): number {
  return KEY_HEADER_BYTES + key.length;
}

export function decodeOperation(bytes: Uint8Array, limits: OperationLimits): Decoded<Operation> {
  const reader = new Reader(bytes);
  const format = reader.byte();
  if (format !== FORMAT) return refuse('INVALID_ARGUMENT', `operation format ${format} is not known here`);
  const kind = reader.byte();
  const flags = reader.byte();
  const conditions = reader.conditions();
  const key = reader.key();
  const range = (flags & FLAG_RANGE) !== 0;
  const end = kind === KIND.delete && range ? reader.key() : null;
  const value = kind === KIND.put ? reader.value() : null;
  const by = kind === KIND.increment ? reader.amount() : 0n;
  if (conditions === null || !reader.complete) {
    return refuse('INVALID_ARGUMENT', 'the operation is cut short, or something follows it');
  }
  const flaw = checkKey(key, limits, range) ?? (end === null ? null : checkKey(end, limits, true));
  if (flaw !== null) return flaw;
  const returnPrevious = (flags & FLAG_PREVIOUS) !== 0;
  switch (kind) {
    case KIND.put:
      if (value === null || value.length > limits.valueBytesMax) return tooLarge(value?.length ?? 0, limits);
      if (flags > FLAG_PREVIOUS) break;
      return { ok: true, value: { type: 'put', key, value, conditions, returnPrevious } };
    case KIND.delete: {
      if (flags > (FLAG_PREVIOUS | FLAG_RANGE)) break;
      if (range && conditions.length > 0) return refuse('INVALID_ARGUMENT', 'a range takes no conditions');
      const target: KeyRange = { start: key, end };
      return { ok: true, value: { type: 'delete', target, conditions, returnPrevious } };
    }
    case KIND.increment:
      if (flags !== 0 || conditions.length > 0) break;
      return { ok: true, value: { type: 'increment', key, by } };
    default:
      return refuse('INVALID_ARGUMENT', `operation kind ${kind} is not known here`);
  }
  return refuse('INVALID_ARGUMENT', 'the operation has flags that its kind does not take');
}

function checkKey(key: Bytes, limits: OperationLimits, emptyAllowed: boolean): Decoded<never> | null {
  if (key.length === 0 && !emptyAllowed) return refuse('INVALID_ARGUMENT', 'a key has at least one byte');
  if (key.length <= limits.keyBytesMax) return null;
  return refuse('KEY_TOO_LARGE', `a key of ${key.length} bytes; the most is ${limits.keyBytesMax}`);
}

function tooLarge(bytes: number, limits: OperationLimits): Decoded<never> {
  return refuse('VALUE_TOO_LARGE', `a value of ${bytes} bytes; the most is ${limits.valueBytesMax}`);
}

function refuse(code: ErrorCode, message: string): Decoded<never> {
  return { ok: false, code, message };
}

class Writer {
  readonly #target: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(target: Uint8Array) {
    this.#target = target;
    this.#view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  }

  byte(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  condition(condition: Condition): void {
    this.byte(CONDITION[condition.type]);
    const number =
      condition.type === 'revision'
        ? condition.modRevision
        : condition.type === 'version'
          ? condition.version
          : 0;
    setUint53(this.#view, this.#at, number);
    this.#at += UINT53_BYTES;
  }

  key(key: Bytes): void {
    if (key.length > 0xffff) throw new RangeError(`a key of ${key.length} bytes`);
    this.#view.setUint16(this.#at, key.length);
    this.#bytes(key, KEY_HEADER_BYTES);
  }

  value(value: Bytes): void {
    this.#view.setUint32(this.#at, value.length);
    this.#bytes(value, VALUE_HEADER_BYTES);
  }

  #bytes(bytes: Bytes, headerBytes: number): void {
    this.#target.set(bytes, this.#at + headerBytes);
    this.#at += headerBytes + bytes.length;
  }

  amount(by: bigint): void {
    this.#view.setBigInt64(this.#at, by);
    this.#at += AMOUNT_BYTES;
  }
}

const NOTHING: Bytes = new Uint8Array(0);

/** Reads what is there; whether all of it was there, and nothing else, is asked once at the end. */
class Reader {
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

  #take(count: number): number | null {
    const from = this.#at;
    if (this.#short || from + count > this.#bytes.length) {
      this.#short = true;
      return null;
    }
    this.#at = from + count;
    return from;
  }

  byte(): number {
    const at = this.#take(1);
    return at === null ? 0 : this.#view.getUint8(at);
  }

  conditions(): readonly Condition[] | null {
    const count = this.byte();
    if (count > CONDITIONS_MAX) return null;
    const conditions: Condition[] = [];
    for (let i = 0; i < count; i += 1) {
      const condition = this.#condition();
      if (condition === null) return null;
      conditions.push(condition);
    }
    return conditions;
  }

  #condition(): Condition | null {
    const type = this.byte();
    const at = this.#take(UINT53_BYTES);
    const number = at === null ? -1 : getUint53(this.#view, at);
    if (number < 0) return null;
    switch (type) {
      case CONDITION.absent:
        return number === 0 ? { type: 'absent' } : null;
      case CONDITION.present:
        return number === 0 ? { type: 'present' } : null;
      case CONDITION.revision:
        return { type: 'revision', modRevision: number };
      case CONDITION.version:
        return { type: 'version', version: number };
      default:
        return null;
    }
  }

  key(): Bytes {
    const at = this.#take(KEY_HEADER_BYTES);
    return at === null ? NOTHING : this.#slice(this.#view.getUint16(at));
  }

  value(): Bytes {
    const at = this.#take(VALUE_HEADER_BYTES);
    return at === null ? NOTHING : this.#slice(this.#view.getUint32(at));
  }

  #slice(length: number): Bytes {
    const at = this.#take(length);
    return at === null ? NOTHING : this.#bytes.subarray(at, at + length);
  }

  amount(): bigint {
    const at = this.#take(AMOUNT_BYTES);
    return at === null ? 0n : this.#view.getBigInt64(at);
  }
}
