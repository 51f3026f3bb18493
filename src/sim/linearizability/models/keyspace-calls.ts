/**
 * Operations of a history in the form the keyspace model takes them: keys by their place among the keys judged. What
 * neither reads nor changes the present (a read of the past, a compaction) has no such form.
 */
import type {
  Compare,
  Condition,
  Failure,
  KeyRange,
  KvRecord,
  Operand,
  Operation,
  Query,
  QueryResult,
  Reply,
  Revision,
  StepResult,
  TxnOperation,
  TxnReply,
} from '../../../kv/operation.ts';
import type { ClientOperation } from '../history.ts';
import type { TimedCall } from '../model.ts';
import { notModelled } from '../not-modelled.ts';
import { bytesText, keysInRange, lowerBound } from '../text.ts';
import { shown } from './record.ts';
import type { Shown } from './record.ts';

export type KeyspaceInput =
  | {
      readonly type: 'put';
      readonly key: number;
      readonly value: string;
      readonly conditions: readonly Condition[];
      readonly returnPrevious: boolean;
    }
  /** Keys [from, to). `single`: the operation named one key, so conditions can hold. */
  | {
      readonly type: 'delete';
      readonly from: number;
      readonly to: number;
      readonly single: boolean;
      readonly conditions: readonly Condition[];
      readonly returnPrevious: boolean;
    }
  | { readonly type: 'increment'; readonly key: number; readonly by: bigint }
  | { readonly type: 'get'; readonly keys: readonly number[] }
  | {
      readonly type: 'scan';
      readonly from: number;
      readonly to: number;
      /** 0: no limit but that of a page, which is the node's own. */
      readonly limit: number;
      readonly reverse: boolean;
      readonly keysOnly: boolean;
      readonly countOnly: boolean;
    }
  /** In a transaction. What it shows means nothing to who does not know the order of revisions. */
  | { readonly type: 'past' }
  | {
      readonly type: 'txn';
      readonly when: readonly CompareInput[];
      readonly do: readonly KeyspaceInput[];
      readonly otherwise: readonly KeyspaceInput[];
    };

/** Of the keys [from, to). */
export interface CompareInput {
  readonly from: number;
  readonly to: number;
  readonly operator: Compare['operator'];
  readonly operand:
    | { readonly type: 'value'; readonly value: string }
    | { readonly type: Exclude<Operand['type'], 'value'>; readonly number: number };
}

export type KeyspaceOutput =
  | { readonly type: 'put'; readonly revision: Revision; readonly previous: Shown | null }
  | { readonly type: 'delete'; readonly deleted: number; readonly previous: readonly Shown[] }
  | { readonly type: 'increment'; readonly revision: Revision; readonly value: bigint }
  | { readonly type: 'conflict'; readonly current: Shown | null }
  | { readonly type: 'notACounter' }
  | { readonly type: 'overflow'; readonly value: bigint }
  | { readonly type: 'records'; readonly records: readonly (Shown | null)[] }
  | {
      readonly type: 'page';
      readonly records: readonly Shown[];
      readonly count: number;
      readonly more: boolean;
    }
  | {
      readonly type: 'txn';
      readonly revision: Revision;
      readonly succeeded: boolean;
      readonly results: readonly KeyspaceOutput[];
    }
  | { readonly type: 'txnFailed'; readonly at: string; readonly cause: KeyspaceOutput }
  | { readonly type: 'duplicate' }
  | { readonly type: 'past' }
  /** That revision is compacted, or not there yet. */
  | { readonly type: 'unreadable' }
  /** An answer that belongs to some other operation. */
  | { readonly type: 'foreign' };

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
      const { conditions, returnPrevious } = write;
      const key = lowerBound(keys, bytesText(write.key));
      return { type: 'put', key, value: bytesText(write.value), conditions, returnPrevious };
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
    case 'leaseRenew':
    case 'leaseRevoke':
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
  const number = operand.type === 'lease' ? Number(operand.lease) : operand.number;
  return { ...places, operator, operand: { type: operand.type, number } };
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
    case 'compact':
    case 'leaseGrant':
    case 'leaseRenew':
    case 'leaseRevoke':
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
    case 'RESULT_TOO_LARGE':
    case 'LEASE_NOT_FOUND':
    case 'LEASE_EXISTS':
    case 'TOO_MANY_LEASES':
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
