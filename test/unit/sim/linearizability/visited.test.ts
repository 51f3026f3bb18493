import { describe, expect, it } from 'vitest';

import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import type { TimedCall } from '../../../../src/sim/linearizability/index.ts';
import { ExactVisited, HashedVisited } from '../../../../src/sim/linearizability/visited.ts';
import type { Visited } from '../../../../src/sim/linearizability/visited.ts';

const CALLS = 12;

/** All open at once, so that any of them may be placed; every third was never heard of. */
const calls = Array.from({ length: CALLS }, (_, call): TimedCall<null, null> => {
  const isHeard = call % 3 !== 0;
  return {
    callMs: call,
    returnMs: isHeard ? 100 : Infinity,
    input: null,
    heard: isHeard ? { output: null } : null,
  };
});

/** Two of them begin at one slot in every table that is not huge. */
const STATES = [0, 1, 2 ** 20];

/** Of the three hashes only this one tells calls apart; their words come one call after the other. */
function onlyHash(part: number): (word: number) => number {
  return (word) => ((word - 1) % 3 === part ? 1 << Math.trunc((word - 1) / 3) : 0);
}

describe.each<[string, () => Visited]>([
  ['with hashes', () => new HashedVisited(CALLS)],
  ['with the first hash alone', () => new HashedVisited(CALLS, onlyHash(0))],
  ['with the second hash alone', () => new HashedVisited(CALLS, onlyHash(1))],
  ['with the third hash alone', () => new HashedVisited(CALLS, onlyHash(2))],
  ['with sets', () => new ExactVisited(calls)],
])('where the search has been, %s', (_, create) => {
  it('is known by the calls that are placed and the state they lead to, however many there are', () => {
    const draws = new RandomSource(1).stream('steps');
    const visited = create();
    const placed = new Set<number>();
    const met = new Set<string>();
    for (let step = 0; step < 5_000; step += 1) {
      const call = draws.below(CALLS);
      if (!placed.delete(call)) placed.add(call);
      visited.toggle(call);
      const state = draws.pick(STATES);
      const key = `${[...placed].toSorted((a, b) => a - b).join(' ')}, ${state}`;
      expect(visited.add(state), key).toBe(!met.has(key));
      met.add(key);
    }
    expect(met.size).toBeLessThan(4_900);
  });
});
