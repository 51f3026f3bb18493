import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientMessages,
  encodeServerMessages,
} from '../../../src/wire/client-codec.ts';
import { decodeEnvelope, encodeEnvelope, peekClusterTime } from '../../../src/wire/envelope.ts';
import type { Result } from '../../../src/wire/frame.ts';
import { decodeOperation, encodeOperation } from '../../../src/wire/operation-codec.ts';
import { decodePeerFrame, encodePeerMessages } from '../../../src/wire/peer-codec.ts';
import { clientMessage, operation, peerMessage, serverMessage } from '../../support/arbitraries.ts';

const LIMITS = { frameBytesMax: 1024 * 1024 };
const OPERATION_LIMITS = { keyBytesMax: 4096, valueBytesMax: 1024 };

interface Codec<T> {
  readonly message: Arbitrary<T>;
  readonly encode: (messages: readonly T[]) => Uint8Array;
  readonly decode: (frame: Uint8Array) => Result<T[]>;
}

function codecSuite<T>(title: string, { message, encode, decode }: Codec<T>): void {
  describe(title, () => {
    it('decodes every message to what was encoded', () => {
      fc.assert(
        fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
          expect(decode(encode(messages))).toEqual({ ok: true, value: messages });
        }),
        { numRuns: 2_000 },
      );
    });

    it('answers a damaged frame with a reason or with messages that encode back, and never throws', () => {
      fc.assert(
        fc.property(
          fc.array(message, { minLength: 1, maxLength: 4 }),
          fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
          fc.nat({ max: 3 }),
          (messages, damages, cut) => {
            const frame = Uint8Array.from(encode(messages));
            for (const [at, byte] of damages) frame[at % frame.length] = byte;
            const decoded = decode(frame.subarray(0, frame.length - cut));
            if (decoded.ok) expect(decode(encode(decoded.value))).toEqual(decoded);
            else expect(decoded.reason).not.toBe('');
          },
        ),
        { numRuns: 5_000 },
      );
    });
  });
}

codecSuite('the client protocol, client to node', {
  message: clientMessage,
  encode: encodeClientMessages,
  decode: (frame) => normalised(decodeClientFrame(frame, LIMITS)),
});

codecSuite('the client protocol, node to client', {
  message: serverMessage,
  encode: encodeServerMessages,
  decode: (frame) => normalised(decodeServerFrame(frame, LIMITS)),
});

codecSuite('the peer protocol', {
  message: peerMessage,
  encode: encodePeerMessages,
  decode: (frame) => normalised(decodePeerFrame(frame, LIMITS)),
});

/** Decoded bytes are Buffers on Node; compare them as what they are, bytes. */
function normalised<T>(value: T): T {
  if (value instanceof Uint8Array) return Uint8Array.from(value) as T;
  if (Array.isArray(value)) return value.map(normalised) as T;
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, normalised(v)])) as T;
  }
  return value;
}

describe('operations', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(operation, (op) => {
        const decoded = decodeOperation(encodeOperation(op), OPERATION_LIMITS);
        expect(normalised(decoded)).toEqual({ ok: true, value: op });
      }),
      { numRuns: 2_000 },
    );
  });

  it('that are damaged are refused, or are other operations that encode to the same bytes', () => {
    fc.assert(
      fc.property(operation, fc.nat(), fc.integer({ min: 0, max: 255 }), (op, at, byte) => {
        const encoded = encodeOperation(op);
        encoded[at % encoded.length] = byte;
        const decoded = decodeOperation(encoded, OPERATION_LIMITS);
        if (decoded.ok) expect(encodeOperation(decoded.value)).toEqual(encoded);
      }),
      { numRuns: 5_000 },
    );
  });

  it('travel through an envelope unchanged, with its stamp', () => {
    const stamp = fc.maxSafeNat();
    fc.assert(
      fc.property(
        stamp,
        fc.array(operation, { maxLength: 5 }),
        fc.string({ unit: 'grapheme', maxLength: 8 }),
        (time, ops, user) => {
          const head = { session: -7n, sequence: 2 ** 40, user, authRevision: 3 };
          const data = encodeEnvelope(
            time,
            ops.map((op) => ({ ...head, operation: encodeOperation(op) })),
          );
          expect(peekClusterTime(data)).toBe(time);
          const requests = ops.map((op) => ({ ...head, operation: op }));
          expect(normalised(decodeEnvelope(data))).toEqual({ clusterTimeMs: time, requests });
        },
      ),
      { numRuns: 500 },
    );
  });
});
