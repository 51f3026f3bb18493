/** The few keys that everybody works on, and reads of them. */
import type { GetQuery, KeyRange, ScanQuery } from '../../kv/operation.ts';
import type { RandomStream } from '../kernel/random.ts';

/** All members of the set: what a range is. */
export const SET: KeyRange = { start: bytes('s'), end: bytes('t') };

/** A part of the set, to the last key there is, over kinds of keys, and one in which nothing ever stands. */
const RANGES: readonly KeyRange[] = [
  SET,
  { start: bytes('s2'), end: bytes('s4') },
  { start: bytes('s4'), end: bytes('') },
  { start: bytes('n1'), end: bytes('r1') },
  { start: bytes('u'), end: bytes('v') },
];

export function register(draws: RandomStream): string {
  return `r${draws.below(4)}`;
}

export function counter(draws: RandomStream): string {
  return `n${draws.below(2)}`;
}

export function member(draws: RandomStream): string {
  return `s${draws.below(6)}`;
}

export function anyKey(draws: RandomStream): string {
  return draws.pick([register, counter, member, member])(draws);
}

export function anyRange(draws: RandomStream): KeyRange {
  return draws.pick(RANGES);
}

export function one(key: string): KeyRange {
  return { start: bytes(key), end: null };
}

export function drawGet(draws: RandomStream): GetQuery {
  return get(register(draws), counter(draws), member(draws));
}

export function drawScan(draws: RandomStream): ScanQuery {
  return {
    type: 'scan',
    range: SET,
    limit: draws.chance(50) ? 0 : draws.between(1, 4),
    reverse: draws.chance(30),
    keysOnly: draws.chance(20),
    countOnly: draws.chance(20),
  };
}

export function get(...keys: readonly string[]): GetQuery {
  return { type: 'get', keys: keys.map(bytes) };
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}
