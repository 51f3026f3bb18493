import { expect, test } from 'vitest';

import { bridged, inChain, inRing, partitioned } from '../../support/faults/shapes.ts';
import type { Hears } from '../../support/faults/shapes.ts';

const FIVE = ['a', 'b', 'c', 'd', 'e'];

/** Who hears whom, a word a node: `a:bc` hears b and c. */
function drawn(hears: Hears, ids: readonly string[] = FIVE): string {
  return ids.map((to) => `${to}:${ids.filter((from) => from !== to && hears(to, from)).join('')}`).join(' ');
}

test.each([
  [
    'a partition',
    partitioned([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]),
    'a:b b:a c:de d:ce e:cd',
  ],
  ['a node in no group', partitioned([['a', 'b', 'c', 'd']]), 'a:bcd b:acd c:abd d:abc e:'],
  [
    'a star, as overlapping groups',
    partitioned([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'd'],
      ['a', 'e'],
    ]),
    'a:bcde b:a c:a d:a e:a',
  ],
  ['a bridge', bridged(FIVE, 'c'), 'a:bc b:ac c:abde d:ce e:cd'],
  ['a ring', inRing(FIVE), 'a:be b:ac c:bd d:ce e:ad'],
  ['a chain', inChain(['b', 'a', 'c']), 'a:bc b:a c:a d: e:'],
] as const)('%s is what its name says', (_name, hears, picture) => {
  expect(drawn(hears)).toBe(picture);
});

test('a ring of three is refused, since it breaks nothing', () => {
  expect(() => inRing(['a', 'b', 'c'])).toThrow(/no fault/);
});
