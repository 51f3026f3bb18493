/**
 * What clients ask for: every operation there is, over few keys, so that clients get in each other's way. A value is
 * written once in a whole run, so that whoever reads it knows the write.
 *
 *   r0 … r3   registers: put, conditional put, get, delete
 *   n0 n1     counters: increment, get
 *   s0 … s5   a set: put, delete, range delete, scan, count
 *   several   transactions over all of these, reads of the past, compactions
 */
import type { Condition, KeyRange, Operation, Query, Revision } from '../../kv/operation.ts';
import type { ReadLevel } from '../../wire/client-protocol.ts';
import { isReadOnly } from '../../wire/txn-check.ts';
import type { RandomStream } from '../kernel/random.ts';
import { drawAnyTxn } from './any-transaction.ts';
import { bytes, counter, drawGet, drawScan, get, member, one, register, SET } from './keys.ts';
import type { Seen } from './memory.ts';
import { drawCompact, drawPast } from './past.ts';
import { drawReadTxn, drawTxn } from './transactions.ts';

export type Asked =
  | { readonly type: 'write'; readonly operation: Operation }
  | {
      readonly type: 'read';
      readonly query: Query;
      readonly level: ReadLevel;
      readonly minRevision: Revision;
    };

/** All that there is, or reads alone. */
export type Habit = 'mixed' | 'reads';

/** How much of all is of several keys, or of the past. */
const SEVERAL_PERCENT = 30;

export function drawOperation(
  draws: RandomStream,
  seen: Seen,
  unique: string,
  habit: Habit = 'mixed',
): Asked {
  let asked = drawAny(draws, seen, unique);
  while (!suits(asked, habit)) asked = drawAny(draws, seen, unique);
  return asked;
}

function suits({ type }: Asked, habit: Habit): boolean {
  return habit === 'mixed' || type === 'read';
}

function drawAny(draws: RandomStream, seen: Seen, unique: string): Asked {
  if (draws.chance(SEVERAL_PERCENT)) return drawSeveral(draws, seen, unique);
  const kind = draws.below(100);
  if (kind < 14) return put(register(draws), unique, [], draws);
  if (kind < 30) return putIf(register(draws), unique, draws, seen);
  if (kind < 34) return removeRegister(register(draws), draws, seen);
  if (kind < 46) return increment(counter(draws), draws);
  if (kind < 54) return put(member(draws), unique, [], draws);
  if (kind < 57) return remove(one(member(draws)), [], draws);
  if (kind < 58) return remove(SET, [], draws);
  if (kind < 76) return read(get(register(draws)), draws, seen);
  if (kind < 84) return read(get(counter(draws)), draws, seen);
  return read(kind < 88 ? drawGet(draws) : drawScan(draws), draws, seen);
}

/** Of several keys, of the past, or of history. */
function drawSeveral(draws: RandomStream, seen: Seen, unique: string): Asked {
  const kind = draws.below(100);
  if (kind < 25) return { type: 'write', operation: drawTxn(draws, seen, unique) };
  if (kind < 60) return anyTxn(draws, seen, unique);
  if (kind < 65) return read(drawReadTxn(draws, seen), draws, seen);
  if (kind < 95) return read(drawPast(draws, seen), draws, seen);
  return { type: 'write', operation: drawCompact(draws, seen) };
}

/** As the SDK does: one that only reads is a read. */
function anyTxn(draws: RandomStream, seen: Seen, unique: string): Asked {
  const operation = drawAnyTxn(draws, seen, unique);
  return isReadOnly(operation) ? read(operation, draws, seen) : { type: 'write', operation };
}

function put(key: string, value: string, conditions: readonly Condition[], draws: RandomStream): Asked {
  const returnPrevious = draws.chance(30);
  return {
    type: 'write',
    operation: { type: 'put', key: bytes(key), value: bytes(value), conditions, returnPrevious },
  };
}

function putIf(key: string, value: string, draws: RandomStream, seen: Seen): Asked {
  return put(key, value, [conditionOn(key, draws, seen)], draws);
}

function removeRegister(key: string, draws: RandomStream, seen: Seen): Asked {
  return remove(one(key), draws.chance(50) ? [] : [conditionOn(key, draws, seen)], draws);
}

function remove(target: KeyRange, conditions: readonly Condition[], draws: RandomStream): Asked {
  return {
    type: 'write',
    operation: { type: 'delete', target, conditions, returnPrevious: draws.chance(30) },
  };
}

function increment(key: string, draws: RandomStream): Asked {
  return {
    type: 'write',
    operation: { type: 'increment', key: bytes(key), by: BigInt(draws.between(-1, 3)) },
  };
}

function conditionOn(key: string, draws: RandomStream, { records }: Seen): Condition {
  const known = records.get(key);
  if (known === undefined || draws.chance(20)) return { type: draws.chance(50) ? 'absent' : 'present' };
  if (draws.chance(20)) return { type: 'version', version: known.version };
  return { type: 'revision', modRevision: known.modRevision };
}

function read(query: Query, draws: RandomStream, seen: Seen): Asked {
  const level = draws.chance(80) ? 'linearizable' : 'local';
  const minRevision = draws.chance(20) ? seen.revision : 0;
  return { type: 'read', query, level, minRevision };
}
