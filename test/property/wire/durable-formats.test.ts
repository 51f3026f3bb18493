import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntries, encodeEntries } from '../../../src/wire/entry-codec.ts';
import {
  decodeEnvelope,
  encodeEnvelope,
  envelopeBytes,
  peekClusterTime,
} from '../../../src/wire/envelope.ts';
import { decodeOperation, encodeOperation } from '../../../src/wire/operation-codec.ts';
import { operation } from '../../support/arbitraries/operations.ts';
import { entries } from '../../support/arbitraries/peer-messages.ts';
import { damaged, damages } from '../../support/damage.ts';
import { plainBytes } from '../../support/plain-bytes.ts';

const LIMITS = { keyBytesMax: 4_096, valueBytesMax: 1_024 };

describe('an operation', () => {
  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(operation, (op) => {
        const decoded = decodeOperation(encodeOperation(op), LIMITS);
        expect(plainBytes(decoded)).toEqual({ ok: true, value: op });
      }),
      { numRuns: 1_000 },
    );
  });

  it('that is damaged is refused, or is another operation with exactly these bytes', () => {
    fc.assert(
      fc.property(operation, damages, (op, list) => {
        const bytes = damaged(encodeOperation(op), list);
        const decoded = decodeOperation(bytes, LIMITS);
        if (decoded.ok) expect(plainBytes(encodeOperation(decoded.value))).toEqual(bytes);
        else expect(decoded.message).not.toBe('');
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('entries', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(decodeEntries(encodeEntries(list))).toEqual(list);
      }),
      { numRuns: 1_000 },
    );
  });

  it('that are damaged are refused, or are others with exactly these bytes', () => {
    fc.assert(
      fc.property(entries, damages, (list, harm) => {
        const bytes = damaged(encodeEntries(list), harm);
        const decoded = decodeEntries(bytes);
        if (decoded !== null) expect(encodeEntries(decoded)).toEqual(bytes);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('an envelope', () => {
  const head = fc.record({
    session: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    sequence: fc.maxSafeNat(),
    user: fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 8 })),
    authRevision: fc.maxSafeNat(),
  });
  const requests = fc.array(fc.tuple(head, operation), { maxLength: 5 });

  it('gives back its stamp and its requests, and is as long as was said', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), requests, (clusterTimeMs, list) => {
        const encoded = list.map(([rest, op]) => ({ ...rest, operation: encodeOperation(op) }));
        const data = encodeEnvelope(clusterTimeMs, encoded);
        expect(data.length).toBe(envelopeBytes(encoded));
        expect(peekClusterTime(data)).toBe(clusterTimeMs);
        const expected = list.map(([rest, op]) => ({ ...rest, acknowledgedThrough: 0, operation: op }));
        expect(plainBytes(decodeEnvelope(data))).toEqual({ clusterTimeMs, requests: expected });
      }),
      { numRuns: 1_000 },
    );
  });
});
