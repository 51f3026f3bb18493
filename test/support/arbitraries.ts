/** Random messages of every kind, for round trips and fuzzing. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type {
  Compare,
  Condition,
  Failure,
  GetQuery,
  GetResult,
  KeyRange,
  KvRecord,
  LeaseOperation,
  Operation,
  Query,
  QueryResult,
  Read,
  ReadResult,
  ReadTxn,
  Reply,
  Resolution,
  ScanQuery,
  ScanResult,
  SessionFailure,
  SessionOperation,
  StepFailure,
  StepResult,
  Txn,
  TxnOperation,
  TxnReply,
  WriteOperation,
  WriteReply,
} from '../../src/kv/operation.ts';
import type { Entry } from '../../src/raft/entry.ts';
import type { Membership } from '../../src/raft/membership.ts';
import type { Message } from '../../src/raft/message.ts';
import type { NodeId } from '../../src/raft/types.ts';
import type { ClientMessage, ServerMessage, Topology } from '../../src/wire/client-protocol.ts';
import { ERROR_CODES, isErrorCode } from '../../src/wire/errors.ts';
import type { ErrorDetails, Outcome } from '../../src/wire/errors.ts';
import type { ForwardResult, PeerMessage } from '../../src/wire/peer-protocol.ts';

const count = fc.maxSafeNat();
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Now and then longer than 64 bytes, from where on msgpackr goes another way. */
const name = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => text.length <= 256);
const hexId = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((id) => id.toString(16).padStart(32, '0'));
const bytes = fc.uint8Array({ maxLength: 40 });
export const key: Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1, maxLength: 12 });

function orNull<T>(arbitrary: Arbitrary<T>): Arbitrary<T | null> {
  return fc.option(arbitrary, { nil: null });
}

const condition: Arbitrary<Condition> = fc.oneof(
  fc.constant<Condition>({ type: 'absent' }),
  fc.constant<Condition>({ type: 'present' }),
  count.map<Condition>((modRevision) => ({ type: 'revision', modRevision })),
  count.map<Condition>((version) => ({ type: 'version', version })),
);

const conditions = fc.array(condition, { maxLength: 3 });

const write: Arbitrary<WriteOperation> = fc.oneof(
  fc.record(
    {
      type: fc.constant('put' as const),
      key,
      value: bytes,
      conditions,
      returnPrevious: fc.boolean(),
      lease: fc.oneof(
        fc.constant('keep' as const),
        int64.filter((id) => id !== 0n),
      ),
    },
    { requiredKeys: ['type', 'key', 'value', 'conditions', 'returnPrevious'] },
  ),
  fc.record({
    type: fc.constant('delete' as const),
    target: fc.record({ start: key, end: fc.constant(null) }),
    conditions,
    returnPrevious: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('delete' as const),
    target: fc.record({ start: bytes, end: bytes }),
    conditions: fc.constant([]),
    returnPrevious: fc.boolean(),
  }),
  fc.record({ type: fc.constant('increment' as const), key, by: int64 }),
);

const kvRecord: Arbitrary<KvRecord> = fc.record({
  key,
  value: bytes,
  createRevision: count,
  modRevision: count,
  version: count,
  lease: int64,
});

const keyRange: Arbitrary<KeyRange> = fc.oneof(
  fc.record({ start: key, end: fc.constant(null) }),
  fc.record({ start: bytes, end: bytes }),
);

const read: Arbitrary<GetQuery | ScanQuery> = fc.oneof(
  fc.record({ type: fc.constant('get' as const), keys: fc.array(key, { maxLength: 4 }) }),
  fc.record({
    type: fc.constant('scan' as const),
    range: keyRange,
    limit: count,
    reverse: fc.boolean(),
    keysOnly: fc.boolean(),
    countOnly: fc.boolean(),
  }),
);

const anyRead: Arbitrary<Read> = fc.oneof(
  read,
  fc.record({ type: fc.constant('past' as const), revision: count, read }),
);

const compare: Arbitrary<Compare> = fc.record({
  target: keyRange,
  operator: fc.constantFrom('=' as const, '!=' as const, '<' as const, '>' as const),
  operand: fc.oneof(
    fc.record({ type: fc.constant('value' as const), value: bytes }),
    fc.record({
      type: fc.constantFrom('version' as const, 'createRevision' as const, 'modRevision' as const),
      number: count,
    }),
    fc.record({ type: fc.constant('lease' as const), lease: int64 }),
  ),
});

