import { EventEmitter, once } from 'node:events';

import { expect, test } from 'vitest';

import { connect, type Db, type Entry } from '../../../src/client/index.ts';
import type { KvRecord } from '../../../src/wire/client-protocol.ts';
import { failed, record, ScriptedNode, type ReadMessage } from './scripted-node.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const PAGE = 2;

/** Serves KEYS in pages of two, each at a newer revision of the store. */
async function pagingNode(): Promise<ScriptedNode> {
  let revision = 10;
  return await ScriptedNode.start({
    read: (message, to) => {
      revision += 1;
      const page = { type: 'scan', ...pageFor(message) } as const;
      const resume = page.more ? (page.records.at(-1)?.key ?? null) : null;
      const isPast = message.query.type === 'past';
      const result = isPast ? ({ type: 'past', result: page, resume } as const) : page;
      to.say({ type: 'answer', id: message.id, term: 1, revision, level: message.level, ageMs: 0, result });
    },
  });
}

function pageFor(message: ReadMessage): {
  readonly records: KvRecord[];
  readonly more: boolean;
  readonly count: number;
} {
  const query = message.query.type === 'past' ? message.query.read : message.query;
  if (query.type !== 'scan') throw new Error('not a scan');
  const start = text(query.range.start);
  const end = query.range.end === null || query.range.end.length === 0 ? '\uffff' : text(query.range.end);
  const matching = KEYS.filter((key) => key >= start && key < end);
  if (query.countOnly) return { records: [], more: false, count: matching.length };
  const ordered = query.reverse ? matching.toReversed() : matching;
  const size = query.limit === 0 ? PAGE : Math.min(PAGE, query.limit);
  const records = ordered.slice(0, size).map((key) => record(key, query.keysOnly ? '' : `value of ${key}`));
  return { records, more: ordered.length > size, count: records.length };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function keysOf(entries: AsyncIterable<Entry>): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const entry of entries) keys.push(entry.key);
  return keys;
}

async function scanning(use: (db: Db, node: ScriptedNode) => Promise<void>): Promise<void> {
  await using node = await pagingNode();
  await using db = await connect(node.url);
  await use(db, node);
}

test('a scan gives every entry once, in order, over as many pages as it takes', async () => {
  await scanning(async (db) => {
    expect(await keysOf(db.scan({ prefix: '' }))).toEqual(KEYS);
    expect(await keysOf(db.scan({ start: 'b', end: 'f' }))).toEqual(['b', 'c', 'd', 'e']);
    expect(await keysOf(db.scan({ prefix: '' }, { reverse: true }))).toEqual(KEYS.toReversed());
    expect(await keysOf(db.scan({ start: 'b', end: 'f' }, { reverse: true, limit: 3 }))).toEqual([
      'e',
      'd',
      'c',
    ]);
    expect(await keysOf(db.scan({ start: 'x' }))).toEqual([]);
  });
});

test('a limit is kept over page borders, and no page is asked for beyond it', async () => {
  await scanning(async (db, node) => {
    expect(await keysOf(db.scan({ prefix: '' }, { limit: 4 }))).toEqual(['a', 'b', 'c', 'd']);
    expect(node.reads).toHaveLength(2);
  });
});

test('nothing is asked before the first entry is wanted, and one page ahead at most', async () => {
  await scanning(async (db, node) => {
    const entries = db.scan({ prefix: '' })[Symbol.asyncIterator]();
    expect(node.reads).toHaveLength(0);
    await entries.next();
    await db.count({ prefix: '' });
    // The count came after whatever the scan asked for on its own: two pages.
    expect(node.reads.map(({ query }) => query.type === 'scan' && query.countOnly)).toEqual([
      false,
      false,
      true,
    ]);
    await entries.return?.();
  });
});

test('the first page fixes the revision of all others, and a node that is behind waits for it', async () => {
  await scanning(async (db, node) => {
    await keysOf(db.scan({ prefix: '' }, { level: 'local', minRevision: 5 }));
    expect(node.reads.map(({ minRevision }) => minRevision)).toEqual([5, 11, 11, 11]);
    const asked = node.reads.map(({ query }) => (query.type === 'past' ? query.revision : null));
    expect(asked).toEqual([null, 11, 11, 11]);
  });
});

test('count asks for no entries', async () => {
  await scanning(async (db) => {
    expect(await db.count({ prefix: '' })).toBe(KEYS.length);
    expect(await db.count({ start: 'c', end: 'e' })).toBe(2);
  });
});

test('leaving the loop early gives up the page that was read ahead', async () => {
  const reads: ReadMessage[] = [];
  const secondRead = new EventEmitter();
  await using node = await ScriptedNode.start({
    read: (message, to) => {
      reads.push(message);
      if (reads.length > 1) {
        secondRead.emit('came');
        return;
      }
      const result = { type: 'scan', ...pageFor(message) } as const;
      to.say({
        type: 'answer',
        id: message.id,
        term: 1,
        revision: 5,
        level: 'linearizable',
        ageMs: 0,
        result,
      });
    },
  });
  await using db = await connect(node.url);
  for await (const entry of db.scan({ prefix: '' })) {
    expect(entry.key).toBe('a');
    if (reads.length < 2) await once(secondRead, 'came');
    break;
  }
  await node.heard('cancel');
  expect(node.conversations[0]?.heard.at(-1)).toEqual({ type: 'cancel', id: reads[1]?.id });
});

test('a page that fails while the one before it is consumed fails in the loop, and nowhere else', async () => {
  let pages = 0;
  await using node = await ScriptedNode.start({
    read: (message, to) => {
      pages += 1;
      if (pages > 1) return to.say(failed(message.id, 'INTERNAL'));
      const result = { type: 'scan', ...pageFor(message) } as const;
      to.say({
        type: 'answer',
        id: message.id,
        term: 1,
        revision: 5,
        level: 'linearizable',
        ageMs: 0,
        result,
      });
    },
  });
  await using db = await connect(node.url);
  const seen: string[] = [];
  const loop = async (): Promise<void> => {
    for await (const entry of db.scan({ prefix: '' })) {
      seen.push(entry.key);
      // The next page has failed by the time this returns.
      await db.count({ prefix: '' }).catch(() => {});
    }
  };
  await expect(loop()).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(seen).toEqual(['a', 'b']);
});
