/** From a transaction as it was written to one that a node takes. What is misspelt is refused, as in options. */
import type {
  Compare,
  GetQuery,
  KeyRange,
  Operand,
  ScanQuery,
  TxnOperation,
  TxnStep as WireStep,
} from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { REVISION_BOUNDS } from '../wire/revision-bounds.ts';
import {
  checkFields,
  conditionsOf,
  filterOf,
  flag,
  int64,
  leaseOf,
  revisionTerm,
  scanTerms,
  wholeNumber,
} from './checked-options.ts';
import { keyBytes } from './keys.ts';
import { asOf } from './past.ts';
import { toKeyRange, toTarget } from './ranges.ts';
import type { CountStep, GetManyStep, GetStep, ScanStep, Txn, TxnCompare, TxnStep } from './txn-types.ts';
import { valueBytes } from './values.ts';

/** Of the node; undefined as long as none has told. */
export interface SizeLimits {
  readonly keyBytesMax?: number | undefined;
  readonly valueBytesMax?: number | undefined;
}

const TXN_FIELDS = ['when', 'do', 'otherwise'];
const RANGE_FIELDS = ['prefix', 'start', 'end'];
const OPERANDS = ['value', 'version', 'createRevision', 'modRevision', 'lease'] as const;
const OPERATORS: ReadonlySet<unknown> = new Set(['=', '!=', '<', '>']);

/** The verb of a step, and what may stand beside it. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  put: ['value', 'ifAbsent', 'ifPresent', 'ifRevision', 'ifVersion', 'returnPrevious', 'lease', 'keepLease'],
  delete: ['ifPresent', 'ifRevision', 'ifVersion', 'returnPrevious'],
  increment: ['by'],
  get: ['atRevision'],
  getMany: ['atRevision'],
  scan: ['limit', 'reverse', 'keysOnly', 'atRevision', ...REVISION_BOUNDS],
  count: [],
  txn: [],
};

export function toTxn(txn: Txn, limits: SizeLimits): TxnOperation {
  checkFields('a transaction', txn, TXN_FIELDS);
  return {
    type: 'txn',
    when: listOf('when', txn.when ?? []).map((compare) => toCompare(compare, limits)),
    do: listOf('do', txn.do).map((step) => toStep(step, limits)),
    otherwise: listOf('otherwise', txn.otherwise ?? []).map((step) => toStep(step, limits)),
  };
}

function listOf<T>(name: string, list: readonly T[]): readonly T[] {
  if (Array.isArray(list)) return list;
  throw invalid(`${name} is a list, not ${String(list)}`);
}

function toCompare(compare: TxnCompare, limits: SizeLimits): Compare {
  checkFields('a compare', compare, ['key', ...RANGE_FIELDS, ...OPERANDS, 'operator']);
  const operator = compare.operator ?? '=';
  if (!OPERATORS.has(operator)) throw invalid('operator is =, !=, < or >');
  return { target: targetOf(compare, limits), operator, operand: operandOf(compare, limits) };
}

function targetOf(compare: TxnCompare, { keyBytesMax }: SizeLimits): KeyRange {
  const named = ['key', 'prefix', 'start'].filter((field) => field in compare);
  if (named.length !== 1) throw invalid('a compare is of one key, prefix or start');
  if ('key' in compare) return { start: keyBytes(compare.key, keyBytesMax), end: null };
  if ('prefix' in compare) return toKeyRange({ prefix: compare.prefix }, keyBytesMax);
  return toKeyRange({ start: compare.start, end: compare.end }, keyBytesMax);
}

function operandOf(compare: TxnCompare, { valueBytesMax }: SizeLimits): Operand {
  if (OPERANDS.filter((operand) => operand in compare).length !== 1) {
    throw invalid(`a compare has one of ${OPERANDS.join(', ')}`);
  }
  if ('value' in compare) return { type: 'value', value: valueBytes(compare.value, valueBytesMax) };
  if ('version' in compare) return { type: 'version', number: wholeNumber('version', compare.version, 0) };
  if ('createRevision' in compare) {
    return { type: 'createRevision', number: wholeNumber('createRevision', compare.createRevision, 0) };
  }
  if ('modRevision' in compare) {
    return { type: 'modRevision', number: wholeNumber('modRevision', compare.modRevision, 0) };
  }
  return { type: 'lease', lease: int64('lease', compare.lease) };
}

function toStep(step: TxnStep, limits: SizeLimits): WireStep {
  checkVerb(step);
  const { keyBytesMax } = limits;
  if ('put' in step) {
    const value = valueBytes(step.value, limits.valueBytesMax);
    return { type: 'put', key: keyBytes(step.put, keyBytesMax), value, ...guarded(step), ...leaseOf(step) };
  }
  if ('delete' in step)
    return { type: 'delete', target: toTarget(step.delete, keyBytesMax), ...guarded(step) };
  if ('increment' in step) {
    const by = int64('by', step.by ?? 1n);
    return { type: 'increment', key: keyBytes(step.increment, keyBytesMax), by };
  }
  return 'txn' in step ? toTxn(step.txn, limits) : toRead(step, limits);
}

function guarded(step: Parameters<typeof conditionsOf>[0]): {
  readonly conditions: ReturnType<typeof conditionsOf>;
  readonly returnPrevious: boolean;
} {
  const returnPrevious = flag('returnPrevious', step.returnPrevious, false);
  return { conditions: conditionsOf(step), returnPrevious };
}

function toRead(step: GetStep | GetManyStep | ScanStep | CountStep, limits: SizeLimits): WireStep {
  const read = presentRead(step, limits);
  if ('count' in step) return read;
  return asOf(revisionTerm(step.atRevision), read, 'scan' in step ? filterOf(step) : undefined);
}

function presentRead(
  step: GetStep | GetManyStep | ScanStep | CountStep,
  { keyBytesMax }: SizeLimits,
): GetQuery | ScanQuery {
  if ('get' in step) return { type: 'get', keys: [keyBytes(step.get, keyBytesMax)] };
  if ('getMany' in step) {
    const keys = listOf('getMany', step.getMany).map((key) => keyBytes(key, keyBytesMax));
    return { type: 'get', keys };
  }
  if ('scan' in step) {
    const range = toKeyRange(step.scan, keyBytesMax);
    const { limit, reverse, keysOnly } = scanTerms(step);
    return { type: 'scan', range, limit, reverse, keysOnly, countOnly: false };
  }
  const range = toKeyRange(step.count, keyBytesMax);
  return { type: 'scan', range, limit: 0, reverse: false, keysOnly: true, countOnly: true };
}

function checkVerb(step: TxnStep): void {
  if (typeof step !== 'object' || step === null) throw invalid('a step is an object');
  const [verb, ...more] = Object.keys(STEPS).filter((each) => each in step);
  if (verb === undefined || more.length > 0) {
    throw invalid(`a step has one of ${Object.keys(STEPS).join(', ')}`);
  }
  checkFields(`a step that does ${verb}`, step, [verb, ...(STEPS[verb] ?? [])]);
}

function invalid(message: string): QuorateError {
  return new QuorateError('INVALID_ARGUMENT', message);
}
