import { describe, expect, test } from 'vitest';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import type { RandomStream } from '../../../../src/sim/kernel/random.ts';
import { TraceHash } from '../../../../src/sim/kernel/trace-hash.ts';

function draws(stream: RandomStream, count = 100): readonly number[] {
  return Array.from({ length: count }, () => stream.uint32());
}

describe('streams', () => {
  test('are the same for the same seed and name, and different for any other', () => {
    const reference = draws(new RandomSource(7).stream('a'));
    expect(draws(new RandomSource(7).stream('a'))).toEqual(reference);
    expect(draws(new RandomSource(7).stream('b'))).not.toEqual(reference);
    expect(draws(new RandomSource(8).stream('a'))).not.toEqual(reference);
  });

  test('do not move each other: what one draws changes nothing for the others', () => {
    const alone = new RandomSource(7);
    const reference = draws(alone.stream('network n1 → n2'));
    const busy = new RandomSource(7);
    const [other, stream] = [busy.stream('faults'), busy.stream('network n1 → n2')];
    const interleaved = reference.map((_, i) => {
      draws(other, i % 5);
      return stream.uint32();
    });
    expect(interleaved).toEqual(reference);
  });

  test('of one seed do not run one behind the other, nor do those of neighbouring seeds', () => {
    const seen = new Set<number>();
    const streams = [1, 2, 3].flatMap((seed) =>
      ['a', 'b', 'c'].map((name) => new RandomSource(seed).stream(name)),
    );
    for (const stream of streams) for (const draw of draws(stream, 1_000)) seen.add(draw);
    // Of 9,000 draws about 0.01 meet by chance.
    expect(seen.size).toBeGreaterThan(8_995);
  });

  test('are the same on every machine and for all time: these draws stand in recorded seeds', () => {
    expect(draws(new RandomSource(1).stream('shape'), 3)).toMatchInlineSnapshot(`
      [
        2879022998,
        602975467,
        3493868576,
      ]
    `);
  });
});

test('draws stay within their bounds and reach them', () => {
  const stream = new RandomSource(3).stream('bounds');
  const within = new Set(Array.from({ length: 500 }, () => stream.between(-2, 2)));
  expect([...within].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  expect(Array.from({ length: 200 }, () => stream.chance(0))).not.toContain(true);
  expect(Array.from({ length: 200 }, () => stream.chance(100))).not.toContain(false);
  const often = Array.from({ length: 10_000 }, () => stream.chance(30)).filter(Boolean).length;
  expect(Math.abs(often - 3_000)).toBeLessThan(250);
  expect(() => stream.pick([])).toThrow(RangeError);
  expect(() => stream.below(0)).toThrow(RangeError);
});

test('a trace hash tells order, lengths and fractions apart', () => {
  const hashes = [
    hashOf(),
    hashOf(0),
    hashOf(0, 0),
    hashOf(1, 2),
    hashOf(2, 1),
    hashOf(1.5),
    hashOf(2 ** 40),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashOf(1, 2)).toBe(hashOf(1, 2));
});

function hashOf(...numbers: readonly number[]): string {
  const hash = new TraceHash();
  for (const each of numbers) hash.number(each);
  return hash.hex();
}
