import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientMessages,
  encodeServerMessages,
} from '../../../src/wire/client-codec.ts';
import type { Result } from '../../../src/wire/frame.ts';
import { decodePeerFrame, encodePeerMessages } from '../../../src/wire/peer-codec.ts';
import { clientMessage, serverMessage } from '../../support/arbitraries/client-messages.ts';
import { peerMessage } from '../../support/arbitraries/peer-messages.ts';
import { damaged, damages } from '../../support/damage.ts';
import { plainBytes } from '../../support/plain-bytes.ts';

const LIMITS = { frameBytesMax: 1024 * 1024 };

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
          expect(plainBytes(decode(encode(messages)))).toEqual({ ok: true, value: messages });
        }),
        { numRuns: 1_000 },
      );
    });

    it('answers a damaged frame with a reason, or with messages that encode and decode to the same', () => {
      const frame = fc.array(message, { minLength: 1, maxLength: 4 }).map(encode);
      fc.assert(
        fc.property(frame, damages, (sound, list) => {
          const decoded = decode(damaged(sound, list));
          if (decoded.ok) expect(plainBytes(decode(encode(decoded.value)))).toEqual(plainBytes(decoded));
          else expect(decoded.reason).not.toBe('');
        }),
        { numRuns: 3_000 },
      );
    });

    it('answers two frames spliced anywhere in the same way', () => {
      const frame = fc
        .array(message, { minLength: 1, maxLength: 3 })
        .map((messages) => [...encode(messages)]);
      fc.assert(
        fc.property(frame, frame, fc.nat(), fc.nat(), (one, other, first, second) => {
          const spliced = [...one.slice(0, first % one.length), ...other.slice(second % other.length)];
          const decoded = decode(Uint8Array.from(spliced));
          if (decoded.ok) expect(plainBytes(decode(encode(decoded.value)))).toEqual(plainBytes(decoded));
        }),
        { numRuns: 3_000 },
      );
    });
  });
}

codecSuite('the client protocol, client to node', {
  message: clientMessage,
  encode: encodeClientMessages,
  decode: (frame) => decodeClientFrame(frame, LIMITS),
});

codecSuite('the client protocol, node to client', {
  message: serverMessage,
  encode: encodeServerMessages,
  decode: (frame) => decodeServerFrame(frame, LIMITS),
});

codecSuite('the peer protocol', {
  message: peerMessage,
  encode: encodePeerMessages,
  decode: (frame) => decodePeerFrame(frame, LIMITS),
});
