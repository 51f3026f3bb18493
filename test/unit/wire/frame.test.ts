import { describe, expect, it } from 'vitest';
import { decodeClientFrame } from '../../../src/wire/client-codec.ts';
import { CLIENT_FRAME_ELEMENTS_MAX, clientFrameBytesMax } from '../../../src/wire/defaults.ts';
import { packFrame, unpackFrame } from '../../../src/wire/frame.ts';
import type { Wire } from '../../../src/wire/frame.ts';

const LIMITS = { frameBytesMax: 4 * 1024 * 1024 };

function reasonFor(bytes: Uint8Array): string {
  const frame = unpackFrame(bytes, LIMITS);
  return frame.ok ? 'accepted' : frame.reason;
}

function hex(digits: string): Uint8Array {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

/** `count` times `header`, each promising more than there is. */
function nested(header: string, count: number): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, () => hex(header)));
}

/** A list of `count` elements of which each is `element`. */
function listOf(count: number, element: string): Uint8Array {
  const head = Buffer.alloc(5, 0xdd);
  head.writeUInt32BE(count, 1);
  return Buffer.concat([head, nested(element, count)]);
}

describe('a frame', () => {
  const integers = [
    0,
    127,
    128,
    -1,
    -32,
    -33,
    65_535,
    65_536,
    2 ** 32 - 1,
    2 ** 32,
    -(2 ** 31),
    -(2 ** 31) - 1,
  ];
  const bigints = [0n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 64n - 1n];
  const strings = ['', 'a', 'ä'.repeat(20), '€'.repeat(30), '𝄞'.repeat(300), 'x'.repeat(70_000)];
  const lists = [20, 70_000].map((length) => Array.from({ length }, () => 0));
  const safest = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const others = [null, true, false, [], [[], [1, [2]]]];
  const values: readonly Wire[] = [...integers, ...safest, ...bigints, ...strings, ...lists, ...others];

  it.each(values.map((value) => [describeWire(value), value] as const))('carries %s', (_, value) => {
    expect(unpackFrame(packFrame([value]), LIMITS)).toEqual({ ok: true, value: [value] });
  });

  it.each([0, 1, 255, 256, 65_535, 65_536, 3_000_000])('carries %d bytes as a view on itself', (length) => {
    const frame = packFrame([new Uint8Array(length).fill(7)]);
    const unpacked = unpackFrame(frame, LIMITS);
    const [bytes] = unpacked.ok ? unpacked.value : [];
    if (!(bytes instanceof Uint8Array)) throw new Error('no bytes came back');
    expect(bytes.length).toBe(length);
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    expect(bytes.buffer).toBe(frame.buffer);
  });

  it('is read at its place in a larger buffer, and not beyond', () => {
    const frame = packFrame([1, 'two']);
    const around = Buffer.concat([Buffer.of(0xdd, 0xff), frame, Buffer.of(0xdd, 0xff)]);
    const inside = around.subarray(2, 2 + frame.length);
    expect(unpackFrame(inside, LIMITS)).toEqual({ ok: true, value: [1, 'two'] });
    expect(reasonFor(around.subarray(2, 3 + frame.length))).toBe('bytes behind the end of the frame');
  });
});

