/**
 * One key as clients can know it, without trust in the order of revisions: to the search a revision is a name that a
 * change bears, told by the answer of the write or by whoever saw the record first, and the same ever after.
 *
 *   put heard at revision 7        modified 7, created 7, version 1
 *   put that nobody heard          modified ?, created 7, version 2
 *   get shows modRevision 9        modified 9: from here on no answer may say otherwise
 */
import type { Condition, KvRecord, Revision } from '../../../kv/operation.ts';
import { UNSTATED } from '../history.ts';
import { bytesText } from '../text.ts';

export type KeyState = Absent | Present;

export interface Absent {
  readonly type: 'absent';
  readonly identity: '';
}

export interface Present {
  readonly type: 'present';
  readonly value: string;
  /** Puts since creation; always known, since the store was empty at the start. */
  readonly version: number;
  /** UNSTATED while nobody has told. */
  readonly created: Revision;
  readonly modified: Revision;
  /** NO_LEASE: it hangs on none. */
  readonly lease: bigint;
  readonly identity: string;
}

/** A record in an answer. */
export interface Shown {
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly created: Revision;
  readonly modified: Revision;
  readonly lease: bigint;
}

export const NO_LEASE = 0n;

export const ABSENT: Absent = { type: 'absent', identity: '' };

export function present(facts: Omit<Present, 'type' | 'identity'>): Present {
  const { value, version, created, modified, lease } = facts;
  // With its length before it, a value cannot pass for the start of what follows.
  const identity = `${modified}.${created}.${version}.${lease}.${value.length}.${value}`;
  return { type: 'present', value, version, created, modified, lease, identity };
}

export function shown(record: KvRecord): Shown {
  const { version, createRevision: created, modRevision: modified, lease } = record;
  return { key: bytesText(record.key), value: bytesText(record.value), version, created, modified, lease };
}

/** What a key hangs on. */
export function leaseOf(key: KeyState): bigint {
  return key.type === 'absent' ? NO_LEASE : key.lease;
}

export function afterPut(before: KeyState, value: string, modified: Revision, lease: bigint): Present {
  if (before.type === 'absent') return present({ value, version: 1, created: modified, modified, lease });
  return present({ value, version: before.version + 1, created: before.created, modified, lease });
}

/** What the key is, now that an answer has shown it so; null where it cannot be that. */
export function recognise(state: KeyState, answer: Shown | null, withValue = true): KeyState | null {
  if (answer === null || state.type === 'absent')
    return answer === null && state.type === 'absent' ? state : null;
  if ((withValue && answer.value !== state.value) || answer.lease !== state.lease) return null;
  if (unify(state.version, answer.version) === null) return null;
  return named(state, answer.created, answer.modified);
}

/** What the key is, given that all conditions held; null where one cannot have. */
export function thatMeets(state: KeyState, conditions: readonly Condition[]): KeyState | null {
  let met: KeyState | null = state;
  for (const condition of conditions) {
    if (met !== null) met = meets(met, condition);
  }
  return met;
}

function meets(state: KeyState, condition: Condition): KeyState | null {
  switch (condition.type) {
    case 'absent':
      return state.type === 'absent' ? state : null;
    case 'present':
      return state.type === 'present' ? state : null;
    case 'version':
      return state.type === 'present' && state.version === condition.version ? state : null;
    case 'revision':
      // No change bears the name 0, so no record meets it.
      if (state.type === 'absent' || condition.modRevision === 0) return null;
      return named(state, UNSTATED, condition.modRevision);
  }
}

/** True where all conditions hold for certain: a name that nobody has told yet may be another one. */
export function surelyMeets(state: KeyState, conditions: readonly Condition[]): boolean {
  return thatMeets(state, conditions) === state;
}

/** A record that was put once was created by that put. */
function named(state: Present, createdNow: Revision, modifiedNow: Revision): Present | null {
  let created = unify(state.created, createdNow);
  let modified = unify(state.modified, modifiedNow);
  if (created === null || modified === null) return null;
  if (state.version === 1) {
    const both = unify(created, modified);
    if (both === null) return null;
    created = both;
    modified = both;
  }
  if (created === state.created && modified === state.modified) return state;
  return present({ ...state, created, modified });
}

/** The one that is stated, UNSTATED if none is, null if they contradict each other. */
function unify(known: number, told: number): number | null {
  if (told === UNSTATED) return known;
  return known === UNSTATED || known === told ? told : null;
}
