import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createStateMachine } from '../../../src/kv/index.ts';
import { serveHttp } from '../../../src/server/http-routes.ts';
import type { HttpNode } from '../../../src/server/http-routes.ts';
import { ownRequest } from '../../../src/server/write-batches.ts';
import type { ServerMessage } from '../../../src/wire/client-protocol.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../src/wire/envelope.ts';
import { decodeOperation } from '../../../src/wire/operation-codec.ts';

const machine = createStateMachine();
const PAGE = { pageRecordsMax: 2, pageBytesMax: 1_000 };

/** The real state machine and no cluster. */
const node: HttpNode = {
  limits: { ...DEFAULT_LIMITS, ...PAGE },
  status: () => {
    throw new Error('nobody asks');
  },
  submit: (message) => {
    const { id } = message;
    if (message.type === 'read') {
      const facts = { term: 1, revision: machine.revision, level: message.level, ageMs: 0 };
      const answer: ServerMessage = {
        type: 'answer',
        id,
        ...facts,
        result: machine.query(message.query, PAGE),
      };
      return Promise.resolve(answer);
    }
    const decoded = decodeOperation(message.operation, DEFAULT_LIMITS);
    if (!decoded.ok) throw new Error(decoded.message);
    const { requests } = decodeEnvelope(encodeEnvelope(0, [ownRequest(decoded.value)]));
    const [reply] = machine.apply(machine.appliedIndex + 1, 0, requests);
    if (reply === undefined) throw new Error('one request, one reply');
    return Promise.resolve({ type: 'written', id, term: 1, reply });
  },
};

let server: Server;
let base = '';

beforeAll(async () => {
  server = createServer((request, response) => void serveHttp(request, response, node)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  base = `http://127.0.0.1:${address.port}/v1/kv/`;
  for (const key of ['a', 'b', 'b2', 'c', '%ff']) await call('PUT', key, key);
  await call('PUT', 'a', 'changed');
});

afterAll(() => {
  server.close();
});

async function call(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${base}${path}`, { method, ...(body !== undefined && { body }) });
  return { status: response.status, text: await response.text() };
}

async function keysOf(query: string): Promise<unknown> {
  const { text } = await call('GET', `?${query}`);
  const page: unknown = JSON.parse(text);
  if (typeof page !== 'object' || page === null || !('records' in page) || !Array.isArray(page.records))
    return text;
  return { ...page, records: page.records.map((record: { readonly key: string }) => record.key) };
}

test.each([
  ['PUT', 'a?ifRevison=3', 'a condition that is misspelt'],
  ['PUT', 'a?ifAbsent=no', 'a flag that is neither true nor false'],
  ['PUT', 'a?lease=0', 'a lease that cannot be'],
  ['PUT', 'a?lease=3&keepLease', 'a lease beside the one that is kept'],
  ['PUT', 'a?ifVersion=9007199254740993', 'a version beyond all'],
  ['DELETE', 'a?prefix=b', 'a range where a key is deleted'],
  ['GET', 'a?atRevision=0', 'a revision below the first'],
  ['GET', 'a?minRevision=-1', 'a negative revision'],
  ['GET', '?limit=-1', 'a negative limit'],
  ['GET', '?limit=0', 'a limit of nothing'],
  ['GET', 'a%zz', 'a key that is escaped wrongly'],
])('%s %s is refused for %s, and changes nothing', async (method, path) => {
  const before = machine.digest();
  const answer = await call(method, path, method === 'PUT' ? 'x' : undefined);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text)).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'not-applied' });
  expect(machine.digest()).toBe(before);
});

test('a page that is not the last says where the next one begins, in both directions and within the prefix', async () => {
  expect(await keysOf('')).toMatchObject({ records: ['a', 'b'], more: true, resume: 'b' });
  expect(await keysOf('after=b')).toMatchObject({ records: ['b2', 'c'], more: true, resume: 'c' });
  expect(await keysOf('after=c')).toMatchObject({ more: false });
  expect(await keysOf('reverse&after=b2')).toMatchObject({ records: ['b', 'a'], more: false });
  expect(await keysOf('prefix=b&after=a')).toMatchObject({ records: ['b', 'b2'], more: false });
  expect(await keysOf('prefix=b&reverse&after=c')).toMatchObject({ records: ['b2', 'b'], more: false });
});

test('a scan takes bounds of revisions and a revision of the past', async () => {
  expect(await keysOf('minModRevision=7')).toMatchObject({ records: ['a'], more: false });
  expect(await keysOf('minModRevision=3&maxModRevision=3&atRevision=6')).toMatchObject({ records: ['b'] });
});

test('a key need not be UTF-8, and a lease that is not there is told as such', async () => {
  expect(await call('GET', '%ff')).toEqual({ status: 200, text: '%ff' });
  expect((await call('GET', '%fe')).status).toBe(404);
  const gone = await call('PUT', 'a?lease=88', 'x');
  expect(gone.status).toBe(404);
  expect(JSON.parse(gone.text)).toMatchObject({ code: 'LEASE_NOT_FOUND' });
});
