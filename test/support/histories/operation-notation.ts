/** One operation of a drawing; notation.ts has the grammar. */
import type {
  Compare,
  Condition,
  Failure,
  GetQuery,
  KeyRange,
  KvRecord,
  Operation,
  PutOperation,
  Query,
  QueryResult,
  Reply,
  ScanQuery,
  TxnOperation,
} from '../../../src/kv/operation.ts';
import type { ClientOperation, Interval, Outcome } from '../../../src/sim/linearizability/index.ts';
import { UNSTATED } from '../../../src/sim/linearizability/index.ts';
import { LEASE_VERBS, leaseReply, leaseStep, leaseWanted } from './lease-notation.ts';
import { Words } from './words.ts';

const WRITES = new Set(['put', 'del', 'inc', 'compact', 'txn', ...LEASE_VERBS]);

export function parseOperation(interval: Interval, text: string, ended: boolean): ClientOperation {
  const words = new Words(text);
  const revision = words.takeLast(/^@(\d+)$/u);
  const failed = words.takeLast(/^(failed)$/u) !== null;
  const at = revision === null ? UNSTATED : Number(revision);
  const outcome = <Output>(output: () => Output): Outcome<Output> => {
    if (!ended) return { type: 'unknown' };
    return failed ? { type: 'failed' } : { type: 'ok', output: output() };
  };
  if (WRITES.has(words.peek())) {
    const operation = write(words);
    return { ...interval, type: 'write', operation, outcome: outcome(() => reply(operation, words, at)) };
  }
  const minRevision = words.takeIf('min') ? words.number() : 0;
  const past = words.takeIf('as') ? words.skip('of').number() : null;
  const verb = words.take();
  const present = query(verb, words);
  const asked: Query = past === null ? present : { type: 'past', revision: past, read: present };
  const level = verb === 'local' ? 'local' : 'linearizable';
  const stated = verb === 'local' || verb === 'weak' ? 'local' : 'linearizable';
  return {
    ...interval,
    type: 'read',
    query: asked,
    level,
    minRevision,
    outcome: outcome(() => ({ revision: at, level: stated, result: result(asked, words) })),
  };
}

export function parseWrite(text: string): Operation {
  return write(new Words(text));
}

function write(words: Words): Operation {
  const verb = words.take();
  if (LEASE_VERBS.includes(verb)) return leaseStep(verb, words);
  if (verb === 'txn') return txn(words);
  if (verb === 'compact') return { type: 'compact', revision: words.number() };
  if (verb === 'inc') {
    const [key = '', by = ''] = words.take().split('+');
    return { type: 'increment', key: bytes(key), by: BigInt(by) };
  }
  if (verb === 'del') {
    const target = range(words.take());
    return { type: 'delete', target, conditions: conditions(words), returnPrevious: words.peek() === 'prev' };
  }
  const [key = '', value = ''] = words.take().split('=');
  const held = conditions(words);
  const lease = leaseWanted(words);
  const returnPrevious = words.peek() === 'prev';
  return { type: 'put', key: bytes(key), value: bytes(value), conditions: held, returnPrevious, ...lease };
}

/** `txn if x=1 if y=none do x=2 y=2 on 7`: values compared, then puts, all on one lease; nothing otherwise. */
function txn(words: Words): TxnOperation {
  const when: Compare[] = [];
  while (words.takeIf('if')) {
    const [key = '', value = ''] = words.take().split('=');
    const operand: Compare['operand'] =
      value === 'none' ? { type: 'version', number: 0 } : { type: 'value', value: bytes(value) };
    when.push({ target: { start: bytes(key), end: null }, operator: '=', operand });
  }
  words.skip('do');
  const steps: PutOperation[] = [];
  while (words.peek().includes('=')) {
    const [key = '', value = ''] = words.take().split('=');
    steps.push({ type: 'put', key: bytes(key), value: bytes(value), conditions: [], returnPrevious: false });
  }
  const lease = leaseWanted(words);
  return { type: 'txn', when, do: steps.map((step) => ({ ...step, ...lease })), otherwise: [] };
}

function conditions(words: Words): Condition[] {
  const found: Condition[] = [];
  while (words.takeIf('if')) {
    const kind = words.take();
    if (kind === 'absent' || kind === 'present') found.push({ type: kind });
    else if (kind === 'rev') found.push({ type: 'revision', modRevision: words.number() });
    else found.push({ type: 'version', version: words.number() });
  }
  return found;
}

