/**
 * What clients ask for: every operation there is, over few keys, so that clients get in each other's way. A value is
 * written once in a whole run, so that whoever reads it knows the write.
 *
 *   r0 … r3   registers: put, conditional put, get, delete
 *   n0 n1     counters: increment, get
 *   s0 … s5   a set: put, delete, range delete, scan, count
 *   several   transactions over all of these, reads of the past, compactions
 */
import type { Condition, Operation, Query, Revision } from '../../kv/operation.ts';
import type { ReadLevel } from '../../wire/client-protocol.ts';
import type { RandomStream } from '../kernel/random.ts';
import { drawCompact, drawPast, drawReadTxn, drawTxn } from './transactions.ts';

export type Asked =
  | { readonly type: 'write'; readonly operation: Operation }
  | {
      readonly type: 'read';
      readonly query: Query;
      readonly level: ReadLevel;
      readonly minRevision: Revision;
    };

/** What a client has seen, for conditions that have a chance to hold. */
export interface Memory {
  readonly modRevisions: Map<string, { readonly modRevision: Revision; readonly version: number }>;
  /** Of the newest answer. */
  revision: Revision;
}

/** How much of all is of several keys, or of the past. */
const SEVERAL_PERCENT = 25;
/** One key over all names, and every key: what a range is. */
const SET = { start: bytes('s'), end: bytes('t') };

export function drawOperation(draws: RandomStream, memory: Memory, unique: string): Asked {
  const register = `r${draws.below(4)}`;
  const member = `s${draws.below(6)}`;
  const counter = `n${draws.below(2)}`;
  if (draws.chance(SEVERAL_PERCENT)) return drawSeveral(draws, memory, unique);
  const kind = draws.below(100);
  if (kind < 14) return put(register, unique, [], draws);
  if (kind < 30) return put(register, unique, [conditionOn(register, draws, memory)], draws);
  if (kind < 34)
    return remove(register, draws.chance(50) ? [] : [conditionOn(register, draws, memory)], draws);
  if (kind < 46) return increment(counter, draws);
  if (kind < 54) return put(member, unique, [], draws);
  if (kind < 57) return remove(member, [], draws);
  if (kind < 58)
    return {
      type: 'write',
      operation: { type: 'delete', target: SET, conditions: [], returnPrevious: draws.chance(50) },
    };
  if (kind < 76) return read({ type: 'get', keys: [bytes(register)] }, draws, memory);
  if (kind < 84) return read({ type: 'get', keys: [bytes(counter)] }, draws, memory);
  if (kind < 88)
    return read({ type: 'get', keys: [bytes(register), bytes(counter), bytes(member)] }, draws, memory);
  return read(scan(draws), draws, memory);
}

/** Of several keys, of the past, or of history (transactions.ts). */
function drawSeveral(draws: RandomStream, memory: Memory, unique: string): Asked {
  const kind = draws.below(100);
  if (kind < 50) return { type: 'write', operation: drawTxn(draws, memory, unique) };
  if (kind < 65) return read(drawReadTxn(draws, memory), draws, memory);
  if (kind < 95) return read(drawPast(draws, memory), draws, memory);
  return { type: 'write', operation: drawCompact(draws, memory) };
}

function put(key: string, value: string, conditions: readonly Condition[], draws: RandomStream): Asked {
  const returnPrevious = draws.chance(30);
  return {
    type: 'write',
    operation: { type: 'put', key: bytes(key), value: bytes(value), conditions, returnPrevious },
  };
}

function remove(key: string, conditions: readonly Condition[], draws: RandomStream): Asked {
  const target = { start: bytes(key), end: null };
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

function conditionOn(key: string, draws: RandomStream, { modRevisions }: Memory): Condition {
  const known = modRevisions.get(key);
  if (known === undefined || draws.chance(20)) return { type: draws.chance(50) ? 'absent' : 'present' };
  if (draws.chance(20)) return { type: 'version', version: known.version };
  return { type: 'revision', modRevision: known.modRevision };
}

function read(query: Query, draws: RandomStream, memory: Memory): Asked {
  const level = draws.chance(80) ? 'linearizable' : 'local';
  const minRevision = draws.chance(20) ? memory.revision : 0;
  return { type: 'read', query, level, minRevision };
}

function scan(draws: RandomStream): Query {
  return {
    type: 'scan',
    range: SET,
    limit: draws.chance(50) ? 0 : draws.between(1, 4),
    reverse: draws.chance(30),
    keysOnly: draws.chance(20),
    countOnly: draws.chance(20),
  };
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}
