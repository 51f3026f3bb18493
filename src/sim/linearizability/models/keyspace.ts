/**
 * The store as far as some of its keys go: one key for those that are only ever named alone (their histories can be
 * judged apart), several for those that a scan, a getMany or a range delete ties together.
 *
 * See keyspace-state.ts for what a state is, record.ts for what is known of revisions.
 */
import type { Model } from '../model.ts';
import { counterOf, fitsCounter } from './counter-text.ts';
import type { KeyspaceInput, KeyspaceOutput } from './keyspace-forms.ts';
import { answeredLease, unheardLease } from './keyspace-leases.ts';
import {
  canHangOn,
  describeState,
  emptied,
  identityOf,
  initialState,
  keyAt,
  presentIn,
  replaced,
  thatHasNo,
} from './keyspace-state.ts';
import type { KeyspaceState, KnownLease } from './keyspace-state.ts';
import { answeredTxn, unheardTxn } from './keyspace-txn.ts';
import type { Steps } from './keyspace-txn.ts';
import { ABSENT, afterPut, leaseOf, NO_LEASE, recognise, surelyMeets, thatMeets } from './record.ts';
import type { KeyState, Shown } from './record.ts';
import { UNSTATED } from '../history.ts';

type PutInput = Extract<KeyspaceInput, { type: 'put' }>;
type DeleteInput = Extract<KeyspaceInput, { type: 'delete' }>;
type IncrementInput = Extract<KeyspaceInput, { type: 'increment' }>;
type ScanInput = Extract<KeyspaceInput, { type: 'scan' }>;
type PageOutput = Extract<KeyspaceOutput, { type: 'page' }>;

/** `leases`: all that the operations name. */
export function keyspaceModel(
  keys: readonly string[],
  leases: readonly KnownLease[] = [],
): Model<KeyspaceInput, KeyspaceOutput, KeyspaceState> {
  return {
    initial: initialState(keys.length, leases),
    answered: (state, input, output) => answered(keys, state, input, output),
    unheard: (state, input) => unheard(keys, state, input),
    identity: identityOf,
    describe: (state) => describeState(keys, state),
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
    case 'leaseGrant':
    case 'leaseRenew':
    case 'leaseRevoke':
      return answeredLease(state, input, output);
  }
}

function answeredPut(state: KeyspaceState, input: PutInput, output: KeyspaceOutput): KeyspaceState | null {
  const { key, value, conditions, returnPrevious } = input;
  const before = keyAt(state, key);
  if (output.type === 'conflict') return refused(state, key, conditions, output.current);
  const met = thatMeets(before, conditions);
  if (met === null) return null;
  if (output.type === 'leaseNotFound') {
    const isAsked = input.lease !== NO_LEASE && input.lease === output.lease;
    return isAsked ? thatHasNo(replaced(state, key, met), output.lease) : null;
  }
  const lease = leaseWanted(input, before);
  if (output.type !== 'put' || !canHangOn(state, lease)) return null;
  const told = returnPrevious || output.previous !== null ? recognise(met, output.previous) : met;
  return told === null ? null : replaced(state, key, afterPut(told, value, output.revision, lease));
}

/** Whoever does not name one takes the key from the lease that it hung on. */
function leaseWanted({ lease }: PutInput, before: KeyState): bigint {
  return lease === 'keep' ? leaseOf(before) : lease;
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
  return replaced(state, key, afterPut(before, sum.toString(), output.revision, leaseOf(before)));
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
      const lease = leaseWanted(input, keyAt(state, input.key));
      if (met === null || !canHangOn(state, lease)) return null;
      return replaced(state, input.key, afterPut(met, input.value, UNSTATED, lease));
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
    case 'leaseGrant':
    case 'leaseRenew':
    case 'leaseRevoke':
      return unheardLease(state, input);
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
  return replaced(state, key, afterPut(before, (number + by).toString(), UNSTATED, leaseOf(before)));
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
