/**
 * A reply with bytes of its own. Keys and values in replies are slices of the blocks of the log that they came in;
 * a reply that is kept as it is would keep those blocks, a thousand times its size.
 */
import type {
  Failure,
  GetResult,
  KvRecord,
  PastResult,
  Reply,
  ScanResult,
  StepFailure,
  StepResult,
  TxnReply,
  WriteReply,
} from './operation.ts';

export function detachedReply(reply: Reply): Reply {
  switch (reply.type) {
    case 'put':
    case 'delete':
    case 'increment':
      return ofWrite(reply);
    case 'txn':
      return ofTxn(reply);
    case 'failure':
      return { ...reply, failure: ofFailure(reply.failure) };
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
      return reply;
  }
}

function ofWrite(reply: WriteReply): WriteReply {
  if (reply.type === 'put')
    return reply.previous === null ? reply : { ...reply, previous: present(reply.previous) };
  if (reply.type === 'delete') return { ...reply, previous: reply.previous.map(present) };
  return reply;
}

function ofTxn(reply: TxnReply): TxnReply {
  return { ...reply, results: reply.results.map(ofStep) };
}

function ofStep(result: StepResult): StepResult {
  switch (result.type) {
    case 'get':
    case 'scan':
      return ofRead(result);
    case 'past':
      return ofPast(result);
    case 'txn':
      return ofTxn(result);
    case 'put':
    case 'delete':
    case 'increment':
      return ofWrite(result);
  }
}

function ofRead(result: GetResult | ScanResult): GetResult | ScanResult {
  return result.type === 'get'
    ? { ...result, records: result.records.map(ofRecord) }
    : { ...result, records: result.records.map(present) };
}

function ofPast({ type, result, resume }: PastResult): PastResult {
  return { type, result: ofRead(result), resume: resume === null ? null : resume.slice() };
}

function ofFailure(failure: Failure): Failure {
  if (failure.code !== 'TXN_FAILED') return failure.code === 'CONFLICT' ? ofConflict(failure) : failure;
  return failure.cause.code === 'CONFLICT' ? { ...failure, cause: ofConflict(failure.cause) } : failure;
}

function ofConflict(failure: Extract<StepFailure, { code: 'CONFLICT' }>): StepFailure {
  return { code: 'CONFLICT', current: ofRecord(failure.current) };
}

function ofRecord(record: KvRecord | null): KvRecord | null {
  return record === null ? null : present(record);
}

function present(record: KvRecord): KvRecord {
  return { ...record, key: Uint8Array.from(record.key), value: Uint8Array.from(record.value) };
}
