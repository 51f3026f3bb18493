/** Operations in words, for the report that somebody reads at three in the morning. */
import type {
  Bytes,
  Condition,
  Failure,
  KeyRange,
  KvRecord,
  Operation,
  PutOperation,
  Query,
  QueryResult,
  Read,
  Reply,
  StepResult,
  TxnOperation,
  TxnStep,
} from '../../kv/operation.ts';
import { UNSTATED } from './history.ts';
import type { Answer, ClientOperation } from './history.ts';
import { NO_LEASE } from './models/record.ts';
import { bytesText } from './text.ts';

const TEXT_MAX = 40;

/** `[  12.5 …   14] c2 #7  put a = x if absent → revision 3` */
export function describeOperation(operation: ClientOperation): string {
  const { callMs, returnMs, client, callId } = operation;
  const end = returnMs === Infinity ? '∞' : timeText(returnMs);
  return `[${timeText(callMs)} … ${end}] ${client} #${callId}  ${asked(operation)} → ${answered(operation)}`;
}

export function timeText(ms: number): string {
  return Number.isInteger(ms) ? String(ms) : ms.toFixed(3);
}

export function describeWrite(operation: Operation): string {
  switch (operation.type) {
    case 'put':
      return `put ${bytes(operation.key)} = ${bytes(operation.value)}${conditionsText(operation.conditions)}${leaseText(operation.lease)}`;
    case 'delete':
      return `delete ${rangeText(operation.target)}${conditionsText(operation.conditions)}`;
    case 'increment':
      return `increment ${bytes(operation.key)} by ${operation.by}`;
    case 'compact':
      return `compact to ${revisionText(operation.revision)}`;
    case 'txn':
      return txnText(operation);
    case 'leaseGrant':
      return operation.id === NO_LEASE ? 'grant a lease' : `grant lease ${operation.id}`;
    case 'leaseRenew':
      return `renew lease ${operation.ids.join(', ')}`;
    case 'leaseRevoke':
      return `revoke lease ${operation.id}`;
    case 'leaseExpire':
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
    case 'resolve':
      return operation.type;
  }
}

export function describeReply(reply: Reply): string {
  switch (reply.type) {
    case 'put':
      return (
        revisionText(reply.revision) +
        (reply.previous === null ? '' : `, before ${recordText(reply.previous)}`)
      );
    case 'delete':
      return `${reply.deleted} deleted, ${revisionText(reply.revision)}${recordsText(reply.previous)}`;
    case 'increment':
      return `${reply.value}, ${revisionText(reply.revision)}`;
    case 'compact':
      return `floor ${reply.floor}, ${revisionText(reply.revision)}`;
    case 'txn':
      return `${reply.succeeded ? 'did' : 'did otherwise'} (${reply.results.map(stepText).join('; ')}), ${revisionText(reply.revision)}`;
    case 'failure':
      return `${failureText(reply.failure)}, ${revisionText(reply.revision)}`;
    case 'leaseGrant':
      return `lease ${reply.lease}, ${revisionText(reply.revision)}`;
    case 'leaseRenew':
      return `${reply.ttlsMs.map((ttlMs) => (ttlMs === 0 ? 'gone' : `${ttlMs} ms`)).join(', ')}, ${revisionText(reply.revision)}`;
    case 'leaseRevoke':
      return `${reply.deleted} deleted, ${revisionText(reply.revision)}`;
    case 'leaseExpire':
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
    case 'resolve':
      return `${reply.type}, ${revisionText(reply.revision)}`;
  }
}

export function describeAnswer({ revision, level, result }: Answer): string {
  return `${resultText(result)}, ${level} at ${revisionText(revision)}`;
}

function resultText(result: QueryResult): string {
  switch (result.type) {
    case 'get':
      return result.records.map(recordText).join(', ');
    case 'scan':
      return `${result.count}${result.more ? ' and more' : ''}${recordsText(result.records)}`;
    case 'past':
      return `${resultText(result.result)}${result.resume === null ? '' : ` up to ${bytes(result.resume)}`}`;
    case 'txn':
      return describeReply(result);
    case 'failure':
      return failureText(result.failure);
  }
}

function asked(operation: ClientOperation): string {
  if (operation.type === 'write') return describeWrite(operation.operation);
  return `${operation.level === 'local' ? 'local ' : ''}${queryText(operation.query)}`;
}

function answered(operation: ClientOperation): string {
  if (operation.outcome.type !== 'ok') return operation.outcome.type;
  if (operation.type === 'read') return describeAnswer(operation.outcome.output);
  return describeReply(operation.outcome.output);
}