function txnOf<Step>(step: Arbitrary<Step>): Arbitrary<Txn<Step>> {
  const steps = fc.array(step, { maxLength: 3 });
  const when = fc.array(compare, { maxLength: 2 });
  return fc.record({ type: fc.constant('txn' as const), when, do: steps, otherwise: steps });
}

const txn: Arbitrary<TxnOperation> = txnOf(fc.oneof(write, anyRead, txnOf(fc.oneof(write, anyRead))));
const readTxn: Arbitrary<ReadTxn> = txnOf(fc.oneof(anyRead, txnOf(anyRead)));

const ids = fc.array(int64, { maxLength: 4 });
const ttlMs = fc.integer({ min: 100, max: 2 ** 40 });
const leaseOperation: Arbitrary<LeaseOperation> = fc.oneof(
  fc.record({ type: fc.constant('leaseGrant' as const), id: int64, ttlMs }),
  fc.record({ type: fc.constant('leaseRenew' as const), ids }),
  fc.record({ type: fc.constant('leaseRevoke' as const), id: int64 }),
  fc.record({ type: fc.constant('leaseExpire' as const), ids, term: count }),
);
const sessionOperation: Arbitrary<SessionOperation> = fc.oneof(
  fc.record({ type: fc.constant('sessionOpen' as const), ttlMs }),
  fc.record({ type: fc.constant('sessionRenew' as const), ids }),
  fc.record({ type: fc.constant('sessionClose' as const), id: int64 }),
  fc.record({ type: fc.constant('sessionExpire' as const), ids, term: count }),
  fc.record({ type: fc.constant('resolve' as const), session: int64, sequence: count }),
);

export const operation: Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: write },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('compact' as const),
      revision: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    }),
  },
  { weight: 2, arbitrary: txn },
  { weight: 2, arbitrary: fc.oneof(sessionOperation, leaseOperation) },
);

const query: Arbitrary<Query> = fc.oneof(anyRead, readTxn);

const stepFailure: Arbitrary<StepFailure> = fc.oneof(
  fc.record({ code: fc.constant('CONFLICT' as const), current: orNull(kvRecord) }),
  fc.constant({ code: 'NOT_A_COUNTER' as const }),
  fc.record({ code: fc.constant('COUNTER_OVERFLOW' as const), value: int64 }),
  fc.record({ code: fc.constant('COMPACTED' as const), floor: count }),
  fc.record({ code: fc.constant('FUTURE_REVISION' as const), revision: count }),
  fc.constant({ code: 'DUPLICATE_KEY' as const }),
  fc.record({ code: fc.constant('LEASE_NOT_FOUND' as const), lease: int64 }),
);

const failure: Arbitrary<Failure> = fc.oneof(
  stepFailure,
  fc.record({ code: fc.constant('TXN_FAILED' as const), at: name, cause: stepFailure }),
  fc.record({ code: fc.constant('LEASE_EXISTS' as const), lease: int64 }),
  fc.constant<SessionFailure>({ code: 'SESSION_EXPIRED' }),
  fc.constant<SessionFailure>({ code: 'RESOLVED_NEVER' }),
  fc.record({
    code: fc.constantFrom('SEQUENCE_ACKNOWLEDGED' as const, 'TOO_MANY_UNACKNOWLEDGED' as const),
    acknowledgedThrough: count,
  }),
);

const readResult: Arbitrary<GetResult | ScanResult> = fc.oneof(
  fc.record({ type: fc.constant('get' as const), records: fc.array(orNull(kvRecord), { maxLength: 3 }) }),
  fc.record({
    type: fc.constant('scan' as const),
    records: fc.array(kvRecord, { maxLength: 3 }),
    count,
    more: fc.boolean(),
  }),
);

const anyReadResult: Arbitrary<ReadResult> = fc.oneof(
  readResult,
  fc.record({ type: fc.constant('past' as const), result: readResult, resume: orNull(key) }),
);

