/** What each operation does to the state, and what it answers. */
import { ANSWER_RECORDS_MAX, AnswerSize, tooLarge } from './answer-size.ts';
import { unreachable } from './assert.ts';
import { allHold } from './condition.ts';
import { isInt64, parseCounter, printCounter } from './counter.ts';
import { keyText, textBytes, textRange, type TextRange } from './key-text.ts';
import { NO_LEASE } from './lease-table.ts';
import { performLeaseOperation } from './lease.ts';
import type {
  Bytes,
  CompactOperation,
  DeleteOperation,
  Failure,
  FailureReply,
  IncrementOperation,
  KeyRange,
  KvRecord,
  Operation,
  PutOperation,
  Reply,
  WriteOperation,
  WriteReply,
} from './operation.ts';
import type { Row } from './record-rows.ts';
import type { RecordTable } from './record-table.ts';
import { isSessionOperation, performOnce, performSessionOperation } from './session.ts';
import type { Request } from './state-machine.ts';
import type { State } from './state.ts';
import { performTxn } from './txn.ts';

/** `ordinal`: the request's place in its entry. */
export function performRequest(state: State, request: Request, ordinal: number): Reply {
  state.beginOperation(ordinal);
  const { session, operation } = request;
  if (session === 0n || isSessionOperation(operation)) return perform(state, operation);
  return performOnce(state, request, () => perform(state, operation));
}

function perform(state: State, operation: Operation): Reply {
  switch (operation.type) {
    case 'txn':
      return performTxn(state, operation, (step) => write(state, step));
    case 'compact':
      return compact(state, operation);
    case 'put':
    case 'delete':
    case 'increment':
      return write(state, operation);
    case 'leaseGrant':
    case 'leaseRenew':
    case 'leaseRevoke':
    case 'leaseExpire':
      return performLeaseOperation(state, operation);
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
    case 'resolve':
      return performSessionOperation(state, operation);
    default:
      return unreachable(operation);
  }
}

function write(state: State, operation: WriteOperation): WriteReply | FailureReply {
  switch (operation.type) {
    case 'put':
      return put(state, operation);
    case 'delete':
      return remove(state, operation);
    case 'increment':
      return increment(state, operation);
    default:
      return unreachable(operation);
  }
}

/** A put is a change even when the value is the one that stands there: it is a new version (as in etcd). */
function put(
  state: State,
  { key, value, conditions, returnPrevious, lease: wanted = NO_LEASE }: PutOperation,
): WriteReply | FailureReply {
  const { records } = state.tables;
  const text = keyText(key);
  const row = records.find(text);
  const readsCurrent = conditions.length > 0 || returnPrevious;
  const current = readsCurrent && row !== undefined ? records.read(row, key) : null;
  if (!allHold(conditions, current)) return fail(state, { code: 'CONFLICT', current });
  const lease = wanted === 'keep' ? leaseOf(records, row) : wanted;
  if (lease !== NO_LEASE && state.tables.leases.find(lease) === null) {
    return fail(state, { code: 'LEASE_NOT_FOUND', lease });
  }
  const revision = state.revisionOfChange();
  records.put(text, row, key, value, revision, lease);
  return { type: 'put', revision, previous: returnPrevious ? current : null };
}

function leaseOf(records: RecordTable, row: Row | undefined): bigint {
  return row === undefined ? NO_LEASE : records.lease(row);
}

function remove(state: State, operation: DeleteOperation): WriteReply | FailureReply {
  const { target } = operation;
  return target.end === null
    ? removeKey(state, target.start, operation)
    : removeRange(state, target, operation);
}

function removeKey(
  state: State,
  key: Bytes,
  { conditions, returnPrevious }: DeleteOperation,
): WriteReply | FailureReply {
  const { records } = state.tables;
  const text = keyText(key);
  const row = records.find(text);
  const current = row === undefined ? null : records.read(row, key);
  if (!allHold(conditions, current)) return fail(state, { code: 'CONFLICT', current });
  if (row === undefined || current === null) return deleted(state, 0, []);
  records.remove(text, row, state.revisionOfChange());
  return deleted(state, 1, returnPrevious ? [current] : []);
}

function removeRange(state: State, target: KeyRange, operation: DeleteOperation): WriteReply | FailureReply {
  // A condition speaks of one record, so of a range none can hold. Requests like this are refused before the log.
  if (operation.conditions.length > 0) return fail(state, { code: 'CONFLICT', current: null });
  const { records } = state.tables;
  const range = textRange(target);
  if (records.count(range) === 0) return deleted(state, 0, []);
  const previous = operation.returnPrevious ? returnable(records, range) : [];
  if (previous === null) return fail(state, tooLarge());
  const count = records.removeRange(range, state.revisionOfChange());
  return deleted(state, count, previous);
}

/** The records of the range; null when they are more than an answer holds. */
function returnable(records: RecordTable, range: TextRange): readonly KvRecord[] | null {
  const size = new AnswerSize();
  const found: KvRecord[] = [];
  // One more than this would fit if they were empty.
  for (const text of records.keys(range, false, ANSWER_RECORDS_MAX + 1)) {
    const record = records.read(records.rowOf(text), textBytes(text));
    if (!size.takes(record)) return null;
    found.push(record);
  }
  return found;
}

function deleted(state: State, count: number, previous: readonly KvRecord[]): WriteReply {
  return { type: 'delete', revision: state.revision, deleted: count, previous };
}

/**
 * An increment that creates its key or alters its value is a change; one by 0 on a counter that is there is a no-op
 * and takes no revision (SPEC 2).
 */
function increment(state: State, { key, by }: IncrementOperation): WriteReply | FailureReply {
  const { records } = state.tables;
  const text = keyText(key);
  const row = records.find(text);
  const before = row === undefined ? 0n : parseCounter(records.value(row));
  if (before === null) return fail(state, { code: 'NOT_A_COUNTER' });
  const value = before + by;
  if (!isInt64(value)) return fail(state, { code: 'COUNTER_OVERFLOW', value: before });
  if (row === undefined || by !== 0n) {
    records.put(text, row, key, printCounter(value), state.revisionOfChange(), leaseOf(records, row));
  }
  return { type: 'increment', revision: state.revision, value };
}

/** The floor moves up only, so that who could not read a revision once never can. */
function compact(state: State, { revision }: CompactOperation): Reply {
  const { history } = state.tables;
  if (revision > state.revision) return fail(state, { code: 'FUTURE_REVISION', revision: state.revision });
  if (revision <= history.floor) return fail(state, { code: 'COMPACTED', floor: history.floor });
  history.compact(revision);
  state.times.forgetBelow(revision);
  return { type: 'compact', revision: state.revision, floor: revision };
}

function fail(state: State, failure: Failure): FailureReply {
  return { type: 'failure', revision: state.revision, failure };
}
