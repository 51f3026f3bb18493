import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/raft/entry.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import { decodeEntries, encodedEntriesBytes, encodeEntries } from '../../../src/wire/entry-codec.ts';

function id(name: string): NodeId {
  if (!isNodeId(name)) throw new Error('a node id has at least one character');
  return name;
}

function isNodeId(name: string): name is NodeId {
  return name !== '';
}

function noop(index: number, term: number): Entry {
  return { kind: 'noop', index, term };
}

function encodeMembers(voters: readonly string[], learners: readonly string[]): Uint8Array {
  const membership = { voters: voters.map(id), outgoing: [], learners: learners.map(id) };
  return encodeEntries([{ kind: 'membership', index: 1, term: 1, membership }]);
}

const log: readonly Entry[] = [
  { kind: 'noop', index: 7, term: 3 },
  { kind: 'command', index: 8, term: 3, data: Uint8Array.of(1, 2, 3) },
  { kind: 'command', index: 9, term: 4, data: new Uint8Array(0) },
  {
    kind: 'membership',
    index: 10,
    term: 2 ** 40,
    membership: { voters: [id('n1'), id('nö')], outgoing: [id('n1')], learners: [id('x')] },
  },
];

describe('entry codec', () => {
  it('gives back every kind of entry, as measured', () => {
    const bytes = encodeEntries(log);
    expect(bytes.length).toBe(encodedEntriesBytes(log));
    expect(decodeEntries(bytes)).toEqual(log);
    expect(decodeEntries(new Uint8Array(0))).toEqual([]);
  });

  it('gives views into the input, never copies', () => {
    const bytes = encodeEntries(log);
    const second = decodeEntries(bytes)?.[1];
    if (second?.kind !== 'command') throw new Error('not a command');
    expect(second.data.buffer).toBe(bytes.buffer);
  });

  it('refuses every cut except between two entries', () => {
    const bytes = encodeEntries(log);
    const ends = log.map((_, i) => encodedEntriesBytes(log.slice(0, i)));
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(decodeEntries(bytes.subarray(0, cut)) === null).toBe(!ends.includes(cut));
    }
  });

  it('refuses a gap, a falling term, index or term 0 and numbers beyond 2^53', () => {
    for (const bad of [[noop(1, 1), noop(3, 1)], [noop(1, 2), noop(2, 1)], [noop(0, 1)], [noop(1, 0)]]) {
      expect(decodeEntries(encodeEntries(bad))).toBeNull();
    }
    const unsafe = encodeEntries([noop(1, 1)]);
    unsafe[1] = 0xff;
    expect(decodeEntries(unsafe)).toBeNull();
  });

  it('answers any flipped bit with null or another list, never a throw', () => {
    const bytes = encodeEntries(log);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const decoded = decodeEntries(flipped);
      if (decoded !== null) expect(encodeEntries(decoded)).toEqual(flipped);
    }
  });

  it('refuses a membership that is unsorted, repeated, empty, or overlaps its learners', () => {
    expect(decodeEntries(encodeMembers(['a', 'b'], ['c']))).not.toBeNull();
    for (const [voters, learners] of [
      [['b', 'a'], []],
      [['a', 'a'], []],
      [[], ['a']],
      [['a'], ['a']],
    ] as const) {
      expect(decodeEntries(encodeMembers(voters, learners))).toBeNull();
    }
  });
});
