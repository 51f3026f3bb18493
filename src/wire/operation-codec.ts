/**
 * An operation as the client encodes it once and every log keeps it (binary: it is the hottest format there is).
 *
 *   offset 0   format version    1 byte, now 1
 *          1   kind              1 byte: 1 put, 2 delete, 3 increment, 4 compact, 5 txn, 6 sessionOpen,
 *                                7 sessionRenew, 8 sessionClose, 9 sessionExpire, 10 resolve, 11 leaseGrant,
 *                                12 leaseRenew, 13 leaseRevoke, 14 leaseExpire
 *          2   flags             1 byte: 1 return previous, 2 the target is a range, 4 a lease follows, 8 keep the lease
 *          3   conditions        1 byte: how many follow
 *          4   each condition    1 byte type, 8 bytes number (0 for absent and present)
 *              then  put         key, value, and 8 bytes lease, signed, not 0, if flag 4 is set
 *                    delete      key, and the end of the range if flag 2 is set
 *                    increment   key, 8 bytes signed amount
 *                    compact     8 bytes revision
 *                    txn         see txn-codec.ts
 *                    others      see bare-codec.ts
 *
 * A key is 2 bytes length and its bytes, a value 4 bytes length and its bytes; numbers are big-endian. Decoded keys
 * and values are views on the input.
 */
import type {
  Bytes,
  CompactOperation,
  Condition,
  KeyRange,
  Operation,
  PutOperation,
  TxnOperation,
  WriteOperation,
} from '../kv/operation.ts';
import { allocate } from './allocate.ts';
import { decodeBareOperation, encodeBareOperation } from './bare-codec.ts';
import { ByteReader } from './byte-reader.ts';
import { checkKey, checkValue, refuse } from './decoded.ts';
import type { Decoded, OperationLimits } from './decoded.ts';
import { QuorateError } from './errors.ts';
import { BARE_TYPES, KIND } from './operation-kinds.ts';
import { AMOUNT_BYTES, checkedNumber, CONDITION, OperationWriter } from './operation-writer.ts';
import { TXN_DEPTH_MAX } from './txn-check.ts';
import { decodeTxn, encodeTxn } from './txn-codec.ts';
import { UINT53_BYTES } from './uint53.ts';

export type { Decoded, OperationLimits } from './decoded.ts';

const FORMAT = 1;
const HEADER_BYTES = 4;
const CONDITION_BYTES = 1 + UINT53_BYTES;
const FLAG_PREVIOUS = 1;
const FLAG_RANGE = 2;
const FLAG_LEASE = 4;
const FLAG_KEEP_LEASE = 8;
const LEASE_BYTES = 8;
const FLAGS_PUT = FLAG_PREVIOUS | FLAG_LEASE | FLAG_KEEP_LEASE;
const CONDITIONS_MAX = 8;
const KEY_HEADER_BYTES = 2;
const KEY_LAYOUT_MAX = 0xffff;
const VALUE_HEADER_BYTES = 4;
const CUT_SHORT = 'the operation is cut short, or something follows it';
const NOT_TAKEN = 'the operation has flags or conditions that its kind does not take';
const NESTED_TOO_DEEP = `transactions nest at most ${TXN_DEPTH_MAX} deep`;

/**
 * Limits are the decoder's business: it knows those of its node. Only what the layout itself cannot hold is refused
 * here, as KEY_TOO_LARGE and INVALID_ARGUMENT.
 */
export function encodeOperation(operation: Operation): Uint8Array {
  if (operation.type === 'txn') {
    const head = Uint8Array.of(FORMAT, KIND.txn, 0, 0);
    return joined(head, encodeTxn(operation, encodeOperation));
  }
  if (!isKeyed(operation)) {
    const head = Uint8Array.of(FORMAT, KIND[operation.type], 0, 0);
    return joined(head, encodeBareOperation(operation));
  }
  const conditions = conditionsOf(operation);
  if (conditions.length > CONDITIONS_MAX) {
    throw new QuorateError('INVALID_ARGUMENT', `a write takes at most ${CONDITIONS_MAX} conditions`);
  }
  const writer = new OperationWriter(allocate(encodedBytes(operation, conditions)));
  writer.byte(FORMAT);
  writer.byte(KIND[operation.type]);
  writer.byte(flagsOf(operation));
  writer.byte(conditions.length);
  for (const condition of conditions) writer.condition(condition);
  switch (operation.type) {
    case 'put':
      writer.key(operation.key);
      writer.value(operation.value);
      if (hasLease(operation)) writer.int64(operation.lease);
      break;
    case 'delete':
      writer.key(operation.target.start);
      if (operation.target.end !== null) writer.key(operation.target.end);
      break;
    case 'increment':
      writer.key(operation.key);
      writer.int64(operation.by);
      break;
    case 'compact':
      writer.uint53(checkedNumber(operation.revision, 'revision'));
      break;
  }
  return writer.bytes;
}

type Keyed = WriteOperation | CompactOperation;

function isKeyed(operation: Exclude<Operation, TxnOperation>): operation is Keyed {
  const { type } = operation;
  return type === 'put' || type === 'delete' || type === 'increment' || type === 'compact';
}

