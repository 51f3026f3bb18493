/** Whether what a client was told is what the replay says. What the recorder did not see (UNSTATED) agrees. */
import type {
  Bytes,
  Failure,
  GetQuery,
  KvRecord,
  Operation,
  Query,
  QueryResult,
  Reply,
  Revision,
  ScanQuery,
  ScanResult,
  StepResult,
  TxnReply,
} from '../../../kv/operation.ts';
import { UNSTATED } from '../history.ts';
import { bytesText } from '../text.ts';
import type { Replay } from './replay.ts';

export function sameBytes(a: Bytes, b: Bytes): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] !== b[at]) return false;
  }
  return true;
}

export function sameOperation(a: Operation, b: Operation): boolean {
  if (a.type === 'put' && b.type === 'put') {
    return sameBytes(a.key, b.key) && sameBytes(a.value, b.value) && a.lease === b.lease && sameOptions(a, b);
  }
  if (a.type === 'delete' && b.type === 'delete') {
    const { start, end } = a.target;
    const other = b.target;
    const sameEnd = end === null || other.end === null ? end === other.end : sameBytes(end, other.end);
    return sameBytes(start, other.start) && sameEnd && sameOptions(a, b);
  }
  if (a.type === 'compact' && b.type === 'compact') return a.revision === b.revision;
  if (a.type === 'increment' && b.type === 'increment') return sameBytes(a.key, b.key) && a.by === b.by;
  return a.type === b.type && operationName(a) === operationName(b);
}

/** Equal for equal operations and only for them. */
export function operationName(operation: Operation): string {
  // A Buffer has turned itself into something else before a replacer is shown it.
  return JSON.stringify(operation, function plain(this: Readonly<Record<string, unknown>>, name: string) {
    const part = this[name];
    if (part instanceof Uint8Array) return bytesText(part);
    return typeof part === 'bigint' ? part.toString() : part;
  });
}

type Options = Pick<Extract<Operation, { type: 'put' }>, 'conditions' | 'returnPrevious'>;

function sameOptions(a: Options, b: Options): boolean {
  if (a.returnPrevious !== b.returnPrevious || a.conditions.length !== b.conditions.length) return false;
  return a.conditions.every(
    (condition, at) => JSON.stringify(condition) === JSON.stringify(b.conditions[at]),
  );
}

export function agreeOnReply(replayed: Reply, told: Reply): boolean {
  if (!agreeOnNumber(replayed.revision, told.revision)) return false;
  if (replayed.type === 'put' && told.type === 'put') return agreeOnRecord(replayed.previous, told.previous);
  if (replayed.type === 'delete' && told.type === 'delete') {
    return replayed.deleted === told.deleted && agreeOnRecords(replayed.previous, told.previous);
  }
  if (replayed.type === 'increment' && told.type === 'increment') return replayed.value === told.value;
  if (replayed.type === 'compact' && told.type === 'compact') return replayed.floor === told.floor;
  if (replayed.type === 'leaseRevoke' && told.type === 'leaseRevoke')
    return replayed.deleted === told.deleted;
  if (replayed.type === 'leaseGrant' && told.type === 'leaseGrant') {
    return replayed.lease === told.lease && agreeOnNumber(replayed.ttlMs, told.ttlMs);
  }
  if (replayed.type === 'leaseRenew' && told.type === 'leaseRenew') {
    return replayed.ttlsMs.join(' ') === told.ttlsMs.join(' ');
  }
  if (replayed.type === 'failure' && told.type === 'failure')
    return agreeOnFailure(replayed.failure, told.failure);
  return replayed.type === 'txn' && told.type === 'txn' && agreeOnTxn(replayed, told);
}

function agreeOnTxn(replayed: TxnReply, told: TxnReply): boolean {
  if (replayed.succeeded !== told.succeeded || replayed.results.length !== told.results.length) return false;
  return replayed.results.every((step, place) => agreeOnStep(step, told.results[place]));
}

function agreeOnStep(replayed: StepResult, told: StepResult | undefined): boolean {
  switch (replayed.type) {
    case 'get':
      if (told?.type !== 'get' || told.records.length !== replayed.records.length) return false;
      return replayed.records.every((record, at) => agreeOnRecord(record, told.records[at] ?? null));
    case 'scan':
      if (told?.type !== 'scan' || told.count !== replayed.count || told.more !== replayed.more) return false;
      return agreeOnRecords(replayed.records, told.records);
    case 'past':
      if (told?.type !== 'past' || !agreeOnStep(replayed.result, told.result)) return false;
      // Where it goes on may also be behind a key that was not there.
      return (replayed.resume === null) === (told.resume === null);
    case 'put':
    case 'delete':
    case 'increment':
    case 'txn':
      if (told === undefined || told.type === 'get' || told.type === 'scan' || told.type === 'past')
        return false;
      return agreeOnReply(replayed, told);
  }
}

