import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientMessages,
  encodeServerMessages,
} from '../../../src/wire/client-codec.ts';
import { packFrame, unpackFrame } from '../../../src/wire/frame.ts';
import type { Wire } from '../../../src/wire/frame.ts';
import { decodePeerFrame } from '../../../src/wire/peer-codec.ts';
import { plainBytes } from '../../support/plain-bytes.ts';
import { FRAMES, LIMITS } from './formats.ts';
import { CLIENT_MESSAGES } from './samples.ts';

/** Every way to change one place of a message, at any depth. */
function* changesOf(value: Wire, change: (list: readonly Wire[]) => Iterable<Wire>): Generator<Wire> {
  if (!isList(value)) return;
  yield* change(value);
  for (const [place, item] of value.entries()) {
    for (const changed of changesOf(item, change)) yield value.with(place, changed);
  }
}

function isList(value: Wire): value is readonly Wire[] {
  return Array.isArray(value);
}

function messageIn(bytes: Uint8Array): Wire {
  const frame = unpackFrame(bytes, LIMITS);
  const message = frame.ok ? frame.value[0] : undefined;
  if (message === undefined) throw new Error('a sample is not readable');
  return message;
}

/** Integers are equal in any form that they may have on the wire. */
function comparable(value: Wire): unknown {
  if (isList(value)) return value.map(comparable);
  return typeof value === 'bigint' && BigInt(Number(value)) === value ? Number(value) : plainBytes(value);
}

const OTHER_TYPES: readonly Wire[] = [
  null,
  true,
  -1,
  -(2 ** 40),
  2n ** 63n,
  'x',
  Uint8Array.of(1),
  [],
  [[]],
  99,
];

describe('every message', () => {
  it.each(FRAMES)('takes no more fields than it has: $title', ({ bytes, decode }) => {
    for (const changed of changesOf(messageIn(bytes), (list) => [[...list, true]])) {
      expect(decode(packFrame([changed]))).toBeUndefined();
    }
  });

  it.each(FRAMES)('is refused when something is missing, unless it is another message: $title', (format) => {
    const changes = changesOf(messageIn(format.bytes), (list) =>
      list.map((_, place) => list.toSpliced(place, 1)),
    );
    let refused = 0;
    for (const changed of changes) {
      const frame = packFrame([changed]);
      const recoded = format.recode(frame);
      if (recoded === null) refused += 1;
      else expect(Buffer.from(recoded).toString('hex')).toBe(Buffer.from(frame).toString('hex'));
    }
    expect(refused).toBeGreaterThan(0);
  });

  it.each(FRAMES)(
    'is refused when a field has another type, unless it is another message: $title',
    (format) => {
      const changes = changesOf(messageIn(format.bytes), (list) =>
        list.flatMap((_, place) => OTHER_TYPES.map((other) => list.with(place, other))),
      );
      for (const changed of changes) {
        const recoded = format.recode(packFrame([changed]));
        if (recoded !== null) expect(comparable(messageIn(recoded))).toEqual(comparable(changed));
      }
    },
  );

  it.each(FRAMES)('is refused with an unknown tag: $title', ({ bytes, decode }) => {
    const message = messageIn(bytes);
    if (!isList(message)) throw new Error('a message is a list');
    for (const tag of [200, -1, '1', null, 1n])
      expect(decode(packFrame([message.with(0, tag)]))).toBeUndefined();
  });
});

describe('a frame of messages', () => {
  it('falls as a whole with one bad message', () => {
    const good = messageIn(encodeClientMessages([CLIENT_MESSAGES.ping]));
    const frame = decodeClientFrame(packFrame([good, [200], good]), LIMITS);
    expect(frame).toEqual({ ok: false, reason: 'expected a known tag, got 200' });
  });

  it('may be empty', () => {
    expect(decodeClientFrame(packFrame([]), LIMITS)).toEqual({ ok: true, value: [] });
  });
});

/** What a node reads where a client wrote this as the sequence of a write. */
function sequenceAs(sequence: Wire): unknown {
  const frame = decodeClientFrame(packFrame([[1, 1, 0, 0n, sequence, new Uint8Array(0)]]), LIMITS);
  return frame.ok && frame.value[0]?.type === 'write' ? frame.value[0].sequence : 'refused';
}

