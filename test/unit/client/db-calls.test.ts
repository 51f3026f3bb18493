import { expect, test } from 'vitest';

import { connect, type Db } from '../../../src/client/index.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import { decodeAcknowledged } from '../../../src/wire/acknowledged-operation.ts';
import type { Operation, Reply } from '../../../src/wire/client-protocol.ts';
import { found, LIMITS, record, ScriptedNode, type WriteMessage } from './scripted-node.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A node that applies nothing, and says of each write what the test wants said. */
async function nodeReplying(reply: Reply): Promise<ScriptedNode> {
  return await ScriptedNode.start({
    write: (message, to) => to.say({ type: 'written', id: message.id, term: 3, reply }),
  });
}

function operationOf(message: WriteMessage | undefined): Operation {
  if (message === undefined) throw new Error('nothing was written');
  const decoded = decodeAcknowledged(message.operation, LIMITS);
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value.operation;
}

test('put sends value and conditions, and returns the revision and what it replaced', async () => {
  await using node = await nodeReplying({ type: 'put', revision: 9, previous: record('a', 'old', 4) });
  await using db = await connect(node.url);
  const result = await db.put('a', 'new', {
    ifRevision: 4,
    ifVersion: 1,
    ifPresent: true,
    returnPrevious: true,
  });
  expect(result.revision).toBe(9);
  expect(result.previous?.text()).toBe('old');
  expect(operationOf(node.writes[0])).toMatchObject({
    type: 'put',
    conditions: [{ type: 'present' }, { type: 'revision', modRevision: 4 }, { type: 'version', version: 1 }],
    returnPrevious: true,
  });
});

test('a condition that does not hold rejects with CONFLICT and the revision that stands there', async () => {
  const failure = { code: 'CONFLICT', current: record('a', 'theirs', 5) } as const;
  await using node = await nodeReplying({ type: 'failure', revision: 7, failure });
  await using db = await connect(node.url);
  await expect(db.put('a', 'mine', { ifAbsent: true })).rejects.toMatchObject({
    code: 'CONFLICT',
    outcome: 'not-applied',
    retryable: false,
    details: { currentRevision: 5 },
  });
});

test('delete takes a key, a prefix or a range', async () => {
  const reply = { type: 'delete', revision: 4, deleted: 1, previous: [record('a', 'x')] } as const;
  await using node = await nodeReplying(reply);
  await using db = await connect(node.url);
  const result = await db.delete('a', { returnPrevious: true });
  expect(result).toMatchObject({ deleted: 1, revision: 4 });
  expect(result.previous.map((entry) => entry.key)).toEqual(['a']);
  await db.delete({ prefix: 'a' });
  await db.delete({ start: 'a', end: 'c' });
  await db.delete({ start: 'a' });
  expect(node.writes.map((message) => rangeOf(operationOf(message)))).toEqual(['a', 'a..b', 'a..c', 'a..']);
});

function rangeOf(operation: Operation): string {
  if (operation.type !== 'delete') return operation.type;
  const { start, end } = operation.target;
  return end === null ? text(start) : `${text(start)}..${text(end)}`;
}

test('increment adds one unless told otherwise, and returns the sum', async () => {
  await using node = await nodeReplying({ type: 'increment', revision: 4, value: 41n });
  await using db = await connect(node.url);
  expect(await db.increment('hits')).toEqual({ value: 41n, revision: 4 });
  await db.increment('hits', -5n);
  expect(node.writes.map(operationOf)).toMatchObject([{ by: 1n }, { by: -5n }]);
});

test('get, read and getMany return entries that own their bytes, and undefined for what is not there', async () => {
  const stored = { ...record('a', '{"n":1}', 5), createRevision: 3, version: 2, lease: 8n };
  await using node = await ScriptedNode.start({
    read: (message, to) => {
      const keys = message.query.type === 'get' ? message.query.keys : [];
      to.say(
        found(
          message,
          keys.map((key) => (text(key) === 'a' ? stored : null)),
        ),
      );
    },
  });
  await using db = await connect(node.url);
  const entry = await db.get('a');
  expect(entry).toMatchObject({ key: 'a', createRevision: 3, modRevision: 5, version: 2, lease: 8n });
  expect(entry?.value).toEqual(bytes('{"n":1}'));
  expect(entry?.value.constructor).toBe(Uint8Array);
  expect(entry?.value.buffer.byteLength).toBe(7);
  expect(entry?.text()).toBe('{"n":1}');
  expect(entry?.json<{ n: number }>().n).toBe(1);
  expect(await db.get('b')).toBeUndefined();
  expect((await db.getMany(['b', bytes('a')])).map((each) => each?.key)).toEqual([undefined, 'a']);
  expect(await db.getMany([])).toEqual([]);

  const read = await db.read('a', { level: 'local', minRevision: 6 });
  expect(read).toMatchObject({ revision: 7, term: 1, level: 'local', ageMs: undefined });
  expect((await db.read('a')).ageMs).toBe(0);
  expect(node.reads.at(-2)).toMatchObject({ level: 'local', minRevision: 6 });
});

