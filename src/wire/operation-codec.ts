/**
 * An operation as the client encodes it once and every log keeps it (binary: it is the hottest format there is).
 *
 *   offset 0   format version    1 byte, now 1
 *          1   kind              1 byte: 1 put, 2 delete, 3 increment, 4 compact
 *          2   flags             1 byte: 1 return previous, 2 the target is a range
 *          3   conditions        1 byte: how many follow
 *          4   each condition    1 byte type, 8 bytes number (0 for absent and present)
 *              then  put         key, value
 *                    delete      key, and the end of the range if flag 2 is set
 *                    increment   key, 8 bytes signed amount
 *                    compact     8 bytes revision
 *
 * A key is 2 bytes length and its bytes, a value 4 bytes length and its bytes; numbers are big-endian. Decoded keys
 * and values are views on the input.
 */
import type { Bytes, Condition, KeyRange, Operation } from '../kv/operation.ts';
import { allocate } from './allocate.ts';
import { ByteReader } from './byte-reader.ts';
import { QuorateError } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import { setUint53, UINT53_BYTES } from './uint53.ts';

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
const KIND = { put: 1, delete: 2, increment: 3, compact: 4 } as const satisfies Record<
  Operation['type'],
  number
>;
const FLAG_PREVIOUS = 1;
const FLAG_RANGE = 2;
const CONDITION = { absent: 1, present: 2, revision: 3, version: 4 } as const satisfies Record<
  Condition['type'],
  number
>;
const CONDITIONS_MAX = 8;
const KEY_HEADER_BYTES = 2;
const KEY_LAYOUT_MAX = 0xffff;
const VALUE_HEADER_BYTES = 4;
const AMOUNT_BYTES = 8;

/**
 * Limits are the decoder's business: it knows those of its node. Only what the layout itself cannot hold is refused
 * here, as KEY_TOO_LARGE and INVALID_ARGUMENT.
 */
export function encodeOperation(operation: Operation): Uint8Array {
  const conditions = conditionsOf(operation);
  if (conditions.length > CONDITIONS_MAX) {
    throw new QuorateError('INVALID_ARGUMENT', `a write takes at most ${CONDITIONS_MAX} conditions`);
  }
  const writer = new Writer(allocate(encodedBytes(operation, conditions)));
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
    case 'compact':
      writer.uint53(checkedNumber(operation.revision, 'revision'));
      break;
  }
  return writer.bytes;
}

function conditionsOf(operation: Operation): readonly Condition[] {
  return operation.type === 'put' || operation.type === 'delete' ? operation.conditions : [];
}

function flagsOf(operation: Operation): number {
  if (operation.type !== 'put' && operation.type !== 'delete') return 0;
  const previous = operation.returnPrevious ? FLAG_PREVIOUS : 0;
  return operation.type === 'delete' && operation.target.end !== null ? previous | FLAG_RANGE : previous;
}

function encodedBytes(operation: Operation, conditions: readonly Condition[]): number {
  const head = HEADER_BYTES + conditions.length * CONDITION_BYTES;
  if (operation.type === 'put') {
    return head + keyBytes(operation.key) + VALUE_HEADER_BYTES + operation.value.length;
  }
  if (operation.type === 'increment') return head + keyBytes(operation.key) + AMOUNT_BYTES;
  if (operation.type === 'compact') return head + UINT53_BYTES;
  const { start, end } = operation.target;
  return head + keyBytes(start) + (end === null ? 0 : keyBytes(end));
}

function keyBytes(key: Bytes): number {
  if (key.length > KEY_LAYOUT_MAX) {
    const details = { limit: KEY_LAYOUT_MAX, actual: key.length };
    throw new QuorateError('KEY_TOO_LARGE', `a key of ${key.length} bytes`, { details });
  }
  return KEY_HEADER_BYTES + key.length;
}

/** Keys and values of the result are views on `bytes`. */
export function decodeOperation(bytes: Uint8Array, limits: OperationLimits): Decoded<Operation> {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  if (format !== FORMAT) return refuse('INVALID_ARGUMENT', `operation format ${format} is not known here`);
  const kind = reader.byte();
  const flags = reader.byte();
  const conditions = decodeConditions(reader);
  if (kind === KIND.compact) return decodeCompact(reader, flags, conditions);
  const key = reader.bytes16();
  const range = (flags & FLAG_RANGE) !== 0;
  const end = kind === KIND.delete && range ? reader.bytes16() : null;
  const value = kind === KIND.put ? reader.bytes32() : null;
  const by = kind === KIND.increment ? reader.int64() : 0n;
  if (conditions === null || !reader.complete) {
    return refuse('INVALID_ARGUMENT', 'the operation is cut short, or something follows it');
  }
  const flaw = checkKey(key, limits, range) ?? (end === null ? null : checkKey(end, limits, true));
  if (flaw !== null) return flaw;
  const returnPrevious = (flags & FLAG_PREVIOUS) !== 0;
  switch (kind) {
    case KIND.put:
      if (value === null || flags > FLAG_PREVIOUS) break;
      if (value.length > limits.valueBytesMax) return tooLarge('VALUE', value.length, limits.valueBytesMax);
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
  return refuse('INVALID_ARGUMENT', 'the operation has flags or conditions that its kind does not take');
}

function decodeCompact(
  reader: ByteReader,
  flags: number,
  conditions: readonly Condition[] | null,
): Decoded<Operation> {
  const revision = reader.uint53();
  if (!reader.complete)
    return refuse('INVALID_ARGUMENT', 'the operation is cut short, or something follows it');
  if (flags !== 0 || conditions === null || conditions.length > 0 || revision < 1) {
    return refuse('INVALID_ARGUMENT', 'a compaction takes a revision and nothing else');
  }
  return { ok: true, value: { type: 'compact', revision } };
}

function checkKey(key: Bytes, limits: OperationLimits, emptyAllowed: boolean): Decoded<never> | null {
  if (key.length === 0 && !emptyAllowed) return refuse('INVALID_ARGUMENT', 'a key has at least one byte');
  return key.length > limits.keyBytesMax ? tooLarge('KEY', key.length, limits.keyBytesMax) : null;
}

function tooLarge(what: 'KEY' | 'VALUE', bytes: number, bytesMax: number): Decoded<never> {
  return refuse(`${what}_TOO_LARGE`, `a ${what.toLowerCase()} of ${bytes} bytes; the most is ${bytesMax}`);
}

function refuse(code: ErrorCode, message: string): Decoded<never> {
  return { ok: false, code, message };
}

/** null for what is no list of conditions. */
function decodeConditions(reader: ByteReader): readonly Condition[] | null {
  const count = reader.byte();
  if (count > CONDITIONS_MAX) return null;
  const conditions: Condition[] = [];
  for (let i = 0; i < count; i += 1) {
    const condition = conditionOf(reader.byte(), reader.uint53());
    if (condition === null) return null;
    conditions.push(condition);
  }
  return conditions;
}

function conditionOf(type: number, number: number): Condition | null {
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

/** Fills an operation's bytes from front to back; their number was measured before. */
class Writer {
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
  amount(by: bigint): void {
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

function checkedNumber(number: number, what: string): number {
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new QuorateError('INVALID_ARGUMENT', `${number} is not a ${what}`);
}
