import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeClientFrame, decodeServerFrame } from '../../../src/wire/client-codec.ts';
import { decodeOperation } from '../../../src/wire/operation-codec.ts';
import { FRAMES, LIMITS } from './formats.ts';
import { unpackFrame } from '../../../src/wire/frame.ts';

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** Rows like | `ping` | `[4, nonce]` | below a heading. */
function tuplesBelow(heading: string): readonly string[] {
  const section = page.split(/^## /mu).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` +\| `\[(\d+[\w, ]*)\]` +\|$/gmu)].map(
    (row) => `${row[1]}: ${row[2]}`,
  );
}

/** The same of a sample, whose fields stand in the order of the type's, which is that of the tuple. */
function tupleOf(sample: unknown, bytes: Uint8Array): string {
  const frame = unpackFrame(bytes, LIMITS);
  const tuple = frame.ok ? frame.value[0] : null;
  if (!Array.isArray(tuple) || typeof sample !== 'object' || sample === null) throw new Error('no message');
  const [type, ...fields] = Object.keys(sample);
  if (type !== 'type' || fields.length !== tuple.length - 1) throw new Error('a sample with other fields');
  return `${String(Reflect.get(sample, 'type'))}: ${[tuple[0], ...fields].join(', ')}`;
}

describe('docs/protocol.md', () => {
  it.each([
    ['Messages to a node', 'client '],
    ['Messages from a node', 'server '],
  ])('%s: names every message with its tag and its fields', (heading, kind) => {
    const messages = FRAMES.filter(({ title }) => title.startsWith(kind));
    expect(tuplesBelow(heading)).toEqual(messages.map(({ sample, bytes }) => tupleOf(sample, bytes)));
  });

  it('has an example whose bytes mean what it says', () => {
    const example = page.split('## Example')[1] ?? '';
    const [hello, put, written] = [
      ...example.matchAll(/^[→←] +((?:[0-9a-f]{2} +)+)(?:.*\n {2}([0-9a-f ]+) {3})?/gmu),
    ].map((line) => Buffer.from(`${line[1]}${line[2] ?? ''}`.replaceAll(' ', ''), 'hex'));
    if (hello === undefined || put === undefined || written === undefined) throw new Error('no example');
    expect(decodeClientFrame(hello, LIMITS)).toMatchObject({
      ok: true,
      value: [{ type: 'hello', client: 'test' }],
    });
    const write = decodeClientFrame(put, LIMITS);
    if (!write.ok || write.value[0]?.type !== 'write') throw new Error('not a write');
    const operation = decodeOperation(write.value[0].operation, { keyBytesMax: 8, valueBytesMax: 3 });
    expect(operation).toMatchObject({
      ok: true,
      value: { type: 'put', conditions: [], returnPrevious: false },
    });
    const reply = { type: 'put', revision: 2, previous: null };
    const value = [{ type: 'written', id: 1, term: 3, reply }];
    expect(decodeServerFrame(written, LIMITS)).toEqual({ ok: true, value });
  });
});
