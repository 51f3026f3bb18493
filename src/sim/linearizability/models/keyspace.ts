/**
 * The store as far as some of its keys go: one key for those that are only ever named alone (their histories can be
 * judged apart), several for those that a scan, a getMany or a range delete ties together.
 *
 * A state is one KeyState for each key, in the order of the keys. See record.ts for what is known of revisions.
 */
import type { Model } from '../model.ts';
import { counterOf, fitsCounter } from './counter-text.ts';
import type { KeyspaceInput, KeyspaceOutput } from './keyspace-calls.ts';
import { answeredTxn, unheardTxn } from './keyspace-txn.ts';
import type { Steps } from './keyspace-txn.ts';
import { ABSENT, afterPut, recognise, surelyMeets, thatMeets } from './record.ts';
import type { KeyState, Shown } from './record.ts';
import { UNSTATED } from '../history.ts';

export type KeyspaceState = readonly KeyState[];

type PutInput = Extract<KeyspaceInput, { type: 'put' }>;
type DeleteInput = Extract<KeyspaceInput, { type: 'delete' }>;
type IncrementInput = Extract<KeyspaceInput, { type: 'increment' }>;
type ScanInput = Extract<KeyspaceInput, { type: 'scan' }>;
type PageOutput = Extract<KeyspaceOutput, { type: 'page' }>;

export function keyspaceModel(keys: readonly string[]): Model<KeyspaceInput, KeyspaceOutput, KeyspaceState> {
  return {
    initial: keys.map(() => ABSENT),
    answered: (state, input, output) => answered(keys, state, input, output),
    unheard: (state, input) => unheard(keys, state, input),
    identity: (state) => (state.length === 1 ? keyAt(state, 0).identity : state.map(identityOf).join(';')),
    describe: (state) => keys.map((key, at) => `${key} ${describeKey(keyAt(state, at))}`).join(', '),
  };
}

function answered(
  keys: readonly string[],
  state: KeyspaceState,
  input: KeyspaceInput,
  output: KeyspaceOutput,
): KeyspaceState | null {
  switch (input.type) {
    case 'put':
      return answeredPut(state, input, output);
    case 'delete':
      return answeredDelete(keys, state, input, output);
    case 'increment':
      return answeredIncrement(state, input, output);
    case 'get':
      return output.type === 'records' ? recogniseAll(state, input.keys, output.records) : null;
    case 'scan':
      return output.type === 'page' ? answeredScan(keys, state, input, output) : null;
    case 'past':
      return output.type === 'past' || output.type === 'unreadable' ? state : null;
    case 'txn':
      return answeredTxn(state, input, output, stepsOn(keys));
  }
}

function answeredPut(state: KeyspaceState, input: PutInput, output: KeyspaceOutput): KeyspaceState | null {
  const { key, value, conditions, returnPrevious } = input;
  const before = keyAt(state, key);
  if (output.type === 'conflict') return refused(state, key, conditions, output.current);
  if (output.type !== 'put') return null;
  const met = thatMeets(before, conditions);
  if (met === null) return null;
  const told = returnPrevious || output.previous !== null ? recognise(met, output.previous) : met;
  return told === null ? null : replaced(state, key, afterPut(told, value, output.revision));
}

/** The record that stood in the way is shown, and all conditions cannot have held of it. */
function refused(
  state: KeyspaceState,
  key: number,
  conditions: PutInput['conditions'],
  current: Shown | null,
): KeyspaceState | null {
  const told = recognise(keyAt(state, key), current);
  return told === null || surelyMeets(told, conditions) ? null : replaced(state, key, told);
}

function answeredDelete(
  keys: readonly string[],
  state: KeyspaceState,
  input: DeleteInput,
  output: KeyspaceOutput,
): KeyspaceState | null {
  const { from, to, single, conditions, returnPrevious } = input;
  if (output.type === 'conflict') {
    // Of a range no condition can hold.
    if (!single) return conditions.length > 0 ? state : null;
    return refused(state, from, conditions, output.current);
  }
  if (output.type !== 'delete' || (!single && conditions.length > 0)) return null;
  const met = single ? thatMeets(keyAt(state, from), conditions) : ABSENT;
  if (met === null) return null;
  const before = single ? replaced(state, from, met) : state;
  const there = presentIn(before, from, to);
  if (output.deleted !== there.length) return null;
  const previous = returnPrevious || output.previous.length > 0;
  if (previous && recogniseRecords(keys, before, there, output.previous, true) === null) return null;
  return emptied(before, from, to);
}

function answeredIncrement(
  state: KeyspaceState,
  { key, by }: IncrementInput,
  output: KeyspaceOutput,
): KeyspaceState | null {
  const before = keyAt(state, key);
  const number = before.type === 'absent' ? 0n : counterOf(before.value);
  if (number === null) return output.type === 'notACounter' ? state : null;
  const sum = number + by;
  if (!fitsCounter(sum)) return output.type === 'overflow' && output.value === number ? state : null;
  if (output.type !== 'increment' || output.value !== sum) return null;
  if (before.type === 'present' && by === 0n) return state;
  return replaced(state, key, afterPut(before, sum.toString(), output.revision));
}

