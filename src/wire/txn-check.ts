/**
 * What can be said of a transaction before it runs, by the SDK before it is sent and by a node before it enters the
 * log. The state machine has its own word on duplicates, of the keys that it meets; this one is stricter.
 */
import type { Bytes, KeyRange, ReadStep, ReadTxn, TxnOperation, TxnStep } from '../kv/operation.ts';
import type { ErrorCode } from './errors.ts';

/** Steps of all branches, nested ones too, each key of a `get` as one; and as many compares (SPEC 8). */
export const TXN_OPERATIONS_MAX = 128;
/** A transaction in one in one in one: answers nest as deep, and frames are bounded. */
export const TXN_DEPTH_MAX = 4;

export interface TxnFlaw {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Whether nothing in it writes, so that it is a query and takes no entry of the log. */
export function isReadOnly(txn: TxnOperation): txn is ReadTxn {
  return [...txn.do, ...txn.otherwise].every(readsOnly);
}

function readsOnly(step: TxnStep): step is ReadStep {
  if (step.type === 'txn') return isReadOnly(step);
  return step.type === 'get' || step.type === 'scan' || step.type === 'past';
}

/** Why the transaction is refused before the log; null when it is in order. */
export function checkTxn(txn: TxnOperation, operationsMax: number = TXN_OPERATIONS_MAX): TxnFlaw | null {
  const size = sizeOf(txn);
  if (size.depth > TXN_DEPTH_MAX) {
    const message = `transactions nested ${size.depth} deep; the most is ${TXN_DEPTH_MAX}`;
    return { code: 'TOO_MANY_OPERATIONS', message };
  }
  if (size.steps > operationsMax || size.compares > operationsMax) {
    const message = `${size.steps} operations and ${size.compares} compares; the most of each is ${operationsMax}`;
    return { code: 'TOO_MANY_OPERATIONS', message };
  }
  const again = writesOf(txn, '').again;
  if (again === null) return null;
  return { code: 'DUPLICATE_KEY', message: `${again} writes a key that an earlier operation writes` };
}

interface Size {
  readonly steps: number;
  readonly compares: number;
  readonly depth: number;
}

function sizeOf(txn: TxnOperation): Size {
  let [steps, compares, depth] = [0, txn.when.length, 1];
  for (const step of [...txn.do, ...txn.otherwise]) {
    steps += stepsIn(step);
    if (step.type !== 'txn') continue;
    const nested = sizeOf(step);
    steps += nested.steps;
    compares += nested.compares;
    depth = Math.max(depth, nested.depth + 1);
  }
  return { steps, compares, depth };
}

function stepsIn(step: TxnStep): number {
  const read = step.type === 'past' ? step.read : step;
  return read.type === 'get' ? Math.max(1, read.keys.length) : 1;
}

/** What may be written, whichever branches are taken. */
interface Writes {
  readonly keys: readonly string[];
  readonly ranges: readonly TextRange[];
  /** The place of the first step that writes what one before it on its path writes. */
  readonly again: string | null;
}

/** Both branches of one transaction may write the same key; two steps of one branch may not (as in etcd). */
function writesOf(txn: TxnOperation, place: string): Writes {
  const branches = [writesOfSteps(txn.do, `${place}do`), writesOfSteps(txn.otherwise, `${place}otherwise`)];
  return {
    keys: branches.flatMap(({ keys }) => keys),
    ranges: branches.flatMap(({ ranges }) => ranges),
    again: branches.find((branch) => branch.again !== null)?.again ?? null,
  };
}

function writesOfSteps(steps: readonly TxnStep[], place: string): Writes {
  const keys = new Set<string>();
  const ranges: TextRange[] = [];
  let again: string | null = null;
  for (const [number, step] of steps.entries()) {
    const at = `${place}[${number}]`;
    const writes = writesOfStep(step, at);
    const meets =
      writes.keys.some((key) => keys.has(key) || ranges.some((range) => isIn(key, range))) ||
      writes.ranges.some((range) => [...keys].some((key) => isIn(key, range)));
    again ??= writes.again ?? (meets ? at : null);
    for (const key of writes.keys) keys.add(key);
    ranges.push(...writes.ranges);
  }
  return { keys: [...keys], ranges, again };
}

function writesOfStep(step: TxnStep, at: string): Writes {
  switch (step.type) {
    case 'put':
    case 'increment':
      return { keys: [textOf(step.key)], ranges: [], again: null };
    case 'delete':
      return { keys: [], ranges: [textRange(step.target)], again: null };
    case 'txn':
      return writesOf(step, `${at}.`);
    case 'get':
    case 'scan':
    case 'past':
      return { keys: [], ranges: [], again: null };
  }
}

interface TextRange {
  readonly start: string;
  readonly end: string | null;
}

function textRange({ start, end }: KeyRange): TextRange {
  const first = textOf(start);
  if (end === null) return { start: first, end: `${first}\0` };
  return { start: first, end: end.length === 0 ? null : textOf(end) };
}

function isIn(key: string, { start, end }: TextRange): boolean {
  return key >= start && (end === null || key < end);
}

/** One character a byte: strings compare by value, and in byte order. */
function textOf(key: Bytes): string {
  let text = '';
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}