function reply(operation: Operation, words: Words, revision: number): Reply {
  if (words.takeIf('!')) return { type: 'failure', revision, failure: failure(operation, words) };
  const { type } = operation;
  if (type === 'put') {
    const previous = words.takeIf('prev') ? record(operation.key, words.take()) : null;
    return { type, revision, previous };
  }
  if (type === 'delete') {
    const deleted = words.takeIf('prev') ? 1 : words.number();
    const previous = operation.returnPrevious ? [record(operation.target.start, words.take())] : [];
    return { type, revision, deleted, previous: previous.filter((found) => found !== null) };
  }
  if (type === 'increment') return { type, revision, value: BigInt(words.take().replace('=', '')) };
  if (type === 'compact') return { type, revision, floor: operation.revision };
  if (type === 'leaseGrant' || type === 'leaseRenew' || type === 'leaseRevoke')
    return leaseReply(operation, words, revision);
  if (type !== 'txn') throw new Error(`no drawing of ${type}`);
  if (words.takeIf('no')) return { type, revision, succeeded: false, results: [] };
  words.skip('yes');
  const results = operation.do.map(() => ({ type: 'put', revision, previous: null }) as const);
  return { type, revision, succeeded: true, results };
}

function failure(operation: Operation, words: Words): Failure {
  if (words.takeIf('text')) return { code: 'NOT_A_COUNTER' };
  if (words.takeIf('full')) return { code: 'COUNTER_OVERFLOW', value: BigInt(words.take()) };
  if (words.takeIf('compacted')) return { code: 'COMPACTED', floor: words.number() };
  if (words.takeIf('future')) return { code: 'FUTURE_REVISION', revision: words.number() };
  if (words.takeIf('gone')) return noLease(operation);
  if (operation.type === 'put') return { code: 'CONFLICT', current: record(operation.key, words.take()) };
  if (operation.type === 'delete')
    return { code: 'CONFLICT', current: record(operation.target.start, words.take()) };
  throw new Error(`a refusal that ${operation.type} does not know`);
}

/** Of a transaction, all puts hang on one lease, so it is the first that fails. */
function noLease(operation: Operation): Failure {
  if (operation.type === 'leaseRevoke') return { code: 'LEASE_NOT_FOUND', lease: operation.id };
  const put = operation.type === 'txn' ? operation.do[0] : operation;
  if (put?.type !== 'put' || typeof put.lease !== 'bigint') throw new Error('a refusal that names no lease');
  const cause = { code: 'LEASE_NOT_FOUND', lease: put.lease } as const;
  return operation.type === 'txn' ? { code: 'TXN_FAILED', at: 'do[0]', cause } : cause;
}

function query(verb: string, words: Words): GetQuery | ScanQuery {
  if (verb === 'scan' || verb === 'count') {
    const within = range(words.take());
    const limit = words.takeIf('limit') ? words.number() : 0;
    const reverse = words.takeIf('reverse');
    const keysOnly = words.takeIf('keys');
    return { type: 'scan', range: within, limit, reverse, keysOnly, countOnly: verb === 'count' };
  }
  const [shown = ''] = words.rest().join(' ').split('!');
  const keys = shown.split(' ').filter((word) => word !== '');
  return { type: 'get', keys: keys.map((word) => bytes(word.split('=')[0] ?? '')) };
}

function result(asked: Query, words: Words): QueryResult {
  if (words.rest().includes('!')) return { type: 'failure', failure: pastFailure(words) };
  switch (asked.type) {
    case 'past': {
      const shown = result(asked.read, words);
      if (shown.type !== 'get' && shown.type !== 'scan') throw new Error('the past of a past');
      return { type: 'past', result: shown, resume: null };
    }
    case 'txn':
      throw new Error('no drawing of a transaction');
    case 'get':
      return { type: 'get', records: words.drain().map(keyed) };
    case 'scan': {
      if (asked.countOnly) return { type: 'scan', records: [], count: words.number(), more: false };
      const more = words.takeLast(/^(more)$/u) !== null;
      const records = words
        .drain()
        .map(keyed)
        .filter((found) => found !== null);
      return { type: 'scan', records, count: records.length, more };
    }
  }
}

function pastFailure(words: Words): Failure {
  while (!words.takeIf('!')) words.take();
  const code = words.take();
  if (code === 'compacted') return { code: 'COMPACTED', floor: words.number() };
  return { code: 'FUTURE_REVISION', revision: words.number() };
}

/** `x=1:v2` */
function keyed(word: string): KvRecord | null {
  const [key = '', shown = ''] = word.split('=');
  return record(bytes(key), shown);
}

/** `1:r5v2c3l7` */
function record(key: Uint8Array, shown: string): KvRecord | null {
  if (shown === 'none') return null;
  const [value = '', stamp = ''] = shown.split(':');
  const stated = (letter: string): number =>
    Number(new RegExp(`${letter}(\\d+)`, 'u').exec(stamp)?.[1] ?? UNSTATED);
  const [modRevision, version, createRevision] = [stated('r'), stated('v'), stated('c')];
  return { key, value: bytes(value), modRevision, version, createRevision, lease: BigInt(stated('l')) };
}

function range(word: string): KeyRange {
  const [start = '', end] = word.split('..');
  return { start: bytes(start), end: end === undefined ? null : bytes(end) };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