const writeReply: Arbitrary<WriteReply> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), revision: count, previous: orNull(kvRecord) }),
  fc.record({
    type: fc.constant('delete' as const),
    revision: count,
    deleted: count,
    previous: fc.array(kvRecord, { maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('increment' as const), revision: count, value: int64 }),
);

function txnReplyOf(step: Arbitrary<StepResult>): Arbitrary<TxnReply> {
  return fc.record({
    type: fc.constant('txn' as const),
    revision: count,
    succeeded: fc.boolean(),
    results: fc.array(step, { maxLength: 3 }),
  });
}

const stepResult: Arbitrary<StepResult> = fc.oneof(writeReply, anyReadResult);
const txnReply = txnReplyOf(fc.oneof(stepResult, txnReplyOf(stepResult)));

const queryResult: Arbitrary<QueryResult> = fc.oneof(
  anyReadResult,
  txnReply,
  fc.record({ type: fc.constant('failure' as const), failure }),
);

const plainReply: Arbitrary<Reply> = fc.oneof(
  writeReply,
  txnReply,
  fc.record({
    type: fc.constant('failure' as const),
    revision: count,
    failure,
  }),
  fc.record({ type: fc.constant('compact' as const), revision: count, floor: count }),
  fc.record({ type: fc.constant('leaseGrant' as const), revision: count, lease: int64, ttlMs: count }),
  fc.record({ type: fc.constant('leaseRevoke' as const), revision: count, deleted: count }),
  fc.record({ type: fc.constant('leaseExpire' as const), revision: count, expired: ids, deleted: count }),
  fc.record({ type: fc.constant('sessionOpen' as const), revision: count, session: int64 }),
  fc.record({
    type: fc.constantFrom('sessionRenew' as const, 'leaseRenew' as const),
    revision: count,
    ttlsMs: fc.array(count, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('sessionClose' as const), revision: count, closed: fc.boolean() }),
  fc.record({ type: fc.constant('sessionExpire' as const), revision: count, expired: ids }),
);

const reply: Arbitrary<Reply> = fc.oneof(
  { weight: 8, arbitrary: plainReply },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('resolve' as const),
      revision: count,
      resolution: fc.oneof(
        fc.record({ type: fc.constant('applied' as const), reply: plainReply }),
        fc.constant<Resolution>({ type: 'never' }),
      ),
    }),
  },
);

const errorCode = fc.constantFrom(...Object.keys(ERROR_CODES).filter(isErrorCode));
const outcome = fc.constantFrom<Outcome>('applied', 'not-applied', 'unknown');
const details: Arbitrary<ErrorDetails> = fc.record(
  {
    leader: name,
    retryAfterMs: count,
    currentRevision: count,
    limit: count,
    actual: count,
    hint: name,
    floor: count,
    revision: count,
    at: name,
  },
  { requiredKeys: [] },
);

const topology: Arbitrary<Topology> = fc.record({
  term: count,
  leader: orNull(name),
  members: fc.array(fc.record({ id: name, client: name }), { maxLength: 3 }),
});

const requestId = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const timeoutMs = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const level = fc.constantFrom('linearizable' as const, 'local' as const);

export const clientMessage: Arbitrary<ClientMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    protocolMin: count,
    protocolMax: count,
    client: name,
    clusterId: orNull(name),
  }),
  fc.record({
    type: fc.constant('write' as const),
    id: requestId,
    timeoutMs,
    session: int64,
    sequence: count,
    operation: bytes,
  }),
  fc.record({
    type: fc.constant('read' as const),
    id: requestId,
    timeoutMs,
    level,
    minRevision: count,
    query,
  }),
  fc.record({ type: fc.constant('cancel' as const), id: requestId }),
  fc.record({ type: fc.constant('ping' as const), nonce: count }),
);

export const serverMessage: Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    protocol: count,
    clusterId: name,
    nodeId: name,
    topology,
    limits: fc.record({
      keyBytesMax: count,
      valueBytesMax: count,
      requestBytesMax: count,
      inFlightMax: count,
    }),
  }),
  fc.record({ type: fc.constant('written' as const), id: requestId, term: count, reply }),
  fc.record({
    type: fc.constant('answer' as const),
    id: requestId,
    term: count,
    revision: count,
    level,
    ageMs: fc.integer({ min: -1, max: 2 ** 40 }),
    result: queryResult,
  }),
  fc.record({
    type: fc.constant('failed' as const),
    id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    code: errorCode,
    message: name,
    outcome,
    details,
  }),
  fc.record({ type: fc.constant('topology' as const), topology }),
  fc.constant({ type: 'goodbye' as const }),
  fc.record({ type: fc.constant('pong' as const), nonce: count }),
);

const nodeId: Arbitrary<NodeId> = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((id): id is NodeId => id !== '');
const position = fc.record({ index: count, term: count });
const head = { from: nodeId, to: nodeId, term: count };

