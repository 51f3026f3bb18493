import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/kv/operation.ts';
import { decodeOperation, encodeOperation } from '../../../src/wire/operation-codec.ts';
import { codeOf } from './code-of.ts';

const LIMITS = { keyBytesMax: 8, valueBytesMax: 16 };

function put(keyBytes: number, valueBytes: number): Operation {
  const [key, value] = [new Uint8Array(keyBytes).fill(1), new Uint8Array(valueBytes).fill(2)];
  return { type: 'put', key, value, conditions: [], returnPrevious: false };
}

function remove(startBytes: number, endBytes: number | null): Operation {
  const end = endBytes === null ? null : new Uint8Array(endBytes).fill(1);
  const target = { start: new Uint8Array(startBytes).fill(1), end };
  return { type: 'delete', target, conditions: [], returnPrevious: false };
}

function increment(by: bigint): Operation {
  return { type: 'increment', key: Uint8Array.of(1), by };
}

describe('an operation', () => {
  it.each<[string, Operation, string]>([
    ['a key at the limit', put(8, 0), 'ok'],
    ['a key beyond the limit', put(9, 0), 'KEY_TOO_LARGE: a key of 9 bytes; the most is 8'],
    ['no key', put(0, 0), 'INVALID_ARGUMENT: a key has at least one byte'],
    ['a value at the limit', put(1, 16), 'ok'],
    ['a value beyond the limit', put(1, 17), 'VALUE_TOO_LARGE: a value of 17 bytes; the most is 16'],
    ['a key to delete beyond the limit', remove(9, null), 'KEY_TOO_LARGE: a key of 9 bytes; the most is 8'],
    ['no key to delete', remove(0, null), 'INVALID_ARGUMENT: a key has at least one byte'],
    ['a range over everything', remove(0, 0), 'ok'],
    ['a start of a range beyond the limit', remove(9, 0), 'KEY_TOO_LARGE: a key of 9 bytes; the most is 8'],
    ['an end of a range beyond the limit', remove(0, 9), 'KEY_TOO_LARGE: a key of 9 bytes; the most is 8'],
    ['the largest amount', increment(2n ** 63n - 1n), 'ok'],
    ['a revision to compact to', { type: 'compact', revision: 1 }, 'ok'],
    [
      'no revision to compact to',
      { type: 'compact', revision: 0 },
      'INVALID_ARGUMENT: a compaction takes a revision and nothing else',
    ],
    ['the smallest amount', increment(-(2n ** 63n)), 'ok'],
  ])('with %s is checked where it arrives', (_, operation, verdict) => {
    const decoded = decodeOperation(encodeOperation(operation), LIMITS);
    expect(decoded.ok ? 'ok' : `${decoded.code}: ${decoded.message}`).toBe(verdict);
  });

  it.each([
    ['another format', '02 01 00 00 0001 61 00000000', 'operation format 2 is not known here'],
    ['another kind', '01 63 00 00 0001 61', 'operation kind 99 is not known here'],
    ['a flag that its kind does not take', '01 01 02 00 0001 61 00000000', 'flags or conditions'],
    ['an unknown flag', '01 02 04 00 0001 61', 'flags or conditions'],
    [
      'a counter with conditions',
      '01 03 00 01 01 0000000000000000 0001 61 0000000000000001',
      'flags or cond',
    ],
    [
      'a range with conditions',
      '01 02 02 01 01 0000000000000000 0001 61 0001 62',
      'a range takes no conditions',
    ],
    ['an unknown condition', '01 01 00 01 05 0000000000000000 0001 61 00000000', 'cut short'],
    ['a number where none belongs', '01 01 00 01 01 0000000000000001 0001 61 00000000', 'cut short'],
    ['a revision beyond 2^53', '01 01 00 01 03 0020000000000000 0001 61 00000000', 'cut short'],
    ['nine conditions', `01 01 00 09 ${'01 0000000000000000'.repeat(9)} 0001 61 00000000`, 'cut short'],
    ['a compaction with flags', '01 04 01 00 0000000000000001', 'takes a revision and nothing else'],
    ['a compaction to beyond 2^53', '01 04 00 00 0020000000000000', 'takes a revision and nothing else'],
    ['a compaction that is cut', '01 04 00 00 00000000000001', 'cut short'],
    ['a key that is cut', '01 01 00 00 0005 61', 'cut short'],
    ['a value of 4 GiB', '01 01 00 00 0001 61 ffffffff', 'cut short'],
    ['something behind it', '01 01 00 00 0001 61 00000000 00', 'something follows it'],
    ['nothing', '', 'operation format 0'],
  ])('with %s is refused', (_, digits, reason) => {
    const decoded = decodeOperation(Buffer.from(digits.replaceAll(' ', ''), 'hex'), LIMITS);
    expect(decoded).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
    expect(decoded.ok ? '' : decoded.message).toContain(reason);
  });

  it('that the layout cannot hold is refused before it is sent', () => {
    expect(codeOf(() => encodeOperation(put(65_536, 0)))).toBe('KEY_TOO_LARGE');
    expect(codeOf(() => encodeOperation(remove(0, 65_536)))).toBe('KEY_TOO_LARGE');
    expect(codeOf(() => encodeOperation(increment(2n ** 63n)))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => encodeOperation(increment(-(2n ** 63n) - 1n)))).toBe('INVALID_ARGUMENT');
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('takes no condition on revision or version %d', (number) => {
    for (const condition of [
      { type: 'revision', modRevision: number },
      { type: 'version', version: number },
    ] as const) {
      const operation = {
        type: 'put',
        key: Uint8Array.of(1),
        value: Uint8Array.of(),
        conditions: [condition],
      } as const;
      expect(codeOf(() => encodeOperation({ ...operation, returnPrevious: false }))).toBe('INVALID_ARGUMENT');
    }
  });

  it('takes at most eight conditions', () => {
    const operation = {
      type: 'put',
      key: Uint8Array.of(1),
      value: Uint8Array.of(),
      returnPrevious: false,
    } as const;
    const conditions = Array.from({ length: 8 }, () => ({ type: 'present' }) as const);
    expect(decodeOperation(encodeOperation({ ...operation, conditions }), LIMITS).ok).toBe(true);
    const nine = [...conditions, { type: 'absent' } as const];
    expect(codeOf(() => encodeOperation({ ...operation, conditions: nine }))).toBe('INVALID_ARGUMENT');
  });

  it('has its key and value as views on the bytes it came in', () => {
    const bytes = encodeOperation(put(3, 5));
    const decoded = decodeOperation(bytes, LIMITS);
    if (!decoded.ok || decoded.value.type !== 'put') throw new Error('not a put');
    expect([decoded.value.key.buffer, decoded.value.value.buffer]).toEqual([bytes.buffer, bytes.buffer]);
    bytes.fill(9);
    expect([...decoded.value.key, ...decoded.value.value]).toEqual(Array(8).fill(9));
  });

  it.each([
    ['a lease', -5n, 4, 'fffffffffffffffb'],
    ['the lease to be kept', 'keep', 8, ''],
    ['no lease, as 0', 0n, 0, ''],
  ] as const)('says %s behind the value', (_, lease, flags, behind) => {
    const plain = put(1, 2);
    if (plain.type !== 'put') throw new Error('not a put');
    const bytes = encodeOperation({ ...plain, lease });
    expect(bytes[2]).toBe(flags);
    expect(Buffer.from(bytes.subarray(encodeOperation(plain).length)).toString('hex')).toBe(behind);
    const decoded = decodeOperation(bytes, LIMITS);
    expect(decoded).toMatchObject({ ok: true, value: lease === 0n ? {} : { lease } });
    if (decoded.ok && lease === 0n) expect('lease' in decoded.value).toBe(false);
  });

  it.each([
    ['a lease and to keep one', 12, 8],
    ['a lease, and has none', 4, 0],
    ['a lease that is 0', 4, 8],
    ['what no flag stands for', 16, 0],
  ])('is refused when it says %s', (_, flags, more) => {
    const bytes = Uint8Array.from([...encodeOperation(put(1, 2)), ...Array<number>(more).fill(0)]);
    bytes[2] = flags;
    expect(decodeOperation(bytes, LIMITS)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
  });
});
