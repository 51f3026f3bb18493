import { getEventListeners } from 'node:events';

import { expect, test } from 'vitest';

import { connect, QuorateError } from '../../../src/client/index.ts';
import type { ServerMessage, Topology } from '../../../src/wire/client-protocol.ts';
import { failed, found, ScriptedNode, written, type Script } from './scripted-node.ts';

const answering: Script = {
  write: (message, to) => to.say(written(message.id)),
  read: (message, to) => to.say(found(message, [null])),
};

interface Pair extends AsyncDisposable {
  readonly one: ScriptedNode;
  readonly two: ScriptedNode;
  readonly url: string;
}

/** Two nodes of one cluster that name each other; the first leads. */
async function pair(first: Script, second: Script): Promise<Pair> {
  const nodes: ScriptedNode[] = [];
  const topology = (): Topology => ({
    term: 1,
    leader: 'n1',
    members: nodes.map((node) => ({ id: node.nodeId, client: node.address })),
  });
  const one = await ScriptedNode.start({ nodeId: 'n1', topology, ...first });
  const two = await ScriptedNode.start({ nodeId: 'n2', topology, ...second });
  nodes.push(one, two);
  return {
    one,
    two,
    url: `${one.url},${two.address}`,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

test('calls of one turn share a frame', async () => {
  await using node = await ScriptedNode.start(answering);
  await using db = await connect(node.url, { sessions: false });
  await Promise.all([db.put('a', '1'), db.put('b', '2'), db.get('a')]);
  expect(node.conversations[0]?.frames.map((frame) => frame.map(({ type }) => type))).toEqual([
    ['hello'],
    ['write', 'write', 'read'],
  ]);
});

test('frames to our own nodes carry a mask of zeros and no compression', async () => {
  const seen: Buffer[] = [];
  await using node = await ScriptedNode.start(answering);
  const offers: (string | undefined)[] = [];
  node.onRequest((headers, tcp) => {
    offers.push(headers['sec-websocket-extensions']);
    tcp.on('data', (data) => seen.push(data));
  });
  await using db = await connect(node.url);
  await db.put('a', '1');
  expect(offers).toEqual([undefined]);
  // RFC 6455 §5.2: binary and final, masked with a length below 126, then the mask.
  const first = seen[0];
  expect([first?.[0], (first?.[1] ?? 0) & 0x80]).toEqual([0x82, 0x80]);
  expect(first?.subarray(2, 6)).toEqual(Buffer.alloc(4));
});

test('a connection cut in mid-flight: a write in a session is done by another node', async () => {
  const cutter: Script = { write: (_, to) => to.cut() };
  await using nodes = await pair(cutter, answering);
  await using db = await connect(nodes.url);
  expect(await db.put('a', 'b')).toMatchObject({ revision: 2 });
  const [first, second] = [...nodes.one.writes, ...nodes.two.writes];
  expect(second).toMatchObject({ session: first?.session, sequence: first?.sequence });
});

test('a connection cut in mid-flight: a write alone is unknown, the read is answered by another node', async () => {
  const cutter: Script = { write: (_, to) => to.cut() };
  await using nodes = await pair(cutter, answering);
  const { one, two, url } = nodes;
  await using db = await connect(url, { sessions: false });
  const [write, read] = await Promise.allSettled([db.put('a', 'b'), db.get('a')]);
  expect(write).toMatchObject({ reason: { code: 'UNAVAILABLE', outcome: 'unknown' } });
  expect(read).toEqual({ status: 'fulfilled', value: undefined });
  expect(one.writes).toHaveLength(1);
  expect(two.writes).toHaveLength(0);
});

test('a leader that hangs with open sockets: reads are answered elsewhere before their deadline', async () => {
  await using nodes = await pair({ pongs: false }, answering);
  const { one, url } = nodes;
  await using db = await connect(url);
  await expect(db.get('a', { timeoutMs: 3_000 })).resolves.toBeUndefined();
  expect(one.reads).toHaveLength(1);
});

test('a node that is slow costs the call its deadline, and the next call nothing', async () => {
  let late: (() => void) | undefined;
  await using node = await ScriptedNode.start({
    write: (message, to) => {
      if (late === undefined) late = () => to.say(written(message.id));
      else to.say(written(message.id, 5));
    },
  });
  await using db = await connect(node.url, { sessions: false });
  const startedAt = performance.now();
  await expect(db.put('a', 'b', { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    outcome: 'unknown',
  });
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  late?.();
  await expect(db.put('a', 'b')).resolves.toMatchObject({ revision: 5 });
});

test.each([
  ['bytes that are no MessagePack', Uint8Array.of(0xc1)],
  ['a text frame', 'hello'],
  ['a message that nobody knows', Uint8Array.of(0x91, 0x91, 0x7f)],
  ['nothing', new Uint8Array(0)],
])('%s: that connection ends, a read is asked again on the next one', async (_, data) => {
  let reads = 0;
  await using node = await ScriptedNode.start({
    read: (message, to) => {
      reads += 1;
      if (reads === 1) to.sayRaw(data);
      else to.say(found(message, [null]));
    },
  });
  await using db = await connect(node.url);
  await expect(db.get('a')).resolves.toBeUndefined();
  expect(node.conversations).toHaveLength(2);
});

test('an answer to something else is FRAME_INVALID, and a refusal is told as it is where nothing is tried again', async () => {
  await using node = await ScriptedNode.start({
    write: ({ id }, to) =>
      to.say({ type: 'written', id, term: 1, reply: { type: 'increment', revision: 2, value: 1n } }),
    read: ({ id }, to) => to.say(failed(id, 'SHUTTING_DOWN')),
  });
  await using db = await connect(node.url, { retry: false });
  await expect(db.put('a', 'b')).rejects.toMatchObject({ code: 'FRAME_INVALID', outcome: 'unknown' });
  await expect(db.get('a')).rejects.toMatchObject({ code: 'SHUTTING_DOWN', outcome: 'not-applied' });
});

test('goodbye in the middle of traffic costs no caller an error', async () => {
  await using nodes = await pair(answering, answering);
  const { one, two, url } = nodes;
  await using db = await connect(url);
  let done = 0;
  const lane = async (): Promise<void> => {
    for (; done < 400; done += 1) {
      await db.put('a', 'b');
      if (done === 200) {
        one.script = { ...one.script, write: (message, to) => to.say(failed(message.id, 'SHUTTING_DOWN')) };
        for (const conversation of one.conversations) conversation.say({ type: 'goodbye' });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  expect(two.writes.length).toBeGreaterThan(100);
});

test('nobody listens there: connect rejects with UNAVAILABLE within its deadline, naming the endpoint', async () => {
  const node = await ScriptedNode.start();
  const { address } = node;
  await node[Symbol.asyncDispose]();
  const failure = await connect(`quorate://${address}`, { timeoutMs: 300 }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'UNAVAILABLE', outcome: 'not-applied', retryable: true });
  expect(String(failure)).toContain(`${address}: connect ECONNREFUSED`);
});

test('a server that accepts and says nothing does not hold up connect beyond its deadline', async () => {
  await using node = await ScriptedNode.start({ topology: null });
  const startedAt = performance.now();
  await expect(connect(node.url, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

test('one endpoint that answers is enough, whatever the others do', async () => {
  await using mute = await ScriptedNode.start({ nodeId: 'n9', topology: null });
  await using node = await ScriptedNode.start(answering);
  await using db = await connect(`${mute.url},127.0.0.1:1,${node.address}`);
  await expect(db.put('a', 'b')).resolves.toMatchObject({ revision: 2 });
});

test('a node of another cluster is refused: WRONG_CLUSTER, long before the deadline', async () => {
  await using node = await ScriptedNode.start({ clusterId: 'theirs' });
  await expect(connect(node.url, { clusterId: 'mine', timeoutMs: 60_000 })).rejects.toMatchObject({
    code: 'WRONG_CLUSTER',
  });
  expect(node.hellos[0]).toMatchObject({ clusterId: 'mine', protocolMin: 1, protocolMax: 1 });
});

test('a node without a common protocol version says so to the caller', async () => {
  const refusal: ServerMessage = failed(0, 'PROTOCOL_MISMATCH');
  await using node = await ScriptedNode.start({ hello: (_, to) => to.say(refusal) });
  await expect(connect(node.url, { timeoutMs: 60_000 })).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' });
});

test('lazy connects with the first call', async () => {
  await using node = await ScriptedNode.start(answering);
  await using db = await connect(node.url, { lazy: true });
  expect(db.status().endpoints[0]?.state).toBe('disconnected');
  await db.put('a', 'b');
  expect(db.status().endpoints[0]?.state).toBe('connected');
});

test('an abort rejects with the reason as cause and leaves no listener on the signal', async () => {
  await using node = await ScriptedNode.start({ read: (message, to) => to.say(found(message, [null])) });
  await using db = await connect(node.url, { sessions: false });
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const write = db.put('a', 'b', { signal });
  await db.get('a', { signal });
  giveUp.abort(new Error('changed my mind'));
  await expect(write).rejects.toMatchObject({
    code: 'ABORTED',
    outcome: 'unknown',
    cause: { message: 'changed my mind' },
  });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await expect(db.put('a', 'b', { signal })).rejects.toMatchObject({
    code: 'ABORTED',
    outcome: 'not-applied',
  });
  expect(node.writes).toHaveLength(1);
});

test('a signal that never aborts is left as it was', async () => {
  await using node = await ScriptedNode.start(answering);
  await using db = await connect(node.url);
  const { signal } = new AbortController();
  await Promise.all([db.get('a', { signal }), db.put('a', 'b', { signal })]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('any number of calls hang on one signal with one listener', async () => {
  await using node = await ScriptedNode.start();
  await using db = await connect(node.url);
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const calls = Array.from({ length: 50 }, () => db.get('a', { signal }));
  const settled = Promise.allSettled(calls);
  await node.heard('read');
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  giveUp.abort();
  const codes = (await settled).map((each) => each.status === 'rejected' && each.reason.code);
  expect(new Set(codes)).toEqual(new Set(['ABORTED']));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('close rejects what is open, refuses what comes later, and lets the sockets go', async () => {
  await using node = await ScriptedNode.start();
  const db = await connect(node.url);
  const write = db.put('a', 'b');
  const read = db.get('a');
  const settled = Promise.allSettled([write, read]);
  await node.heard('write');
  await Promise.all([db.close(), db.close()]);
  expect(await settled).toMatchObject([
    { reason: { code: 'CLOSED', outcome: 'unknown' } },
    { reason: { code: 'CLOSED', outcome: 'not-applied' } },
  ]);
  await expect(db.get('a')).rejects.toMatchObject({ code: 'CLOSED' });
  await node.allGone();
});

test('closing does not wait for a node that hangs', async () => {
  await using node = await ScriptedNode.start();
  const db = await connect(node.url);
  node.freeze();
  const startedAt = performance.now();
  await db.close();
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

test('every failure is a QuorateError that another copy of the package would recognise', async () => {
  const failure: unknown = await connect('http://localhost').catch((error: unknown) => error);
  expect(QuorateError.is(failure)).toBe(true);
  expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT', name: 'QuorateError' });
});