/** In the order that every list of a membership has. */
function nodeIds(minLength: number): Arbitrary<readonly NodeId[]> {
  return fc.uniqueArray(nodeId, { minLength, maxLength: 3 }).map((chosen) => chosen.toSorted(byCodeUnits));
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

const membership: Arbitrary<Membership> = fc
  .record({ voters: nodeIds(1), outgoing: nodeIds(0), learners: nodeIds(0) })
  .map((lists) => ({ ...lists, learners: lists.learners.filter((id) => !lists.voters.includes(id)) }));

type Content =
  | { readonly kind: 'noop' }
  | { readonly kind: 'command'; readonly data: Uint8Array }
  | { readonly kind: 'membership'; readonly membership: Membership };

const content: Arbitrary<Content> = fc.oneof(
  fc.constant({ kind: 'noop' as const }),
  fc.record({ kind: fc.constant('command' as const), data: bytes }),
  fc.record({ kind: fc.constant('membership' as const), membership }),
);

/** A run of entries without a gap and with terms that do not fall, as every log is. */
export const entries: Arbitrary<readonly Entry[]> = fc
  .record({
    first: fc.integer({ min: 1, max: 2 ** 40 }),
    term: fc.integer({ min: 1, max: 2 ** 40 }),
    steps: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), content), { maxLength: 5 }),
  })
  .map(({ first, term, steps }) => {
    let current = term;
    return steps.map(([step, what], offset): Entry => {
      current += step;
      return { ...what, index: first + offset, term: current };
    });
  });

const raftMessage: Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('preVote' as const), ...head, last: position }),
  fc.record({
    type: fc.constant('preVoteReply' as const),
    ...head,
    granted: fc.boolean(),
    ahead: orNull(position),
  }),
  fc.record({
    type: fc.constant('vote' as const),
    ...head,
    last: position,
    reason: fc.constantFrom('election' as const, 'transfer' as const),
  }),
  fc.record({ type: fc.constant('voteReply' as const), ...head, granted: fc.boolean() }),
  fc.record({
    type: fc.constant('append' as const),
    ...head,
    prev: position,
    entries,
    commit: count,
    readSeq: count,
    sentAt: count,
  }),
  fc.record({
    type: fc.constant('appendReply' as const),
    ...head,
    result: fc.oneof(
      fc.record({ accepted: fc.constant(true as const), match: count }),
      fc.record({ accepted: fc.constant(false as const), prevIndex: count, hint: position }),
    ),
    readSeq: count,
    sentAt: count,
  }),
  fc.record({ type: fc.constant('timeoutNow' as const), ...head, last: position }),
  fc.record({ type: fc.constant('pull' as const), ...head, after: position }),
  fc.record({ type: fc.constant('pullReply' as const), ...head, asked: position, prev: position, entries }),
);

const forwardResult: Arbitrary<ForwardResult> = fc.oneof(
  fc.record({ accepted: fc.constant(true as const), term: count, index: count, ordinal: count }),
  fc.record({ accepted: fc.constant(false as const), code: errorCode, message: name, outcome }),
);

export const peerMessage: Arbitrary<PeerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    protocolMin: count,
    protocolMax: count,
    clusterName: name,
    clusterId: orNull(hexId),
    nodeId: name,
    incarnation: hexId,
    voters: fc.array(name, { maxLength: 3 }),
    expects: name,
    client: name,
    settings: fc.dictionary(fc.oneof(fc.constant('heartbeatMs'), name), name, { noNullPrototype: true }),
  }),
  fc.record({ type: fc.constant('refuse' as const), code: errorCode, message: name }),
  fc.record({
    type: fc.constant('genesis' as const),
    genesis: fc.record({
      clusterId: hexId,
      clusterName: name,
      voters: fc.array(fc.record({ id: name, incarnation: hexId }), { maxLength: 3 }),
    }),
  }),
  fc.record({ type: fc.constant('raft' as const), message: raftMessage }),
  fc.record({
    type: fc.constant('forward' as const),
    batch: count,
    requests: fc.array(fc.record({ session: int64, sequence: count, operation: bytes }), { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('forwarded' as const),
    batch: count,
    results: fc.array(forwardResult, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('readIndex' as const), batch: count }),
  fc.record({ type: fc.constant('readIndexReply' as const), batch: count, index: orNull(count) }),
  fc.constant({ type: 'ping' as const }),
);
