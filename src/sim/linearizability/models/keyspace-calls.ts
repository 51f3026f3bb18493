/**
 * Operations of a history in the form the keyspace model takes them: keys by their place among the keys judged. What
 * neither reads nor changes the present (a read of the past, a compaction) has no such form.
 */
import type {
  Compare,
  Failure,
  KeyRange,
  KvRecord,
  Operation,
  Query,
  QueryResult,
  Reply,
  StepResult,
  TxnOperation,
  TxnReply,
} from '../../../kv/operation.ts';
import type { ClientOperation } from '../history.ts';
import type { TimedCall } from '../model.ts';
import { notModelled } from '../not-modelled.ts';
import { bytesText, keysInRange, lowerBound } from '../text.ts';
import type { CompareInput, KeyspaceInput, KeyspaceOutput } from './keyspace-forms.ts';
import { NO_LEASE, shown } from './record.ts';
import type { Shown } from './record.ts';

const FOREIGN: KeyspaceOutput = { type: 'foreign' };

/** `keys` are sorted and have every key that the operation names. */
export function keyspaceCall(
  operation: ClientOperation,
  keys: readonly string[],
): TimedCall<KeyspaceInput, KeyspaceOutput> | null {
  const { callMs, returnMs } = operation;
  const input = inputOf(operation, keys);
  return input === null ? null : { callMs, returnMs, input, heard: heardOf(operation) };
}

function inputOf(operation: ClientOperation, keys: readonly string[]): KeyspaceInput | null {
  if (operation.type === 'read') return queryInput(operation.query, keys);
  return writeInput(operation.operation, keys);
}

function writeInput(write: Operation, keys: readonly string[]): KeyspaceInput | null {
  switch (write.type) {
    case 'put': {
      const { conditions, returnPrevious, lease = NO_LEASE } = write;
      const key = lowerBound(keys, bytesText(write.key));
      return { type: 'put', key, value: bytesText(write.value), conditions, returnPrevious, lease };
    }
    case 'delete': {
      const { conditions, returnPrevious, target } = write;
      return {
        type: 'delete',
        ...placesIn(keys, target),
        single: target.end === null,
        conditions,
        returnPrevious,
      };
    }
    case 'increment':
      return { type: 'increment', key: lowerBound(keys, bytesText(write.key)), by: write.by };
    case 'compact':
      return null;
    case 'txn':
      return txnInput(write, keys);
    case 'leaseGrant':
      return { type: 'leaseGrant', lease: write.id };
    case 'leaseRenew':
      return { type: 'leaseRenew', leases: write.ids };
    case 'leaseRevoke':
      return { type: 'leaseRevoke', lease: write.id };
    case 'leaseExpire':
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
    case 'resolve':
      return notModelled(write.type);
  }
}

function txnInput(txn: TxnOperation, keys: readonly string[]): KeyspaceInput {
  const steps = (list: TxnOperation['do']): KeyspaceInput[] =>
    list.map((step) => {
      if (step.type === 'past') return { type: 'past' };
      const isRead = step.type === 'get' || step.type === 'scan';
      return (isRead ? queryInput(step, keys) : writeInput(step, keys)) ?? notModelled(step.type);
    });
  const when = txn.when.map((compare) => compareInput(compare, keys));
  return { type: 'txn', when, do: steps(txn.do), otherwise: steps(txn.otherwise) };
}

function compareInput({ target, operator, operand }: Compare, keys: readonly string[]): CompareInput {
  const places = placesIn(keys, target);
  if (operand.type === 'value') {
    return { ...places, operator, operand: { type: 'value', value: bytesText(operand.value) } };
  }
  return { ...places, operator, operand };
}