function queryText(query: Query): string {
  if (query.type === 'get') return `get ${query.keys.map(bytes).join(', ')}`;
  if (query.type === 'txn') return txnText(query);
  if (query.type === 'past') return `${queryText(query.read)} as of revision ${query.revision}`;
  const { range, limit, reverse, keysOnly, countOnly } = query;
  const options = [limit > 0 && `limit ${limit}`, reverse && 'reverse', keysOnly && 'keys only'].filter(
    Boolean,
  );
  return [countOnly ? 'count' : 'scan', rangeText(range), ...options].join(' ');
}

function txnText({ when, do: first, otherwise }: TxnOperation): string {
  const compares = when.map(({ target, operator, operand }) => {
    const { type } = operand;
    const to = type === 'value' ? bytes(operand.value) : type === 'lease' ? operand.lease : operand.number;
    return `${type} of ${rangeText(target)} ${operator} ${to}`;
  });
  return `txn when (${compares.join(', ')}) do (${stepsText(first)}) otherwise (${stepsText(otherwise)})`;
}

function stepsText(steps: readonly TxnStep[]): string {
  return steps.map((step) => (isReadStep(step) ? queryText(step) : describeWrite(step))).join('; ');
}

function isReadStep(step: TxnStep): step is Read {
  return step.type === 'get' || step.type === 'scan' || step.type === 'past';
}

function stepText(result: StepResult): string {
  const isRead = result.type === 'get' || result.type === 'scan' || result.type === 'past';
  return isRead ? resultText(result) : describeReply(result);
}

function rangeText({ start, end }: KeyRange): string {
  if (end === null) return bytes(start);
  return `[${bytes(start)}, ${end.length === 0 ? '…' : bytes(end)})`;
}

function leaseText(lease: PutOperation['lease']): string {
  if (lease === undefined || lease === NO_LEASE) return '';
  return lease === 'keep' ? ' keeping its lease' : ` on lease ${lease}`;
}

function conditionsText(conditions: readonly Condition[]): string {
  return conditions.map((condition) => ` if ${conditionText(condition)}`).join('');
}

function conditionText(condition: Condition): string {
  switch (condition.type) {
    case 'absent':
    case 'present':
      return condition.type;
    case 'revision':
      return `at revision ${condition.modRevision}`;
    case 'version':
      return `at version ${condition.version}`;
  }
}

function failureText(failure: Failure): string {
  switch (failure.code) {
    case 'CONFLICT':
      return `CONFLICT with ${recordText(failure.current)}`;
    case 'NOT_A_COUNTER':
      return failure.code;
    case 'COUNTER_OVERFLOW':
      return `COUNTER_OVERFLOW at ${failure.value}`;
    case 'COMPACTED':
      return `COMPACTED up to ${failure.floor}`;
    case 'FUTURE_REVISION':
      return `FUTURE_REVISION, now ${failure.revision}`;
    case 'DUPLICATE_KEY':
      return failure.code;
    case 'TXN_FAILED':
      return `TXN_FAILED at ${failure.at}: ${failureText(failure.cause)}`;
    case 'LEASE_NOT_FOUND':
    case 'LEASE_EXISTS':
      return `${failure.code} of lease ${failure.lease}`;
    case 'RESULT_TOO_LARGE':
    case 'TOO_MANY_LEASES':
    case 'SESSION_EXPIRED':
    case 'SEQUENCE_ACKNOWLEDGED':
    case 'RESOLVED_NEVER':
    case 'TOO_MANY_UNACKNOWLEDGED':
      return failure.code;
  }
}

function recordsText(records: readonly KvRecord[]): string {
  return records.length === 0 ? '' : `: ${records.map(recordText).join(', ')}`;
}

function recordText(record: KvRecord | null): string {
  if (record === null) return 'absent';
  const stamp = [
    record.modRevision === UNSTATED ? '' : `@${record.modRevision}`,
    record.version === UNSTATED ? '' : `v${record.version}`,
    record.lease === NO_LEASE ? '' : ` on lease ${record.lease}`,
  ].join('');
  return `${bytes(record.key)} = ${bytes(record.value)}${stamp === '' ? '' : ` ${stamp}`}`;
}

function revisionText(revision: number): string {
  return revision === UNSTATED ? 'revision not stated' : `revision ${revision}`;
}

function bytes(given: Bytes): string {
  const text = bytesText(given);
  const quoted = /^[\w./:-]+$/u.test(text) ? text : JSON.stringify(text);
  return quoted.length <= TEXT_MAX ? quoted : `${quoted.slice(0, TEXT_MAX)}… (${given.length} bytes)`;
}
