/** Transactions on the replay: the path first, then step after step, and back to the start if one fails. */
import type {
  Bytes,
  Compare,
  Failure,
  KeyRange,
  PastQuery,
  Reply,
  ScanQuery,
  ScanResult,
  StepFailure,
  StepResult,
  TxnOperation,
  TxnReply,
  TxnStep,
} from '../../../kv/operation.ts';
import { bytesText } from '../text.ts';
import type { Readable } from './versions.ts';

/** What a transaction needs of the replay. */
export interface TxnStore extends Readable {
  readonly revision: number;
  /** As it was right after that revision, which is not above the present one. */
  at(revision: number): Readable;
  apply(operation: Extract<TxnStep, { type: 'put' | 'delete' | 'increment' }>): Reply;
  /** Whether the key has been changed since the transaction began. */
  changed(key: Bytes): boolean;
}

/** As in src/kv: what a page in the log holds must not depend on a node's settings. */
const PAGE_RECORDS_MAX = 1_000;

type Plan = { readonly branch: 'do' | 'otherwise'; readonly steps: readonly (TxnStep | Plan)[] };
type Failed = Extract<Failure, { code: 'TXN_FAILED' }>;

interface Course {
  readonly store: TxnStore;
  /** The oldest revision that can be read. */
  readonly floor: number;
  /** Keys put so far. */
  readonly put: Set<string>;
}

export function replayTxn(store: TxnStore, txn: TxnOperation, floor: number): TxnReply | Failed {
  return run({ store, floor, put: new Set() }, planOf(store, txn), '');
}

function planOf(store: TxnStore, txn: TxnOperation): Plan {
  const branch = txn.when.every((compare) => holds(store, compare)) ? 'do' : 'otherwise';
  return { branch, steps: txn[branch].map((step) => (step.type === 'txn' ? planOf(store, step) : step)) };
}

function holds(store: TxnStore, { target, operator, operand }: Compare): boolean {
  const records = store.list(target);
  if (operand.type === 'value') {
    const value = bytesText(operand.value);
    return records.length > 0 && records.every((each) => accepts(operator, bytesText(each.value), value));
  }
  const number = operand.type === 'lease' ? operand.lease : operand.number;
  const found =
    operand.type === 'lease' ? records.map((each) => each.lease) : records.map((each) => each[operand.type]);
  if (found.length === 0) return accepts(operator, 0, Number(number));
  return found.every((each) => accepts(operator, Number(each), Number(number)));
}

function accepts<T extends string | number>(operator: Compare['operator'], left: T, right: T): boolean {
  if (operator === '=') return left === right;
  if (operator === '!=') return left !== right;
  return operator === '<' ? left < right : left > right;
}

function run(course: Course, plan: Plan, place: string): TxnReply | Failed {
  const results: StepResult[] = [];
  for (const [number, step] of plan.steps.entries()) {
    const at = `${place}${plan.branch}[${number}]`;
    if ('branch' in step) {
      const nested = run(course, step, `${at}.`);
      if ('code' in nested) return nested;
      results.push(nested);
      continue;
    }
    const result = perform(course, step);
    if ('code' in result) return { code: 'TXN_FAILED', at, cause: result };
    results.push(result);
  }
  return { type: 'txn', revision: course.store.revision, succeeded: plan.branch === 'do', results };
}

function perform({ store, floor, put }: Course, step: TxnStep): StepResult | StepFailure {
  switch (step.type) {
    case 'get':
      return { type: 'get', records: step.keys.map((key) => store.find(key)) };
    case 'scan':
      return page(store, step);
    case 'past':
      return past(store, floor, step);
    case 'txn':
      throw new Error('a nested transaction has become a plan');
    case 'put':
    case 'increment': {
      const key = bytesText(step.key);
      if (put.has(key) || store.changed(step.key)) return { code: 'DUPLICATE_KEY' };
      put.add(key);
      return stepResult(store.apply(step));
    }
    case 'delete':
      if ([...put].some((key) => covers(step.target, key))) return { code: 'DUPLICATE_KEY' };
      return stepResult(store.apply(step));
  }
}

function past(store: TxnStore, floor: number, { revision, read }: PastQuery): StepResult | StepFailure {
  if (revision > store.revision) return { code: 'FUTURE_REVISION', revision: store.revision };
  if (revision < floor) return { code: 'COMPACTED', floor };
  const then = store.at(revision);
  if (read.type === 'get') {
    const records = read.keys.map((key) => then.find(key));
    return { type: 'past', result: { type: 'get', records }, resume: null };
  }
  const result = page(then, read);
  return { type: 'past', result, resume: result.more ? (result.records.at(-1)?.key ?? null) : null };
}

function page(state: Readable, query: ScanQuery): ScanResult {
  const there = state.list(query.range);
  if (query.countOnly) return { type: 'scan', records: [], count: there.length, more: false };
  const limit = query.limit === 0 ? PAGE_RECORDS_MAX : Math.min(query.limit, PAGE_RECORDS_MAX);
  const found = (query.reverse ? there.toReversed() : there).slice(0, limit);
  const records = query.keysOnly ? found.map((each) => ({ ...each, value: new Uint8Array(0) })) : found;
  return { type: 'scan', records, count: records.length, more: records.length < there.length };
}

function stepResult(reply: Reply): StepResult | StepFailure {
  if (reply.type === 'put' || reply.type === 'delete' || reply.type === 'increment') return reply;
  if (reply.type === 'failure' && reply.failure.code !== 'TXN_FAILED') return stepFailure(reply.failure);
  throw new Error(`a step was answered with ${reply.type}`);
}

function stepFailure(failure: Failure): StepFailure {
  const { code } = failure;
  const isCounting = code === 'NOT_A_COUNTER' || code === 'COUNTER_OVERFLOW';
  if (isCounting || code === 'CONFLICT' || code === 'LEASE_NOT_FOUND') return failure;
  throw new Error(`a step failed with ${code}`);
}

function covers({ start, end }: KeyRange, key: string): boolean {
  const first = bytesText(start);
  if (end === null) return key === first;
  return key >= first && (end.length === 0 || key < bytesText(end));
}
