/**
 * Operations on several keys at once, on the past and on history itself.
 *
 *   swap       two registers are as they were seen: both get a new value; else both are read
 *   transfer   from one counter to the other, if there is anything to take
 *   nested     a transaction in a transaction, with a delete, a scan and a step that may fail
 */
import type { Compare, Operation, Query, ReadTxn, TxnOperation, TxnStep } from '../../kv/operation.ts';
import type { RandomStream } from '../kernel/random.ts';

/** What a client has seen. */
export interface Seen {
  readonly modRevisions: ReadonlyMap<string, { readonly modRevision: number; readonly version: number }>;
  readonly revision: number;
}

/** How far back clients look, in revisions: now and then beyond what is kept, or ahead of what is there. */
const PAST_REVISIONS = 120;
const FUTURE_REVISIONS = 3;

export function drawTxn(draws: RandomStream, seen: Seen, unique: string): TxnOperation {
  const kind = draws.below(3);
  if (kind === 0) return swap(draws, seen, unique);
  return kind === 1 ? transfer(draws) : nested(draws, seen, unique);
}

function swap(draws: RandomStream, seen: Seen, unique: string): TxnOperation {
  const first = draws.below(4);
  const [a, b] = [`r${first}`, `r${(first + draws.between(1, 3)) % 4}`];
  return {
    type: 'txn',
    when: [asSeen(a, draws, seen), ...(draws.chance(50) ? [asSeen(b, draws, seen)] : [])],
    do: [put(a, `${unique}a`), put(b, `${unique}b`)],
    otherwise: draws.chance(50) ? [get(a, b)] : [],
  };
}

/** Of the record last seen; of one that was never seen, that it is not there. */
function asSeen(key: string, draws: RandomStream, { modRevisions }: Seen): Compare {
  const known = modRevisions.get(key);
  if (known === undefined) return compare(key, '=', { type: 'version', number: 0 });
  if (draws.chance(20)) return compare(key, '>', { type: 'version', number: known.version });
  return compare(key, '=', { type: 'modRevision', number: known.modRevision });
}

function transfer(draws: RandomStream): TxnOperation {
  const [from, to] = draws.chance(50) ? ['n0', 'n1'] : ['n1', 'n0'];
  const amount = BigInt(draws.between(1, 4));
  return {
    type: 'txn',
    when: [
      compare(from, '>', { type: 'version', number: 0 }),
      compare(from, '!=', { type: 'value', value: text('0') }),
    ],
    do: [increment(from, -amount), increment(to, amount), get(from, to)],
    otherwise: [increment(from, amount)],
  };
}

function nested(draws: RandomStream, seen: Seen, unique: string): TxnOperation {
  const register = `r${draws.below(4)}`;
  const member = `s${draws.below(6)}`;
  const inner: TxnOperation = {
    type: 'txn',
    when: [{ target: MEMBERS, operator: '<', operand: { type: 'version', number: draws.between(2, 4) } }],
    do: [remove(member), SCAN],
    otherwise: [put(member, `${unique}m`)],
  };
  // On a register it fails, and all before it is undone.
  const risky = increment(draws.chance(15) ? register : 'n0', 1n);
  return {
    type: 'txn',
    when: draws.chance(70) ? [] : [asSeen(register, draws, seen)],
    do: [inner, risky],
    otherwise: [put(register, `${unique}r`), inner],
  };
}

export function drawReadTxn(draws: RandomStream, seen: Seen): ReadTxn {
  const register = `r${draws.below(4)}`;
  return {
    type: 'txn',
    when: [asSeen(register, draws, seen)],
    do: [get(register, 'n0', 'n1')],
    otherwise: [get(register), SCAN],
  };
}

export function drawPast(draws: RandomStream, seen: Seen): Query {
  const back = draws.between(-FUTURE_REVISIONS, draws.chance(80) ? 20 : PAST_REVISIONS);
  const revision = Math.max(1, seen.revision - back);
  const read = draws.chance(50) ? get(`r${draws.below(4)}`, 'n0', `s${draws.below(6)}`) : SCAN;
  return { type: 'past', revision, read };
}

export function drawCompact(draws: RandomStream, seen: Seen): Operation {
  return { type: 'compact', revision: Math.max(1, seen.revision - draws.below(60)) };
}

const MEMBERS = { start: text('s'), end: text('t') };
const SCAN = {
  type: 'scan',
  range: MEMBERS,
  limit: 0,
  reverse: false,
  keysOnly: false,
  countOnly: false,
} as const satisfies Query;

function compare(key: string, operator: Compare['operator'], operand: Compare['operand']): Compare {
  return { target: { start: text(key), end: null }, operator, operand };
}

function put(key: string, value: string): TxnStep {
  return { type: 'put', key: text(key), value: text(value), conditions: [], returnPrevious: false };
}

function remove(key: string): TxnStep {
  const target = { start: text(key), end: null };
  return { type: 'delete', target, conditions: [], returnPrevious: true };
}

function increment(key: string, by: bigint): TxnStep {
  return { type: 'increment', key: text(key), by };
}

function get(...keys: readonly string[]): Extract<Query, { type: 'get' }> {
  return { type: 'get', keys: keys.map(text) };
}

function text(characters: string): Uint8Array {
  return Buffer.from(characters);
}
