import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../../../src/wire/envelope.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { plainBytes } from '../../support/plain-bytes.ts';
import { FRAMES, OPERATION_FORMATS } from './formats.ts';
import { OPERATIONS } from './samples.ts';

/**
 * The bytes of version 1, for good. A test that is red here has found a change of format: nodes and clients of
 * different releases would misread each other, or a node its own log. Give the change a new version, and add its
 * bytes beside these.
 */
const GOLDEN: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('golden-v1.json', import.meta.url), 'utf8'),
);

describe('the bytes of version 1', () => {
  const formats = [...FRAMES, ...OPERATION_FORMATS];

  it.each(formats)('are what they were for $title', ({ title, bytes }) => {
    expect(Buffer.from(bytes).toString('hex')).toBe(GOLDEN[title]);
  });

  it.each(formats)('mean what they meant for $title', ({ title, sample, decode }) => {
    expect(plainBytes(decode(Buffer.from(GOLDEN[title] ?? '', 'hex')))).toEqual(sample);
  });

  it('are what they were for an envelope', () => {
    const head = { session: -1n, sequence: 2, user: 'zoë', authRevision: 3 };
    const operation = OPERATIONS.increment;
    const data = encodeEnvelope(2 ** 41, [{ ...head, operation: encodeOperation(operation) }]);
    expect(Buffer.from(data).toString('hex')).toBe(GOLDEN['envelope']);
    const requests = [{ ...head, acknowledgedThrough: 0, operation }];
    expect(plainBytes(decodeEnvelope(data))).toEqual({ clusterTimeMs: 2 ** 41, requests });
  });

  it('are kept for exactly the formats there are', () => {
    expect(Object.keys(GOLDEN).toSorted()).toEqual(
      ['envelope', ...formats.map(({ title }) => title)].toSorted(),
    );
  });
});