describe('a frame is refused, with the reason, when', () => {
  it.each([
    ['it is empty', '', 'the frame ends in the middle'],
    ['it is no list', '01', 'a frame is an array of messages'],
    ['it holds a small map', '91 80', 'a map has no place in a frame'],
    ['it holds a map', '91 de 0001 01 01', 'type 0xde has no place in a frame'],
    ['it holds a large map', '91 df 00000001 01 01', 'type 0xdf has no place in a frame'],
    ['it holds a record definition', '91 d4 72 40', 'type 0xd4 has no place in a frame'],
    ['it holds a timestamp', '91 d6 ff 00000000', 'type 0xd6 has no place in a frame'],
    ['it holds a regular expression', '91 c7 02 78 a0 a0', 'type 0xc7 has no place in a frame'],
    ['it holds the type that never is', '91 c1', 'type 0xc1 has no place in a frame'],
    ['it holds a float32', '91 ca 3f800000', 'type 0xca has no place in a frame'],
    ['it holds a fraction', '91 cb 3ff8000000000000', 'a fraction has no place in a frame'],
    ['it holds infinity', '91 cb 7ff0000000000000', 'a fraction has no place in a frame'],
    ['it holds NaN', '91 cb 7ff8000000000000', 'a fraction has no place in a frame'],
    ['it holds negative zero', '91 cb 8000000000000000', 'a fraction has no place in a frame'],
    ['it holds 2^53 as a float', '91 cb 4340000000000000', 'a fraction has no place in a frame'],
    ['a string is longer than the rest', '91 a2 61', 'the frame ends in the middle'],
    ['bytes are longer than the rest', '91 c6 ffffffff 00', 'the frame ends in the middle'],
    ['a number is cut', '91 cf 00000000', 'the frame ends in the middle'],
    ['something follows it', '90 90', 'bytes behind the end of the frame'],
  ])('%s', (_, digits, reason) => {
    expect(reasonFor(hex(digits))).toBe(reason);
  });

  it('it is larger than the limit, whatever it holds', () => {
    const reason = 'a frame of 3 bytes; the most is 2';
    expect(unpackFrame(hex('92 01 01'), { frameBytesMax: 2 })).toEqual({ ok: false, reason });
  });

  it('it nests deeper than 16 lists', () => {
    expect(unpackFrame(hex(`${'91'.repeat(16)} 01`), LIMITS).ok).toBe(true);
    expect(reasonFor(hex(`${'91'.repeat(17)} 01`))).toBe('nested deeper than 16');
  });

  it('it is cut anywhere', () => {
    const frame = packFrame([
      [1, 70_000, 2 ** 40, 'name', 'x'.repeat(300), new Uint8Array(300), -7n, null, true],
    ]);
    for (let length = 0; length < frame.length; length += 1) {
      expect(reasonFor(frame.subarray(0, length))).toMatch(
        /^the frame ends in the middle$|^more than \d elements$/u,
      );
    }
  });
});

/** Reliability 0.5: what kills decoders that believe headers. */
describe('a bomb is refused before anything is allocated for it:', () => {
  it.each([
    ['5 bytes that promise 4 billion elements', hex('dd ffffffff')],
    ['6 bytes that promise 16 million', hex('91 dd 00ffffff')],
    ['72 KB of nested array16 headers', nested('dc ffff', 24_000)],
    ['1,500 bytes of nested array16 headers', nested('dc ffff', 500)],
    ['a thousand nested array32 headers', nested('dd 00010000', 1_000)],
    ['nested lists of one', nested('91', 200_000)],
    ['nested lists of fifteen', nested('9f', 200_000)],
  ])('%s', (_, bomb) => {
    const before = process.memoryUsage();
    const started = process.cpuUsage();
    expect(reasonFor(bomb)).toMatch(/^(?:more than \d+ elements|nested deeper than 16)$/u);
    expect(process.cpuUsage(started).user).toBeLessThan(100_000);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(
      1024 * 1024,
    );
  });

  it.each([
    ['empty lists', listOf(1_000_000, '90')],
    ['cancellations', listOf(690_000, '92 03 01')],
    ['empty keys', Buffer.concat([hex('91 96 02 01 00 00 00 92 01'), listOf(1_000_000, 'c4 00')])],
  ])('a full client frame of %s', (_, bomb) => {
    const limits = { frameBytesMax: clientFrameBytesMax(1.5 * 1024 * 1024) };
    expect(bomb.length).toBeLessThanOrEqual(limits.frameBytesMax);
    const reason = `more than ${CLIENT_FRAME_ELEMENTS_MAX} elements`;
    expect(decodeClientFrame(bomb, limits)).toEqual({ ok: false, reason });
  });
});

function describeWire(value: Wire): string {
  if (typeof value === 'string') return `a string of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `a list of ${value.length}`;
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
