import { describe, expect, it } from 'vitest';
import { decodeAcknowledged, withAcknowledgement } from '../../../src/wire/acknowledged-operation.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../src/wire/envelope.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { plainBytes } from '../../support/plain-bytes.ts';
import { codeOf } from './code-of.ts';
import { OPERATIONS } from './samples.ts';

const LIMITS = { keyBytesMax: 4_096, valueBytesMax: 1_024 };
const operation = OPERATIONS.increment;
const encoded = encodeOperation(operation);

describe('an operation with what is acknowledged', () => {
  it('costs three bytes, and says how far back; without them nothing is said', () => {
    const bytes = withAcknowledgement(0x0102, encoded);
    expect(Buffer.from(bytes).toString('hex')).toBe(`020102${Buffer.from(encoded).toString('hex')}`);
    expect(plainBytes(decodeAcknowledged(bytes, LIMITS))).toEqual({
      ok: true,
      value: { back: 0x0102, operation },
    });
    expect(plainBytes(decodeAcknowledged(encoded, LIMITS))).toEqual({
      ok: true,
      value: { back: null, operation },
    });
  });

  it.each([
    ['its own reply', [2, 0, 0, ...encoded]],
    ['nothing that could be read', [2, 1]],
    ['itself once more', [...withAcknowledgement(1, withAcknowledgement(1, encoded))]],
    ['in a format to come', [3, 0, 1, ...encoded]],
  ])('is refused when it acknowledges %s', (_, bytes) => {
    expect(decodeAcknowledged(Uint8Array.from(bytes), LIMITS)).toMatchObject({ ok: false });
  });

  it('is not made of a distance that two bytes cannot say', () => {
    for (const back of [0, -1, 0x1_0000, 1.5]) {
      expect(codeOf(() => withAcknowledgement(back, encoded))).toBe('INVALID_ARGUMENT');
    }
  });

  it('comes out of the log as the sequence through which replies are acknowledged', () => {
    const requests = [7, 8, 1_000].map((back) => ({
      session: 5n,
      sequence: 8,
      user: '',
      authRevision: 0,
      operation: withAcknowledgement(back, encoded),
    }));
    const through = decodeEnvelope(encodeEnvelope(1, requests)).requests.map(
      ({ acknowledgedThrough }) => acknowledgedThrough,
    );
    expect(through).toEqual([1, 0, 0]);
  });
});

describe('an operation on sessions or leases', () => {
  it.each([
    [99, false],
    [100, true],
    [2 ** 40, true],
    [2 ** 40 + 1, false],
  ])('opens one for %d ms: %s', (ttlMs, ok) => {
    expect(decodeAcknowledged(encodeOperation({ type: 'sessionOpen', ttlMs }), LIMITS).ok).toBe(ok);
  });

  it.each([
    'sessionOpen',
    'sessionRenew',
    'sessionClose',
    'sessionExpire',
    'resolve',
    'leaseGrant',
    'leaseRenew',
    'leaseRevoke',
    'leaseExpire',
  ] as const)(
    '%s is refused when it is cut short, goes on, has flags, or stands in a transaction',
    (type) => {
      const bytes = encodeOperation(OPERATIONS[type]);
      const flagged = Uint8Array.from(bytes);
      flagged[2] = 1;
      const step = [1, 0, 0, 0, bytes.length, ...bytes];
      const txn = [1, 5, 0, 0, 0, 0, 0, 1, ...step, 0, 0];
      for (const wrong of [bytes.subarray(0, -1), [...bytes, 0], flagged, txn]) {
        expect(decodeAcknowledged(Uint8Array.from(wrong), LIMITS)).toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
      }
    },
  );
});
