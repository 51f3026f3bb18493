/** Whether the compares of a transaction hold, in the present state. */
import { unreachable } from './assert.ts';
import { keyText, textBytes, textRange } from './key-text.ts';
import type { Bytes, Compare, KvRecord, Operand } from './operation.ts';
import type { RecordTable } from './record-table.ts';

export function compareHolds(records: RecordTable, { target, operator, operand }: Compare): boolean {
  const texts =
    target.end === null ? [keyText(target.start)] : records.keys(textRange(target), false, Infinity);
  const present = texts.filter((text) => records.find(text) !== undefined);
  // Where nothing stands, numbers are 0, and no value is equal, less, greater or even different (etcd, applyCompare).
  if (present.length === 0) return operand.type !== 'value' && accepts(operator, sign(0, zeroOf(operand)));
  return present.every((text) => {
    const record = records.read(records.rowOf(text), textBytes(text));
    return accepts(operator, order(record, operand));
  });
}

function zeroOf(operand: Exclude<Operand, { type: 'value' }>): number | bigint {
  return operand.type === 'lease' ? operand.lease : operand.number;
}

/** Negative, 0 or positive, as what the record has is below, at or above the operand. */
function order(record: KvRecord, operand: Operand): number {
  switch (operand.type) {
    case 'value':
      return compareBytes(record.value, operand.value);
    case 'lease':
      return sign(record.lease, operand.lease);
    case 'version':
    case 'createRevision':
    case 'modRevision':
      return sign(record[operand.type], operand.number);
    default:
      return unreachable(operand);
  }
}

function accepts(operator: Compare['operator'], difference: number): boolean {
  switch (operator) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '>':
      return difference > 0;
    default:
      return unreachable(operator);
  }
}

/** Of numbers and bigints alike, which `===` would never find equal. */
function sign(left: number | bigint, right: number | bigint): number {
  return Number(left > right) - Number(left < right);
}

function compareBytes(left: Bytes, right: Bytes): number {
  return Buffer.compare(left, right);
}
