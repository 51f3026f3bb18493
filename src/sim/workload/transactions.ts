/**
 * Transactions that mean something, as applications write them. Those that mean nothing: any-transaction.ts.
 *
 *   swap       two registers are as they were seen: both get a new value; else both are read
 *   transfer   from one counter to the other, if there is anything to take
 *   nested     a transaction in a transaction, with a delete, a scan and a step that may fail
 */
import type { Compare, Query, ReadTxn, TxnOperation, TxnStep } from '../../kv/operation.ts';
import type { RandomStream } from '../kernel/random.ts';
import { bytes, get, one, SET } from './keys.ts';
import type { Seen } from './memory.ts';

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
function asSeen(key: string, draws: RandomStream, { records }: Seen): Compare {
  const known = records.get(key);
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
      compare(from, '!=', { type: 'value', value: bytes('0') }),
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
    when: [{ target: SET, operator: '<', operand: { type: 'version', number: draws.between(2, 4) } }],
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

const SCAN = {
  type: 'scan',
  range: SET,
  limit: 0,
  reverse: false,
  keysOnly: false,
  countOnly: false,
} as const satisfies Query;

function compare(key: string, operator: Compare['operator'], operand: Compare['operand']): Compare {
  return { target: one(key), operator, operand };
}

function put(key: string, value: string): TxnStep {
  return { type: 'put', key: bytes(key), value: bytes(value), conditions: [], returnPrevious: false };
}

function remove(key: string): TxnStep {
  return { type: 'delete', target: one(key), conditions: [], returnPrevious: true };
}

function increment(key: string, by: bigint): TxnStep {
  return { type: 'increment', key: bytes(key), by };
}