function agreeOnFailure(replayed: Failure, told: Failure): boolean {
  if (replayed.code === 'CONFLICT' && told.code === 'CONFLICT') {
    return agreeOnRecord(replayed.current, told.current);
  }
  if (replayed.code === 'COUNTER_OVERFLOW' && told.code === 'COUNTER_OVERFLOW') {
    return replayed.value === told.value;
  }
  if (replayed.code === 'TXN_FAILED' && told.code === 'TXN_FAILED') {
    return replayed.at === told.at && agreeOnFailure(replayed.cause, told.cause);
  }
  if (replayed.code === 'COMPACTED' && told.code === 'COMPACTED') return replayed.floor === told.floor;
  if (replayed.code === 'FUTURE_REVISION' && told.code === 'FUTURE_REVISION') {
    return replayed.revision === told.revision;
  }
  if ('lease' in replayed && 'lease' in told && replayed.lease !== told.lease) return false;
  return replayed.code === told.code;
}

/** `replay` stands at the state that was read: for a read of the past, at that of the past. */
export function agreeOnAnswer(replay: Replay, query: Query, told: QueryResult): boolean {
  switch (query.type) {
    case 'get':
      return agreeOnGet(replay, query, told);
    case 'scan':
      return told.type === 'scan' && agreeOnPage(replay.list(query.range), query, told);
    case 'txn': {
      const replayed = replay.query(query, floorTold(told) ?? replay.floor);
      if ('type' in replayed) return told.type === 'txn' && agreeOnReply(replayed, told);
      return told.type === 'failure' && agreeOnFailure(replayed, told.failure);
    }
    case 'past':
      if (told.type !== 'past') return false;
      if (query.read.type === 'get')
        return told.resume === null && agreeOnGet(replay, query.read, told.result);
      return told.result.type === 'scan' && agreeOnPast(replay, query.read, told.result, told.resume);
  }
}

/** Which of the floors of one revision a read met, its answer alone can tell; floors.ts judges whether it can be. */
function floorTold(told: QueryResult): Revision | null {
  if (told.type !== 'failure' || told.failure.code !== 'TXN_FAILED') return null;
  return told.failure.cause.code === 'COMPACTED' ? told.failure.cause.floor : null;
}

function agreeOnGet(replay: Replay, { keys }: GetQuery, told: QueryResult): boolean {
  if (told.type !== 'get' || told.records.length !== keys.length) return false;
  return keys.every((key, slot) => agreeOnRecord(replay.find(key), told.records[slot] ?? null));
}

/**
 * A page may end before the range does at a limit of bytes or records that is the node's own; then it says so, and
 * it is not empty.
 */
function agreeOnPage(inRange: readonly KvRecord[], query: ScanQuery, told: ScanResult): boolean {
  const { count, more } = told;
  if (query.countOnly) return count === inRange.length && told.records.length === 0 && !more;
  if (more !== inRange.length > count || (more && count === 0)) return false;
  return agreeOnShown((query.reverse ? inRange.toReversed() : [...inRange]).slice(0, count), query, told);
}

/** A page of the past may also be empty and not the last; it is whole up to `resume`. */
function agreeOnPast(replay: Replay, query: ScanQuery, told: ScanResult, resume: Bytes | null): boolean {
  if (told.more !== (resume !== null)) return false;
  const inRange = replay.list(query.range);
  const page = (query.reverse ? inRange.toReversed() : inRange).filter(({ key }) => {
    if (resume === null) return true;
    return query.reverse ? bytesText(key) >= bytesText(resume) : bytesText(key) <= bytesText(resume);
  });
  if (query.countOnly) return told.count === page.length && told.records.length === 0;
  return agreeOnShown(page, query, told);
}

function agreeOnShown(page: readonly KvRecord[], query: ScanQuery, { records, count }: ScanResult): boolean {
  if (count !== records.length || (query.limit !== 0 && count > query.limit)) return false;
  return agreeOnRecords(query.keysOnly ? page.map(withoutValue) : page, records);
}

function withoutValue(record: KvRecord): KvRecord {
  return { ...record, value: new Uint8Array(0) };
}

function agreeOnRecords(replayed: readonly KvRecord[], told: readonly KvRecord[]): boolean {
  return (
    replayed.length === told.length && replayed.every((record, at) => agreeOnRecord(record, told[at] ?? null))
  );
}

function agreeOnRecord(replayed: KvRecord | null, told: KvRecord | null): boolean {
  if (replayed === null || told === null) return replayed === told;
  return (
    sameBytes(replayed.key, told.key) &&
    sameBytes(replayed.value, told.value) &&
    agreeOnNumber(replayed.createRevision, told.createRevision) &&
    agreeOnNumber(replayed.modRevision, told.modRevision) &&
    agreeOnNumber(replayed.version, told.version) &&
    replayed.lease === told.lease
  );
}

function agreeOnNumber(replayed: number, told: number): boolean {
  return told === UNSTATED || replayed === told;
}
