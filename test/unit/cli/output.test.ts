import { describe, expect, test } from 'vitest';
import { cellOf, jsonOf } from '../../../src/cli/bytes-text.ts';
import { EXIT, exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { describeFailure } from '../../../src/cli/failure.ts';
import { Output } from '../../../src/cli/output.ts';
import type { OutputFormat, Shown } from '../../../src/cli/output.ts';
import { columnWidths, displayWidth, tableLine } from '../../../src/cli/table.ts';
import { ERROR_CODES, QuorateError } from '../../../src/wire/errors.ts';
import type { ErrorCode } from '../../../src/wire/errors.ts';
import { fakeIo } from './fake-io.ts';

function row(key: string, value: string): Shown {
  return { json: { key, value }, raw: `${key}\t${value}`, cells: [key, value] };
}

async function shown(
  format: OutputFormat,
  use: (out: Output) => Promise<unknown>,
  { columns, lines = false }: { columns?: number; lines?: boolean } = {},
): Promise<string> {
  const io = fakeIo(columns === undefined ? {} : { columns });
  await use(new Output(io.stdout, { format, color: false, lines }));
  return io.said.out();
}

describe('a table', () => {
  test('is aligned by what a terminal shows: wide and combining characters count as they look', async () => {
    const text = await shown('table', (out) =>
      out.many(['KEY', 'VALUE'], [row('日本', 'a'), row('e\u0301', 'b'), row('plain', 'c')]),
    );
    expect(text).toBe('KEY    VALUE\n日本   a\ne\u0301      b\nplain  c\n');
  });

  test('fits the terminal: the widest column gives way first, with an ellipsis', async () => {
    const text = await shown('table', (out) => out.many(['KEY', 'VALUE'], [row('short', 'x'.repeat(100))]), {
      columns: 30,
    });
    const lines = text.trimEnd().split('\n');
    expect(lines[1]).toBe(`short  ${'x'.repeat(22)}…`);
    expect(Math.max(...lines.map(displayWidth))).toBe(30);
  });

  test('never grows narrower than can be read', () => {
    const widths = columnWidths([['x'.repeat(50), 'y'.repeat(50)]], 10);
    expect(widths).toEqual([12, 12]);
    expect(tableLine(['x'.repeat(50), 'y'], widths)).toBe(`${'x'.repeat(11)}…  y`);
  });

  test('of many rows keeps its columns from one part to the next', async () => {
    const rows = Array.from({ length: 450 }, (_, index) => row(`k${index}`, `v${index}`));
    const lines = (await shown('table', (out) => out.many(['KEY', 'VALUE'], rows))).trimEnd().split('\n');
    expect(lines).toHaveLength(451);
    expect(lines.filter((line) => line.startsWith('KEY'))).toHaveLength(1);
    expect(new Set(lines.slice(1).map((line) => line.indexOf('v')))).toEqual(new Set([6]));
  });

  test('nothing that is stored moves the cursor or colours the screen', () => {
    expect(cellOf(Buffer.from('a\u001b[31mb\n\tc\u202ed\u0000'))).toBe('a\\x1b[31mb\\n\\tc\\u{202e}d\\x00');
    expect(cellOf(Uint8Array.of(0xff, 0xfe))).toBe('b64://4=');
  });
});

test('JSON is one object a line; bytes that are not UTF-8 are base64', async () => {
  expect(await shown('json', (out) => out.many([], [row('a', '1'), row('b', '2')]))).toBe(
    '{"key":"a","value":"1"}\n{"key":"b","value":"2"}\n',
  );
  expect(jsonOf(Uint8Array.of(0xff))).toEqual({ b64: '/w==' });
  expect(jsonOf(Buffer.from('\ufeffbom'))).toBe('\ufeffbom');
});

test('a raw value leaves exactly as it is stored; on a terminal it ends its line', async () => {
  const value = { json: {}, raw: Buffer.from('no newline'), cells: [] };
  expect(await shown('raw', (out) => out.one(value))).toBe('no newline');
  expect(await shown('raw', (out) => out.one(value), { lines: true })).toBe('no newline\n');
});

describe('a failure', () => {
  test('is one line with its code, and a hint', () => {
    const error = new QuorateError('CONFLICT', 'the key is at revision 7', {
      details: { currentRevision: 7 },
    });
    expect(describeFailure(error, false)).toBe(
      'error[CONFLICT]: the key is at revision 7\nhint: read the key again and decide anew\n',
    );
    expect(JSON.parse(describeFailure(error, true))).toEqual({
      code: 'CONFLICT',
      message: 'the key is at revision 7',
      outcome: 'not-applied',
      retryable: false,
      currentRevision: 7,
    });
  });

  test('says when nobody knows whether it happened', () => {
    const error = new QuorateError('TIMEOUT', 'no answer within 3 s', { outcome: 'unknown' });
    expect(describeFailure(error, false)).toContain('it is not known whether this took effect');
  });

  test.each([
    ['NOT_FOUND', 'not-applied', EXIT.notFound],
    ['CONFLICT', 'not-applied', EXIT.conflict],
    ['INVALID_ARGUMENT', 'not-applied', EXIT.usage],
    ['NO_QUORUM', 'not-applied', EXIT.unavailable],
    ['TIMEOUT', 'not-applied', EXIT.unavailable],
    ['TIMEOUT', 'unknown', EXIT.unknown],
    ['UNAVAILABLE', 'unknown', EXIT.unknown],
    ['ABORTED', 'unknown', EXIT.interrupted],
    ['IO_FAILED', 'unknown', EXIT.unhealthy],
    ['ADDRESS_IN_USE', 'not-applied', EXIT.failed],
  ] as const)('%s, %s, ends with its exit code', (code, outcome, exit) => {
    expect(exitCodeOf(new QuorateError(code, 'x', { outcome }))).toBe(exit);
  });

  test('no code ends with 0', () => {
    for (const code of Object.keys(ERROR_CODES).filter(isCode)) {
      expect(exitCodeOf(new QuorateError(code, 'x')), code).toBeGreaterThan(0);
    }
  });
});

function isCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERROR_CODES, name);
}
