/**
 * Some keys of the store, and the leases that they may hang on: a state is never changed, each change makes another.
 *
 * Of a lease that nothing hangs on nobody can see when it ends. So it need not be decided: that it is gone is noted when
 * an answer says so, and only one that takes keys with it ends at a place in the order of things.
 */
import { UNSTATED } from '../history.ts';
import { ABSENT, leaseOf, NO_LEASE } from './record.ts';
import type { KeyState } from './record.ts';

export interface KeyspaceState {
  /** In the order of the keys. */
  readonly keys: readonly KeyState[];
  readonly leases: Leases;
}

/** Those that are gone, as bits: what is the same set must be the same text. */
interface Leases {
  readonly bits: ReadonlyMap<bigint, bigint>;
  readonly gone: bigint;
}

/** A lease of a history, and whether that has its grant: before it, there is none. */
export interface KnownLease {
  readonly id: bigint;
  readonly granted: boolean;
}

export function initialState(keyCount: number, leases: readonly KnownLease[]): KeyspaceState {
  const bits = new Map(leases.map(({ id }, place) => [id, 1n << BigInt(place)]));
  const gone = leases.reduce((all, { id, granted }) => (granted ? all | (bits.get(id) ?? 0n) : all), 0n);
  return { keys: Array.from({ length: keyCount }, () => ABSENT), leases: { bits, gone } };
}

export function keyAt({ keys }: KeyspaceState, place: number): KeyState {
  return keys[place] ?? ABSENT;
}

export function presentIn(state: KeyspaceState, from: number, to: number): number[] {
  const places: number[] = [];
  for (let place = from; place < to; place += 1) {
    if (keyAt(state, place).type === 'present') places.push(place);
  }
  return places;
}

export function replaced(state: KeyspaceState, place: number, key: KeyState): KeyspaceState {
  return state.keys[place] === key ? state : { ...state, keys: state.keys.with(place, key) };
}

export function emptied(state: KeyspaceState, from: number, to: number): KeyspaceState {
  const keys = state.keys.map((key, place) => (place >= from && place < to ? ABSENT : key));
  return { ...state, keys };
}

export function isThere({ leases }: KeyspaceState, lease: bigint): boolean {
  return lease !== NO_LEASE && (leases.gone & bitOf(leases, lease)) === 0n;
}

/** On none, a key always can. */
export function canHangOn(state: KeyspaceState, lease: bigint): boolean {
  return lease === NO_LEASE || isThere(state, lease);
}

export function hangingOn({ keys }: KeyspaceState, lease: bigint): number {
  return keys.reduce((count, key) => (leaseOf(key) === lease ? count + 1 : count), 0);
}

/** It ends here, with all that hangs on it. */
export function withEnded({ keys, leases }: KeyspaceState, lease: bigint): KeyspaceState {
  return {
    keys: keys.map((key) => (leaseOf(key) === lease ? ABSENT : key)),
    leases: { ...leases, gone: leases.gone | bitOf(leases, lease) },
  };
}

export function withGranted({ keys, leases }: KeyspaceState, lease: bigint): KeyspaceState {
  return { keys, leases: { ...leases, gone: leases.gone & ~bitOf(leases, lease) } };
}

/** The state, given that the lease is gone: null where a key says that it is not. */
export function thatHasNo(state: KeyspaceState, lease: bigint): KeyspaceState | null {
  if (!isThere(state, lease)) return state;
  return hangingOn(state, lease) > 0 ? null : withEnded(state, lease);
}

export function identityOf({ keys, leases }: KeyspaceState): string {
  const text = keys.length === 1 ? keyIdentity(keys[0] ?? ABSENT) : keys.map(keyIdentity).join(';');
  return leases.bits.size === 0 ? text : `${leases.gone.toString(36)}|${text}`;
}

export function describeState(names: readonly string[], state: KeyspaceState): string {
  const keys = names.map((key, at) => `${key} ${describeKey(keyAt(state, at))}`);
  const gone = [...state.leases.bits.keys()].filter((lease) => !isThere(state, lease));
  return [...keys, ...gone.map((lease) => `there is no lease ${lease}`)].join(', ');
}

function keyIdentity(key: KeyState): string {
  return key.identity;
}

function describeKey(key: KeyState): string {
  if (key.type === 'absent') return 'is absent';
  const revision = key.modified === UNSTATED ? 'a revision nobody was told' : `revision ${key.modified}`;
  const lease = key.lease === NO_LEASE ? '' : `, lease ${key.lease}`;
  return `= ${JSON.stringify(key.value)} (version ${key.version}, ${revision}${lease})`;
}

function bitOf({ bits }: Leases, lease: bigint): bigint {
  const bit = bits.get(lease);
  if (bit === undefined) throw new RangeError(`no lease ${lease} among those judged`);
  return bit;
}