describe('a number', () => {
  it('means the same as float64, int64 and uint64, as other languages write it', () => {
    expect([2 ** 40, 2n ** 40n].map(sequenceAs)).toEqual([2 ** 40, 2 ** 40]);
    const uint64 = Buffer.from('919601010000cf0000010000000000c400', 'hex');
    expect(decodeClientFrame(uint64, LIMITS)).toMatchObject({ ok: true, value: [{ sequence: 2 ** 40 }] });
  });

  it('is refused outside the safe integers and below its range', () => {
    expect([2n ** 53n, -1, -1n, 2n ** 63n].map(sequenceAs)).toEqual(Array(4).fill('refused'));
  });
});

function isTaken(client: string): boolean {
  return decodeClientFrame(encodeClientMessages([{ ...CLIENT_MESSAGES.hello, client }]), LIMITS).ok;
}

describe('a session', () => {
  it.each([
    [-(2n ** 63n), true],
    [2n ** 63n - 1n, true],
    [2n ** 63n, false],
    [2n ** 64n - 1n, false],
  ])('%d is one of 64 bits with a sign: %s', (session, taken) => {
    const frame = packFrame([[1, 1, 0, session, 0, new Uint8Array(0)]]);
    expect(decodeClientFrame(frame, LIMITS).ok).toBe(taken);
  });
});

function takesDetails(details: Wire): boolean {
  return decodeServerFrame(packFrame([[3, 1, 'INTERNAL', '', 0, details]]), LIMITS).ok;
}

function takesSettings(settings: Wire): boolean {
  const hello = [10, 1, 1, 'orders', null, 'n1', 'a'.repeat(32), ['n1'], 'n2', '', settings];
  return decodePeerFrame(packFrame([hello]), LIMITS).ok;
}

describe('pairs that stand for fields', () => {
  it.each([
    [[], true],
    [
      [
        [1, 5],
        [3, 7],
      ],
      true,
    ],
    [
      [
        [3, 7],
        [1, 5],
      ],
      false,
    ],
    [
      [
        [1, 5],
        [1, 5],
      ],
      false,
    ],
    [[[60, 5]], false],
    [[[1, 'five']], false],
    [[[1]], false],
    [[[1, 5, 5]], false],
  ])('details %j: %s', (details, taken) => {
    expect(takesDetails(details)).toBe(taken);
  });

  it.each([
    [[], true],
    [
      [
        ['a', '1'],
        ['b', '1'],
      ],
      true,
    ],
    [
      [
        ['b', '1'],
        ['a', '1'],
      ],
      false,
    ],
    [
      [
        ['a', '1'],
        ['a', '2'],
      ],
      false,
    ],
    [[['__proto__', '1']], true],
  ])('settings %j: %s', (settings, taken) => {
    expect(takesSettings(settings)).toBe(taken);
  });
});

it.each([
  ['a'.repeat(32), true],
  ['0123456789abcdef'.repeat(2), true],
  ['a'.repeat(31), false],
  ['a'.repeat(33), false],
  ['A'.repeat(32), false],
  [`${'a'.repeat(32)}\n`, false],
])('the id of a cluster is 32 hex digits, so that "%s" is one: %s', (clusterId, taken) => {
  expect(decodePeerFrame(packFrame([[12, [clusterId, 'orders', []]]]), LIMITS).ok).toBe(taken);
});

describe('a string', () => {
  it('is bounded, and does not begin with a byte order mark', () => {
    expect(isTaken('x'.repeat(256))).toBe(true);
    expect(isTaken('x'.repeat(257))).toBe(false);
    expect(isTaken('\ufeffx')).toBe(false);
    expect(isTaken(`\ufeff\ufeff${'x'.repeat(90)}`)).toBe(false);
    expect(isTaken('x\ufeff')).toBe(true);
  });

  it('that a node says to a client is cut to what the client takes', () => {
    const frame = encodeServerMessages([
      {
        type: 'failed',
        id: 1,
        code: 'INTERNAL',
        message: 'x'.repeat(10_000),
        outcome: 'unknown',
        details: { hint: 'y'.repeat(10_000) },
      },
    ]);
    const expected = { message: 'x'.repeat(4_096), details: { hint: 'y'.repeat(4_096) } };
    expect(decodeServerFrame(frame, LIMITS)).toMatchObject({ ok: true, value: [expected] });
  });
});
