/** Transactions on the replay: the path first, then step after step, and back to the start if one fails. */
import type {
  Bytes,
  Compare,
  Failure,
  KeyRange,
  KvRecord,
  Reply,
  StepFailure,
  StepResult,
  TxnOperation,
  TxnReply,
  TxnStep,
} from '../../../kv/operation.ts';
import { notModelled } from '../not-modelled.ts';
import { bytesText } from '../text.ts';

/** What a transaction needs of the replay. */
export interface TxnStore {
  readonly revision: number;
  find(key: Bytes): KvRecord | null;
  list(range: KeyRange): KvRecord[];
  apply(operation: Extract<TxnStep, { type: 'put' | 'delete' | 'increment' }>): Reply;
  /** Whether the key has been changed since the transaction began. */
  changed(key: Bytes): boolean;
}

/** As in src/kv: what a page in the log holds must not depend on a node's settings. */
const PAGE_RECORDS_MAX = 1_000;

type Plan = { readonly branch: 'do' | 'otherwise'; readonly steps: readonly (TxnStep | Plan)[] };
type Failed = Extract<Failure, { code: 'TXN_FAILED' }>;

export function replayTxn(store: TxnStore, txn: TxnOperation): TxnReply | Failed {
  return run(store, planOf(store, txn), '', new Set());
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

function run(store: TxnStore, plan: Plan, place: string, put: Set<string>): TxnReply | Failed {
  const results: StepResult[] = [];
  for (const [number, step] of plan.steps.entries()) {
    const at = `${place}${plan.branch}[${number}]`;
    if ('branch' in step) {
      const nested = run(store, step, `${at}.`, put);
      if ('code' in nested) return nested;
      results.push(nested);
      continue;
    }
    const result = perform(store, step, put);
    if ('code' in result) return { code: 'TXN_FAILED', at, cause: result };
    results.push(result);
  }
  return { type: 'txn', revision: store.revision, succeeded: plan.branch === 'do', results };
}

function perform(store: TxnStore, step: TxnStep, put: Set<string>): StepResult | StepFailure {
  switch (step.type) {
    case 'get':
      return { type: 'get', records: step.keys.map((key) => store.find(key)) };
    case 'scan':
      return page(store, step);
    case 'past':
      return notModelled('a read of the past in a transaction');
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

function page(store: TxnStore, step: Extract<TxnStep, { type: 'scan' }>): StepResult {
  const there = store.list(step.range);
  if (step.countOnly) return { type: 'scan', records: [], count: there.length, more: false };
  const limit = step.limit === 0 ? PAGE_RECORDS_MAX : Math.min(step.limit, PAGE_RECORDS_MAX);
  const found = (step.reverse ? there.toReversed() : there).slice(0, limit);
  const records = step.keysOnly ? found.map((each) => ({ ...each, value: new Uint8Array(0) })) : found;
  return { type: 'scan', records, count: records.length, more: records.length < there.length };
}

function stepResult(reply: Reply): StepResult | StepFailure {
  if (reply.type === 'put' || reply.type === 'delete' || reply.type === 'increment') return reply;
  if (reply.type === 'failure' && reply.failure.code !== 'TXN_FAILED') return stepFailure(reply.failure);
  throw new Error(`a step was answered with ${reply.type}`);
}

function stepFailure(failure: Failure): StepFailure {
  const { code } = failure;
  if (code === 'CONFLICT' || code === 'NOT_A_COUNTER' || code === 'COUNTER_OVERFLOW') return failure;
  throw new Error(`a step failed with ${code}`);
}

function covers({ start, end }: KeyRange, key: string): boolean {
  const first = bytesText(start);
  if (end === null) return key === first;
  return key >= first && (end.length === 0 || key < bytesText(end));
}
