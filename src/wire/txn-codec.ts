/**
 * The body of a transaction as an operation (operation-codec.ts): three lists, each behind a length of 2 bytes.
 *
 *   compare   1 byte what: 1 value, 2 version, 3 createRevision, 4 modRevision, 5 lease
 *             1 byte how: 1 =, 2 !=, 3 <, 4 >
 *             1 byte flags: 2 the target is a range
 *             key, the end of a range, and a value or 8 bytes
 *   step      1 byte kind: 1 operation: 4 bytes length, and a put, delete, increment or transaction as it would stand
 *                            alone; transactions nest at most 4 deep
 *                          2 get: 2 bytes length, keys
 *                          3 scan: 1 byte flags (2 range, 4 reverse, 8 keys only, 16 count only), key, the end of a
 *                            range, 8 bytes limit
 *                          4 past: 8 bytes revision, then a step of kind 2 or 3
 *                          5 filtered: 4 × 8 bytes bounds, then a step of kind 4
 */
import type {
  Bytes,
  Compare,
  GetQuery,
  KeyRange,
  Operand,
  Operation,
  PastQuery,
  ScanQuery,
  TxnOperation,
  TxnStep,
  WriteOperation,
} from '../kv/operation.ts';
import type { ByteReader } from './byte-reader.ts';
import { checkKey, checkValue, refuse } from './decoded.ts';
import type { Decoded, OperationLimits } from './decoded.ts';
import { PartsWriter } from './parts-writer.ts';
import { REVISION_BOUNDS } from './revision-bounds.ts';

const FLAG_RANGE = 2;
const FLAG_REVERSE = 4;
const FLAG_KEYS_ONLY = 8;
const FLAG_COUNT_ONLY = 16;
const FLAGS_SCAN = FLAG_RANGE | FLAG_REVERSE | FLAG_KEYS_ONLY | FLAG_COUNT_ONLY;

const OPERAND = {
  value: 1,
  version: 2,
  createRevision: 3,
  modRevision: 4,
  lease: 5,
} as const satisfies Record<Operand['type'], number>;
const OPERATOR = { '=': 1, '!=': 2, '<': 3, '>': 4 } as const satisfies Record<Compare['operator'], number>;
const KIND_OPERATION = 1;
const KIND_GET = 2;
const KIND_SCAN = 3;
const KIND_PAST = 4;
const KIND_FILTERED = 5;

type Encode = (operation: Operation) => Uint8Array;

export function encodeTxn(txn: TxnOperation, encode: Encode): Uint8Array {
  const writer = new PartsWriter();
  writer.length16(txn.when.length);
  for (const compare of txn.when) writeCompare(writer, compare);
  for (const steps of [txn.do, txn.otherwise]) {
    writer.length16(steps.length);
    for (const step of steps) writeStep(writer, step, encode);
  }
  return writer.join();
}

function writeCompare(writer: PartsWriter, { target, operator, operand }: Compare): void {
  writer.byte(OPERAND[operand.type]);
  writer.byte(OPERATOR[operator]);
  writer.byte(target.end === null ? 0 : FLAG_RANGE);
  writeRange(writer, target);
  if (operand.type === 'value') writer.value(operand.value);
  else if (operand.type === 'lease') writer.int64(operand.lease);
  else writer.uint53(operand.number);
}

function writeRange(writer: PartsWriter, { start, end }: KeyRange): void {
  writer.key(start);
  if (end !== null) writer.key(end);
}

function writeStep(writer: PartsWriter, step: TxnStep, encode: Encode): void {
  switch (step.type) {
    case 'get':
    case 'scan':
      writeRead(writer, step);
      break;
    case 'past':
      writePast(writer, step);
      break;
    case 'put':
    case 'delete':
    case 'increment':
    case 'txn':
      writer.byte(KIND_OPERATION);
      writer.value(encode(step));
      break;
  }
}

function writePast(writer: PartsWriter, { revision, read, filter }: PastQuery): void {
  if (filter !== undefined) {
    writer.byte(KIND_FILTERED);
    for (const bound of REVISION_BOUNDS) writer.uint53(filter[bound]);
  }
  writer.byte(KIND_PAST);
  writer.uint53(revision);
  writeRead(writer, read);
}

function writeRead(writer: PartsWriter, read: GetQuery | ScanQuery): void {
  if (read.type === 'get') {
    writer.byte(KIND_GET);
    writer.length16(read.keys.length);
    for (const key of read.keys) writer.key(key);
    return;
  }
  writer.byte(KIND_SCAN);
  const { range, reverse, keysOnly, countOnly } = read;
  writer.byte(
    (range.end === null ? 0 : FLAG_RANGE) |
      (reverse ? FLAG_REVERSE : 0) |
      (keysOnly ? FLAG_KEYS_ONLY : 0) |
      (countOnly ? FLAG_COUNT_ONLY : 0),
  );
  writeRange(writer, range);
  writer.uint53(read.limit);
}

/** How an operation in a transaction is decoded. */
export type Decode = (bytes: Uint8Array) => Decoded<Operation>;

/** Stops at the first flaw, so that a length that lies costs nothing: beyond the end every kind is unknown. */
export function decodeTxn(
  reader: ByteReader,
  limits: OperationLimits,
  decode: Decode,
): Decoded<TxnOperation> {
  const source = { reader, limits, decode };
  const when = readList(source, readCompare);
  if (!when.ok) return when;
  const first = readList(source, readStep);
  if (!first.ok) return first;
  const otherwise = readList(source, readStep);
  if (!otherwise.ok) return otherwise;
  return accept({ type: 'txn', when: when.value, do: first.value, otherwise: otherwise.value });
}