function queryInput(query: Query, keys: readonly string[]): KeyspaceInput | null {
  if (query.type === 'past') return null;
  if (query.type === 'txn') return txnInput(query, keys);
  if (query.type === 'get') {
    return { type: 'get', keys: query.keys.map((key) => lowerBound(keys, bytesText(key))) };
  }
  const { range, limit, reverse, keysOnly, countOnly } = query;
  return { type: 'scan', ...placesIn(keys, range), limit, reverse, keysOnly, countOnly };
}

function placesIn(keys: readonly string[], { start, end }: KeyRange): { from: number; to: number } {
  const [from, to] = keysInRange(keys, bytesText(start), end === null ? null : bytesText(end));
  return { from, to };
}

function heardOf(operation: ClientOperation): { readonly output: KeyspaceOutput } | null {
  if (operation.outcome.type !== 'ok') return null;
  if (operation.type === 'read') return { output: resultOutput(operation.outcome.output.result) };
  return { output: replyOutput(operation.outcome.output) };
}

function txnOutput({ revision, succeeded, results }: TxnReply): KeyspaceOutput {
  return { type: 'txn', revision, succeeded, results: results.map(stepOutput) };
}

function stepOutput(result: StepResult): KeyspaceOutput {
  const isRead = result.type === 'get' || result.type === 'scan' || result.type === 'past';
  return isRead ? resultOutput(result) : replyOutput(result);
}

function resultOutput(result: QueryResult): KeyspaceOutput {
  if (result.type === 'txn') return txnOutput(result);
  if (result.type === 'get') return { type: 'records', records: result.records.map(shownOrNone) };
  if (result.type === 'past') return { type: 'past' };
  if (result.type === 'failure') return failureOutput(result.failure);
  return { type: 'page', records: result.records.map(shown), count: result.count, more: result.more };
}

function replyOutput(reply: Reply): KeyspaceOutput {
  switch (reply.type) {
    case 'put':
      return { type: 'put', revision: reply.revision, previous: shownOrNone(reply.previous) };
    case 'delete':
      return { type: 'delete', deleted: reply.deleted, previous: reply.previous.map(shown) };
    case 'increment':
      return { type: 'increment', revision: reply.revision, value: reply.value };
    case 'failure':
      return failureOutput(reply.failure);
    case 'txn':
      return txnOutput(reply);
    case 'leaseGrant':
      return { type: 'leaseGrant', lease: reply.lease };
    case 'leaseRenew':
      return { type: 'leaseRenew', ttlsMs: reply.ttlsMs };
    case 'leaseRevoke':
      return { type: 'leaseRevoke', deleted: reply.deleted };
    case 'compact':
    case 'leaseExpire':
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
    case 'resolve':
      return FOREIGN;
  }
}

function failureOutput(failure: Failure): KeyspaceOutput {
  switch (failure.code) {
    case 'CONFLICT':
      return { type: 'conflict', current: shownOrNone(failure.current) };
    case 'NOT_A_COUNTER':
      return { type: 'notACounter' };
    case 'COUNTER_OVERFLOW':
      return { type: 'overflow', value: failure.value };
    case 'DUPLICATE_KEY':
      return { type: 'duplicate' };
    case 'TXN_FAILED':
      return { type: 'txnFailed', at: failure.at, cause: failureOutput(failure.cause) };
    case 'COMPACTED':
    case 'FUTURE_REVISION':
      return { type: 'unreadable' };
    case 'LEASE_NOT_FOUND':
      return { type: 'leaseNotFound', lease: failure.lease };
    case 'LEASE_EXISTS':
      return { type: 'leaseExists', lease: failure.lease };
    case 'TOO_MANY_LEASES':
      return { type: 'tooManyLeases' };
    case 'RESULT_TOO_LARGE':
    case 'SESSION_EXPIRED':
    case 'SEQUENCE_ACKNOWLEDGED':
    case 'RESOLVED_NEVER':
    case 'TOO_MANY_UNACKNOWLEDGED':
      return FOREIGN;
  }
}

function shownOrNone(record: KvRecord | null): Shown | null {
  return record === null ? null : shown(record);
}