function conditionsOf(operation: Keyed): readonly Condition[] {
  return operation.type === 'put' || operation.type === 'delete' ? operation.conditions : [];
}

function flagsOf(operation: Keyed): number {
  if (operation.type !== 'put' && operation.type !== 'delete') return 0;
  const previous = operation.returnPrevious ? FLAG_PREVIOUS : 0;
  if (operation.type === 'delete') return operation.target.end === null ? previous : previous | FLAG_RANGE;
  if (operation.lease === 'keep') return previous | FLAG_KEEP_LEASE;
  return hasLease(operation) ? previous | FLAG_LEASE : previous;
}

/** 0 stands for none. */
function hasLease(put: PutOperation): put is PutOperation & { readonly lease: bigint } {
  return typeof put.lease === 'bigint' && put.lease !== 0n;
}

function encodedBytes(operation: Keyed, conditions: readonly Condition[]): number {
  const head = HEADER_BYTES + conditions.length * CONDITION_BYTES;
  if (operation.type === 'put') {
    const lease = hasLease(operation) ? LEASE_BYTES : 0;
    return head + keyBytes(operation.key) + VALUE_HEADER_BYTES + operation.value.length + lease;
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
  return decodeNested(bytes, limits, 0);
}

/** `depth`: of the transaction that it stands in; 0 outside. */
function decodeNested(bytes: Uint8Array, limits: OperationLimits, depth: number): Decoded<Operation> {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  if (format !== FORMAT) return refuse('INVALID_ARGUMENT', `operation format ${format} is not known here`);
  const kind = reader.byte();
  const flags = reader.byte();
  const conditions = decodeConditions(reader);
  if (kind === KIND.txn) {
    if (flags !== 0 || conditions?.length !== 0) return refuse('INVALID_ARGUMENT', NOT_TAKEN);
    if (depth === TXN_DEPTH_MAX) return refuse('TOO_MANY_OPERATIONS', NESTED_TOO_DEEP);
    const txn = decodeTxn(reader, limits, (nested) => decodeNested(nested, limits, depth + 1));
    return txn.ok && !reader.complete ? refuse('INVALID_ARGUMENT', CUT_SHORT) : txn;
  }
  if (kind === KIND.compact) return decodeCompact(reader, flags, conditions);
  const bare = BARE_TYPES.get(kind);
  if (bare !== undefined) {
    if (flags !== 0 || conditions?.length !== 0) return refuse('INVALID_ARGUMENT', NOT_TAKEN);
    const decoded = decodeBareOperation(reader, bare);
    return decoded.ok && !reader.complete ? refuse('INVALID_ARGUMENT', CUT_SHORT) : decoded;
  }
  const key = reader.bytes16();
  const range = (flags & FLAG_RANGE) !== 0;
  const end = kind === KIND.delete && range ? reader.bytes16() : null;
  const value = kind === KIND.put ? reader.bytes32() : null;
  const lease = kind === KIND.put ? decodeLease(reader, flags) : undefined;
  const by = kind === KIND.increment ? reader.int64() : 0n;
  if (conditions === null || !reader.complete) {
    return refuse('INVALID_ARGUMENT', CUT_SHORT);
  }
  const flaw = checkKey(key, limits, range) ?? (end === null ? null : checkKey(end, limits, true));
  if (flaw !== null) return flaw;
  const returnPrevious = (flags & FLAG_PREVIOUS) !== 0;
  switch (kind) {
    case KIND.put:
      if (value === null || lease === null || (flags & ~FLAGS_PUT) !== 0) break;
      return (
        checkValue(value, limits) ?? { ok: true, value: putOf(key, value, conditions, returnPrevious, lease) }
      );
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
  return refuse('INVALID_ARGUMENT', NOT_TAKEN);
}

/** null for what says two things or nothing. */
function decodeLease(reader: ByteReader, flags: number): PutOperation['lease'] | null {
  const keeps = (flags & FLAG_KEEP_LEASE) !== 0;
  if ((flags & FLAG_LEASE) === 0) return keeps ? 'keep' : undefined;
  const lease = reader.int64();
  return keeps || lease === 0n ? null : lease;
}

function putOf(
  key: Bytes,
  value: Bytes,
  conditions: readonly Condition[],
  returnPrevious: boolean,
  lease: PutOperation['lease'],
): PutOperation {
  const put = { type: 'put', key, value, conditions, returnPrevious } as const;
  return lease === undefined ? put : { ...put, lease };
}

function decodeCompact(
  reader: ByteReader,
  flags: number,
  conditions: readonly Condition[] | null,
): Decoded<Operation> {
  const revision = reader.uint53();
  if (!reader.complete) return refuse('INVALID_ARGUMENT', CUT_SHORT);
  if (flags !== 0 || conditions === null || conditions.length > 0 || revision < 1) {
    return refuse('INVALID_ARGUMENT', 'a compaction takes a revision and nothing else');
  }
  return { ok: true, value: { type: 'compact', revision } };
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

function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