/**
 * A page starts where the range does and leaves nothing out. It may end early at a limit of bytes that is the node's
 * own, but not empty, and it says so; a limit that the client gave, it keeps.
 */
function answeredScan(
  keys: readonly string[],
  state: KeyspaceState,
  { from, to, limit, reverse, keysOnly, countOnly }: ScanInput,
  { records, count, more }: PageOutput,
): KeyspaceState | null {
  const there = presentIn(state, from, to);
  if (countOnly) return count === there.length && records.length === 0 && !more ? state : null;
  if (count !== records.length || (limit !== 0 && count > limit) || (count === 0 && there.length > 0))
    return null;
  if (more !== count < there.length) return null;
  const page = (reverse ? there.toReversed() : there).slice(0, count);
  return recogniseRecords(keys, state, page, records, !keysOnly);
}

/** What is done where nobody hears of it; null where nothing is. */
function unheard(keys: readonly string[], state: KeyspaceState, input: KeyspaceInput): KeyspaceState | null {
  switch (input.type) {
    case 'put': {
      const met = thatMeets(keyAt(state, input.key), input.conditions);
      return met === null ? null : replaced(state, input.key, afterPut(met, input.value, UNSTATED));
    }
    case 'delete':
      return unheardDelete(state, input);
    case 'increment':
      return unheardIncrement(state, input);
    case 'get':
    case 'scan':
    case 'past':
      return null;
    case 'txn':
      return unheardTxn(state, input, stepsOn(keys));
  }
}

function stepsOn(keys: readonly string[]): Steps {
  return {
    answered: (state, input, output) => answered(keys, state, input, output),
    unheard: (state, input) => unheard(keys, state, input),
  };
}

function unheardDelete(state: KeyspaceState, input: DeleteInput): KeyspaceState | null {
  const { from, to, single, conditions } = input;
  const met = single ? thatMeets(keyAt(state, from), conditions) !== null : conditions.length === 0;
  return met && presentIn(state, from, to).length > 0 ? emptied(state, from, to) : null;
}

function unheardIncrement(state: KeyspaceState, { key, by }: IncrementInput): KeyspaceState | null {
  const before = keyAt(state, key);
  const number = before.type === 'absent' ? 0n : counterOf(before.value);
  if (number === null || !fitsCounter(number + by)) return null;
  if (before.type === 'present' && by === 0n) return null;
  return replaced(state, key, afterPut(before, (number + by).toString(), UNSTATED));
}

/** One answer for each key asked. */
function recogniseAll(
  state: KeyspaceState,
  asked: readonly number[],
  answers: readonly (Shown | null)[],
): KeyspaceState | null {
  if (asked.length !== answers.length) return null;
  let after: KeyspaceState | null = state;
  for (const [slot, key] of asked.entries()) {
    if (after === null) return null;
    const told = recognise(keyAt(after, key), answers[slot] ?? null);
    after = told === null ? null : replaced(after, key, told);
  }
  return after;
}

/** The keys at these places, no more and no fewer, in this order. */
function recogniseRecords(
  keys: readonly string[],
  state: KeyspaceState,
  places: readonly number[],
  records: readonly Shown[],
  withValue: boolean,
): KeyspaceState | null {
  if (places.length !== records.length) return null;
  let after = state;
  for (const [slot, place] of places.entries()) {
    const record = records[slot];
    if (record === undefined || record.key !== keys[place]) return null;
    const told = recognise(keyAt(after, place), record, withValue);
    if (told === null) return null;
    after = replaced(after, place, told);
  }
  return after;
}

function presentIn(state: KeyspaceState, from: number, to: number): number[] {
  const places: number[] = [];
  for (let place = from; place < to; place += 1) {
    if (keyAt(state, place).type === 'present') places.push(place);
  }
  return places;
}

function emptied(state: KeyspaceState, from: number, to: number): KeyspaceState {
  return state.map((key, place) => (place >= from && place < to ? ABSENT : key));
}

function replaced(state: KeyspaceState, place: number, key: KeyState): KeyspaceState {
  return state[place] === key ? state : state.with(place, key);
}

function keyAt(state: KeyspaceState, place: number): KeyState {
  return state[place] ?? ABSENT;
}

function identityOf(key: KeyState): string {
  return key.identity;
}

function describeKey(key: KeyState): string {
  if (key.type === 'absent') return 'is absent';
  const revision = key.modified === UNSTATED ? 'a revision nobody was told' : `revision ${key.modified}`;
  return `= ${JSON.stringify(key.value)} (version ${key.version}, ${revision})`;
}
