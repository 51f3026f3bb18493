/** What a transaction compares and what a condition asks, said in the plainest way; of one moment, changing nothing. */
import type {
  Bytes,
  Compare,
  Condition,
  Failure,
  KeyRange,
  KvRecord,
  StepFailure,
  TxnOperation,
  TxnStep,
} from '../../../src/kv/operation.ts';

export interface Plan {
  readonly succeeded: boolean;
  readonly steps: readonly (Exclude<TxnStep, TxnOperation> | Plan)[];
}

/** The records of a range, in their order. */
type Within = (range: KeyRange) => readonly KvRecord[];

export function isOfStep(failure: Failure): failure is StepFailure {
  return [
    'CONFLICT',
    'NOT_A_COUNTER',
    'COUNTER_OVERFLOW',
    'COMPACTED',
    'DUPLICATE_KEY',
    'LEASE_NOT_FOUND',
  ].includes(failure.code);
}

export function plan(within: Within, txn: TxnOperation): Plan {
  const succeeded = txn.when.every((each) => compares(within, each));
  const steps = succeeded ? txn.do : txn.otherwise;
  return { succeeded, steps: steps.map((step) => (step.type === 'txn' ? plan(within, step) : step)) };
}

function compares(within: Within, { target, operator, operand }: Compare): boolean {
  const found = within(target);
  const accepted = { '=': [0], '!=': [-1, 1], '<': [-1], '>': [1] }[operator];
  if (operand.type === 'value') {
    const { value } = operand;
    return found.length > 0 && found.every((record) => accepted.includes(compare(record.value, value)));
  }
  const { type } = operand;
  const wanted = BigInt(operand.type === 'lease' ? operand.lease : operand.number);
  const numbers = found.length === 0 ? [0n] : found.map((record) => BigInt(record[type]));
  return numbers.every((number) => accepted.includes(Number(number > wanted) - Number(number < wanted)));
}

/** Canonical exactly when printing gives the text back. */
export function asInt64(text: string): bigint | null {
  if (!/^[-0-9]{1,20}$/u.test(text) || !/^-?[0-9]+$/u.test(text)) return null;
  const number = BigInt(text);
  return String(number) === text && BigInt.asIntN(64, number) === number ? number : null;
}

export function holds(condition: Condition, current: KvRecord | null): boolean {
  if (condition.type === 'absent') return current === null;
  if (current === null) return false;
  if (condition.type === 'revision') return current.modRevision === condition.modRevision;
  return condition.type === 'present' || current.version === condition.version;
}

export function inRange(key: Bytes, { start, end }: KeyRange): boolean {
  if (end === null) return compare(key, start) === 0;
  return compare(key, start) >= 0 && (end.length === 0 || compare(key, end) < 0);
}

export function compare(left: Bytes, right: Bytes): number {
  return Buffer.compare(left, right);
}