interface Source {
  readonly reader: ByteReader;
  readonly limits: OperationLimits;
  readonly decode: Decode;
}

function readList<T>(source: Source, read: (source: Source) => Decoded<T>): Decoded<readonly T[]> {
  const items: T[] = [];
  const length = source.reader.uint16();
  for (let number = 0; number < length; number += 1) {
    const item = read(source);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return accept(items);
}

function readCompare(source: Source): Decoded<Compare> {
  const { reader } = source;
  const what = nameOf(OPERAND, reader.byte());
  const operator = nameOf(OPERATOR, reader.byte());
  const flags = reader.byte();
  if (what === null || operator === null || (flags | FLAG_RANGE) !== FLAG_RANGE) {
    return refuse('INVALID_ARGUMENT', 'a compare of a kind that is not known here');
  }
  const target = readRange(source, (flags & FLAG_RANGE) !== 0);
  if (!target.ok) return target;
  const operand = readOperand(source, what);
  return operand.ok ? accept({ target: target.value, operator, operand: operand.value }) : operand;
}

function readOperand({ reader, limits }: Source, type: Operand['type']): Decoded<Operand> {
  if (type === 'lease') return accept({ type, lease: reader.int64() });
  if (type === 'value') {
    const value = reader.bytes32();
    return checkValue(value, limits) ?? accept({ type, value });
  }
  const number = reader.uint53();
  return number < 0 ? refuse('INVALID_ARGUMENT', `a ${type} beyond 2^53`) : accept({ type, number });
}

function readRange({ reader, limits }: Source, isRange: boolean): Decoded<KeyRange> {
  const start = reader.bytes16();
  const end = isRange ? reader.bytes16() : null;
  const flaw = checkKey(start, limits, isRange) ?? (end === null ? null : checkKey(end, limits, true));
  return flaw ?? accept({ start, end });
}

function readStep(source: Source): Decoded<TxnStep> {
  const { reader, decode } = source;
  const kind = reader.byte();
  if (kind === KIND_OPERATION) {
    const operation = decode(reader.bytes32());
    if (!operation.ok) return operation;
    const step = operation.value;
    return isStep(step) ? accept(step) : refuse('INVALID_ARGUMENT', `a ${step.type} stands alone`);
  }
  if (kind === KIND_FILTERED) return readFiltered(source);
  return kind === KIND_PAST ? readPast(source) : readRead(source, kind);
}

function readPast(source: Source): Decoded<PastQuery> {
  const revision = source.reader.uint53();
  if (revision < 0) return refuse('INVALID_ARGUMENT', 'a revision beyond 2^53');
  const read = readRead(source, source.reader.byte());
  return read.ok ? accept({ type: 'past', revision, read: read.value }) : read;
}

function readFiltered(source: Source): Decoded<PastQuery> {
  const { reader } = source;
  const [minModRevision, maxModRevision, minCreateRevision, maxCreateRevision] = [
    reader.uint53(),
    reader.uint53(),
    reader.uint53(),
    reader.uint53(),
  ];
  const filter = { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision };
  if (REVISION_BOUNDS.some((bound) => filter[bound] < 0))
    return refuse('INVALID_ARGUMENT', 'a revision beyond 2^53');
  if (reader.byte() !== KIND_PAST) return refuse('INVALID_ARGUMENT', 'a filter is of a read of kind 4');
  const past = readPast(source);
  return past.ok ? accept({ ...past.value, filter }) : past;
}

function isStep(operation: Operation): operation is WriteOperation | TxnOperation {
  const { type } = operation;
  return type === 'put' || type === 'delete' || type === 'increment' || type === 'txn';
}

function readRead(source: Source, kind: number): Decoded<GetQuery | ScanQuery> {
  if (kind === KIND_SCAN) return readScan(source);
  if (kind !== KIND_GET) return refuse('INVALID_ARGUMENT', `step kind ${kind} is not known here`);
  const keys = readList(source, readKey);
  return keys.ok ? accept({ type: 'get', keys: keys.value }) : keys;
}

function readKey({ reader, limits }: Source): Decoded<Bytes> {
  const key = reader.bytes16();
  return checkKey(key, limits, false) ?? accept(key);
}

function readScan(source: Source): Decoded<ScanQuery> {
  const flags = source.reader.byte();
  if ((flags | FLAGS_SCAN) !== FLAGS_SCAN) {
    return refuse('INVALID_ARGUMENT', 'a scan with flags that are not known here');
  }
  const range = readRange(source, (flags & FLAG_RANGE) !== 0);
  if (!range.ok) return range;
  const limit = source.reader.uint53();
  if (limit < 0) return refuse('INVALID_ARGUMENT', 'a limit beyond 2^53');
  return accept({
    type: 'scan',
    range: range.value,
    limit,
    reverse: (flags & FLAG_REVERSE) !== 0,
    keysOnly: (flags & FLAG_KEYS_ONLY) !== 0,
    countOnly: (flags & FLAG_COUNT_ONLY) !== 0,
  });
}

function accept<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

function nameOf<K extends string>(table: Readonly<Record<K, number>>, number: number): K | null {
  for (const name in table) if (table[name] === number) return name;
  return null;
}
