/**
 * Transactions on the keyspace model. A state may not know the name of a revision, so a compare of revisions may be
 * neither surely true nor surely false: then what the answer says of it is believed, and where nobody heard an answer
 * it is taken to hold (that it did not is the same as not having happened, unless `otherwise` writes).
 */
import type { Compare, Revision } from '../../../kv/operation.ts';
import { UNSTATED } from '../history.ts';
import type { CompareInput, KeyspaceInput, KeyspaceOutput } from './keyspace-forms.ts';
import { thatHasNo } from './keyspace-state.ts';
import type { KeyspaceState } from './keyspace-state.ts';
import { ABSENT, NO_LEASE, thatMeets } from './record.ts';
import type { KeyState } from './record.ts';

export type TxnInput = Extract<KeyspaceInput, { type: 'txn' }>;
type TxnOutput = Extract<KeyspaceOutput, { type: 'txn' }>;
type FailedOutput = Extract<KeyspaceOutput, { type: 'txnFailed' }>;

/** How the operations that a transaction is made of go. */
export interface Steps {
  answered(state: KeyspaceState, input: KeyspaceInput, output: KeyspaceOutput): KeyspaceState | null;
  unheard(state: KeyspaceState, input: KeyspaceInput): KeyspaceState | null;
}

export function answeredTxn(
  state: KeyspaceState,
  input: TxnInput,
  output: KeyspaceOutput,
  steps: Steps,
): KeyspaceState | null {
  if (output.type === 'txnFailed') return refusedTxn(state, input, output, steps);
  if (output.type !== 'txn') return null;
  const chosen = choose(state, input, output);
  return chosen === null ? null : perform(chosen, input, output, output.revision, steps);
}

/** Compares of nested transactions too are made before anything is done. */
function choose(state: KeyspaceState, input: TxnInput, output: TxnOutput): KeyspaceState | null {
  let after = held(state, input.when, output.succeeded);
  const branch = output.succeeded ? input.do : input.otherwise;
  if (branch.length !== output.results.length) return null;
  for (const [place, step] of branch.entries()) {
    const result = output.results[place];
    if (after === null) return null;
    if (step.type === 'txn') after = result?.type === 'txn' ? choose(after, step, result) : null;
  }
  return after;
}

function held(state: KeyspaceState, when: readonly CompareInput[], succeeded: boolean): KeyspaceState | null {
  if (!succeeded) return when.every((compare) => holds(state, compare) === true) ? null : state;
  if (when.some((compare) => holds(state, compare) === false)) return null;
  return when.reduce(learn, state);
}

function perform(
  state: KeyspaceState,
  input: TxnInput,
  output: TxnOutput,
  revision: Revision,
  steps: Steps,
): KeyspaceState | null {
  let after: KeyspaceState | null = state;
  const branch = output.succeeded ? input.do : input.otherwise;
  for (const [place, step] of branch.entries()) {
    const result = output.results[place];
    if (after === null || result === undefined) return null;
    if (step.type === 'txn') {
      after = result.type === 'txn' ? perform(after, step, result, revision, steps) : null;
    } else {
      const before: KeyspaceState = after;
      after = steps.answered(before, step, result);
      if (after !== before && !bears(result, revision)) return null;
    }
  }
  return after;
}

/** All that a transaction changes bears one revision. */
function bears(output: KeyspaceOutput, revision: Revision): boolean {
  if (output.type !== 'put' && output.type !== 'increment') return true;
  return output.revision === UNSTATED || revision === UNSTATED || output.revision === revision;
}

/** Nothing was done; the step that failed met what those before it had made of the state. */
function refusedTxn(
  state: KeyspaceState,
  input: TxnInput,
  { at, cause }: FailedOutput,
  steps: Steps,
): KeyspaceState | null {
  // Written twice: that is a matter of the request alone, and the witness looks at it.
  if (cause.type === 'duplicate') return state;
  const path = [...at.matchAll(/(do|otherwise)\[(\d+)\]/gu)];
  let met: KeyspaceState = state;
  let txn: TxnInput = input;
  for (const [depth, [, branch, number]] of path.entries()) {
    if (held(state, txn.when, branch === 'do') === null) return null;
    const list = branch === 'do' ? txn.do : txn.otherwise;
    const place = Number(number);
    for (const step of list.slice(0, place)) met = steps.unheard(met, step) ?? met;
    const failing = list[place];
    if (failing === undefined) return null;
    if (depth === path.length - 1) {
      if (steps.answered(met, failing, cause) === null) return null;
      return cause.type === 'leaseNotFound' ? thatHasNo(state, cause.lease) : state;
    }
    if (failing.type !== 'txn') return null;
    txn = failing;
  }
  return null;
}

export function unheardTxn(state: KeyspaceState, input: TxnInput, steps: Steps): KeyspaceState | null {
  const changes: KeyspaceInput[] = [];
  const known = plan(state, input, changes);
  let after = known;
  for (const change of changes) {
    const next = steps.unheard(after, change);
    // A put always changes something, unless it is refused; and then nothing of all this has happened.
    if (next === null && change.type === 'put') return null;
    after = next ?? after;
  }
  return after === known ? null : after;
}

/** The steps that are done, in order; gives the state with what the compares say of it. */
function plan(state: KeyspaceState, input: TxnInput, changes: KeyspaceInput[]): KeyspaceState {
  const succeeded = input.when.every((compare) => holds(state, compare) !== false);
  let after = succeeded ? input.when.reduce(learn, state) : state;
  for (const step of succeeded ? input.do : input.otherwise) {
    if (step.type === 'txn') after = plan(after, step, changes);
    else changes.push(step);
  }
  return after;
}

/** Null: nobody can tell. */
function holds(state: KeyspaceState, { from, to, operator, operand }: CompareInput): boolean | null {
  const there = state.keys.slice(from, to).filter((key) => key.type === 'present');
  if (there.length === 0) return holdsOfNone(operator, operand);
  const verdicts = there.map((key) => holdsOf(key, operator, operand));
  if (verdicts.includes(false)) return false;
  return verdicts.includes(null) ? null : true;
}

function holdsOfNone(operator: Compare['operator'], operand: CompareInput['operand']): boolean {
  if (operand.type === 'value') return false;
  return operand.type === 'lease'
    ? accepts(operator, NO_LEASE, operand.lease)
    : accepts(operator, 0, operand.number);
}

function holdsOf(
  key: Extract<KeyState, { type: 'present' }>,
  operator: Compare['operator'],
  operand: CompareInput['operand'],
): boolean | null {
  switch (operand.type) {
    case 'value':
      return accepts(operator, key.value, operand.value);
    case 'version':
      return accepts(operator, key.version, operand.number);
    case 'lease':
      return accepts(operator, key.lease, operand.lease);
    case 'createRevision':
      return key.created === UNSTATED ? null : accepts(operator, key.created, operand.number);
    case 'modRevision':
      return key.modified === UNSTATED ? null : accepts(operator, key.modified, operand.number);
  }
}

function accepts<T extends string | number | bigint>(
  operator: Compare['operator'],
  left: T,
  right: T,
): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
  }
}

/** An equality that held tells a name that was not known. */
function learn(state: KeyspaceState, { from, to, operator, operand }: CompareInput): KeyspaceState {
  if (operator !== '=' || operand.type !== 'modRevision') return state;
  const keys = state.keys.map((key, place) => {
    if (place < from || place >= to || key.type === ABSENT.type || key.modified !== UNSTATED) return key;
    return thatMeets(key, [{ type: 'revision', modRevision: operand.number }]) ?? key;
  });
  return { ...state, keys };
}
