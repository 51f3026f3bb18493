import { describe, expect, it } from 'vitest';
import {
  decodeEnvelope,
  encodeEnvelope,
  envelopeBytes,
  peekClusterTime,
} from '../../../src/wire/envelope.ts';
import type { EncodedRequest } from '../../../src/wire/envelope.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { OPERATIONS } from './samples.ts';

const request: EncodedRequest = {
  session: 3n,
  sequence: 4,
  user: 'ann',
  authRevision: 5,
  operation: encodeOperation(OPERATIONS.put),
};

const sound = encodeEnvelope(1_000, [request, { ...request, user: '' }]);

function changed(at: number, byte: number): Uint8Array {
  return Uint8Array.from(sound).fill(byte, at, at + 1);
}

describe('an envelope', () => {
  it('of no requests is its header and stamp', () => {
    const empty = encodeEnvelope(7, []);
    expect(empty.length).toBe(14);
    expect(decodeEnvelope(empty)).toEqual({ clusterTimeMs: 7, requests: [] });
  });

  it('holds an operation as its client encoded it', () => {
    expect(Buffer.from(sound).includes(Buffer.from(request.operation))).toBe(true);
    expect(envelopeBytes([request]) - envelopeBytes([])).toBe(30 + 3 + request.operation.length);
  });

  it('keeps a user name to the letter, a byte order mark included', () => {
    const [first] = decodeEnvelope(encodeEnvelope(1, [{ ...request, user: '\ufeffzoë' }])).requests;
    expect(first?.user).toBe('\ufeffzoë');
  });

  it('is read at its place in a larger buffer', () => {
    const around = Buffer.concat([Buffer.alloc(5, 0xff), sound, Buffer.alloc(5, 0xff)]);
    const inside = around.subarray(5, 5 + sound.length);
    expect(peekClusterTime(inside)).toBe(1_000);
    expect(decodeEnvelope(inside)).toEqual(decodeEnvelope(sound));
  });

  it('gives its requests as views: nothing is copied at apply', () => {
    const [first] = decodeEnvelope(sound).requests;
    if (first?.operation.type !== 'put') throw new Error('not a put');
    expect(first.operation.value.buffer).toBe(sound.buffer);
  });

  it.each([
    ['another format', changed(0, 9), 'envelope format 9'],
    ['another kind', changed(1, 9), 'envelope kind 9'],
    ['a stamp beyond 2^53', changed(2, 0xff), 'no safe integer at offset 2'],
    ['a sequence beyond 2^53', changed(14 + 8, 0xff), 'no safe integer at offset 22'],
    ['too few requests for its length', changed(13, 1), 'something follows'],
    [
      'an operation of another format',
      changed(14 + 30 + 3, 9),
      'request 0 of an envelope: operation format 9',
    ],
    ['less than a header', sound.subarray(0, 13), 'an envelope of 13 bytes'],
    ['a request that is cut', sound.subarray(0, sound.length - 1), 'cut short'],
  ])('with %s cannot be ours, and that is said aloud', (_, data, message) => {
    expect(() => decodeEnvelope(data)).toThrow(message);
  });

  it('cut anywhere throws and never gives half of its requests', () => {
    for (let length = 0; length < sound.length; length += 1) {
      expect(() => decodeEnvelope(sound.subarray(0, length))).toThrow();
    }
  });
});