test('status tells what was last heard of the cluster, without asking', async () => {
  await using node = await ScriptedNode.start();
  await using db = await connect(node.url);
  expect(db.status()).toEqual({
    clusterId: 'cluster-1',
    term: 1,
    leader: 'n1',
    members: [{ id: 'n1', client: node.address }],
    endpoints: [{ address: node.address, node: 'n1', state: 'connected', failure: null }],
  });
});

/** As a program without types calls it. */
function untyped(db: Db, method: Exclude<keyof Db, 'leases'>, ...args: readonly unknown[]): unknown {
  return Reflect.apply(Reflect.get(db, method), db, args);
}

/** A program without types makes these mistakes; none of them may reach a node. */
const MISTAKES: readonly (readonly [string, string, (db: Db) => unknown])[] = [
  ['an empty key', 'INVALID_ARGUMENT', (db) => db.put('', 'x')],
  ['a key that is too long', 'KEY_TOO_LARGE', (db) => db.get('k'.repeat(4_097))],
  ['a value that is too large', 'VALUE_TOO_LARGE', (db) => db.put('a', new Uint8Array(1_048_577))],
  ['a key that is a number', 'INVALID_ARGUMENT', (db) => untyped(db, 'get', 7)],
  ['a value that is an object', 'INVALID_ARGUMENT', (db) => untyped(db, 'put', 'a', {})],
  ['a misspelt condition', 'INVALID_ARGUMENT', (db) => untyped(db, 'put', 'a', 'x', { ifRevison: 1 })],
  [
    'an undefined condition',
    'INVALID_ARGUMENT',
    (db) => untyped(db, 'put', 'a', 'x', { ifRevision: undefined }),
  ],
  ['an undefined prefix', 'INVALID_ARGUMENT', (db) => untyped(db, 'delete', { prefix: undefined })],
  ['a misspelt range', 'INVALID_ARGUMENT', (db) => untyped(db, 'delete', { start: 'a', stop: 'b' })],
  ['a range of nothing', 'INVALID_ARGUMENT', (db) => untyped(db, 'delete', {})],
  ['prefix and start', 'INVALID_ARGUMENT', (db) => untyped(db, 'delete', { prefix: 'a', start: 'b' })],
  ['an increment beyond 64 bits', 'INVALID_ARGUMENT', (db) => db.increment('a', 2n ** 63n)],
  ['an increment by a number', 'INVALID_ARGUMENT', (db) => untyped(db, 'increment', 'a', 1)],
  ['a lease with the id 0', 'INVALID_ARGUMENT', (db) => db.leases.grant({ ttlMs: 1_000, id: 0n })],
  ['a put with the lease 0', 'INVALID_ARGUMENT', (db) => db.put('a', 'x', { lease: 0n })],
  ['an unknown level', 'INVALID_ARGUMENT', (db) => untyped(db, 'get', 'a', { level: 'fast' })],
  ['no time at all', 'INVALID_ARGUMENT', (db) => db.get('a', { timeoutMs: 0 })],
  ['a limit of nothing', 'INVALID_ARGUMENT', (db) => firstOf(db.scan({ prefix: '' }, { limit: 0 }))],
];

async function firstOf(entries: AsyncIterable<unknown>): Promise<unknown> {
  for await (const entry of entries) return entry;
  return undefined;
}

test.each(MISTAKES)('%s rejects with %s and is not sent', async (_, code, call) => {
  await using node = await ScriptedNode.start();
  await using db = await connect(node.url);
  const error = await Promise.resolve(call(db)).then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(QuorateError.is(error)).toBe(true);
  expect(error).toMatchObject({ code, outcome: 'not-applied' });
  expect([...node.writes, ...node.reads]).toEqual([]);
});

test('a misspelt option of connect is refused rather than ignored', async () => {
  await expect(Reflect.apply(connect, undefined, ['quorate://x', { timeoutMS: 5 }])).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('"timeoutMS"'),
  });
});
