import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { listen } from '../../../src/transport/listener.ts';
import type { Listener, ListenerOptions } from '../../../src/transport/listener.ts';
import { CLIENT_SUBPROTOCOL, PEER_SUBPROTOCOL } from '../../../src/wire/versions.ts';
import { ManualClock } from './manual-clock.ts';
import { quiet, until } from './test-node.ts';

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  `Sec-WebSocket-Protocol: ${CLIENT_SUBPROTOCOL}`,
  '\r\n',
].join('\r\n');

interface Port extends AsyncDisposable {
  readonly listener: Listener;
  readonly opened: WebSocket[];
}

async function open(change: Partial<ListenerOptions> = {}): Promise<Port> {
  const opened: WebSocket[] = [];
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    subprotocol: CLIENT_SUBPROTOCOL,
    frameBytesMax: 64 * 1024,
    connectionsMax: 8,
    allowedOrigins: ['https://console.example.org'],
    allowedHosts: ['node.example.org'],
    onConnection: (socket) => opened.push(socket),
    ...change,
  });
  return { listener, opened, [Symbol.asyncDispose]: () => listener.close(0) };
}

interface Try {
  readonly subprotocols?: readonly string[];
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function dial(
  port: Port,
  { subprotocols = [CLIENT_SUBPROTOCOL], origin, headers = {} }: Try = {},
): WebSocket {
  const { host, port: number } = port.listener.address;
  const options = {
    perMessageDeflate: false,
    headers: { ...headers },
    ...(origin === undefined ? {} : { origin }),
  };
  const socket = new WebSocket(`ws://${host}:${number}`, [...subprotocols], options);
  socket.on('error', () => {});
  return socket;
}

/** What a handshake ends with: 101, or the status of the refusal. */
async function statusOf(socket: WebSocket): Promise<number> {
  return await new Promise((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('close', () => resolve(0));
  });
}

async function raw(port: Port, text: string): Promise<Socket & { said: string }> {
  const { host, port: number } = port.listener.address;
  const socket = Object.assign(connect(number, host), { said: '' });
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    socket.said += bytes.toString();
  });
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function get(
  port: Port,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string }> {
  const { host, port: number } = port.listener.address;
  return await new Promise((resolve, reject) => {
    const asked = request({ host, port: number, path: '/livez', headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (bytes) => {
        body += String(bytes);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('a port that is taken is refused with ADDRESS_IN_USE, its number and what to do', async () => {
  await using port = await open();
  const { host, port: number } = port.listener.address;
  await expect(open({ port: number })).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    message: `another process listens on ${host}:${number}`,
    details: { hint: expect.stringContaining('another port') },
  });
});

test('an address of another machine is refused with CONFIG_INVALID', async () => {
  await expect(open({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test.each<[string, Try, number]>([
  ['the subprotocol', {}, 101],
  ['another subprotocol', { subprotocols: [PEER_SUBPROTOCOL] }, 400],
  ['no subprotocol', { subprotocols: [] }, 400],
  ['an allowed Origin', { origin: 'https://console.example.org' }, 101],
  ['another Origin', { origin: 'https://evil.example.org' }, 403],
  ['a configured Host', { headers: { host: 'node.example.org:7400' } }, 101],
  ['another Host', { headers: { host: 'rebound.example.org:7400' } }, 403],
])('an upgrade with %s (%j) is answered with %i', async (_, attempt, status) => {
  await using port = await open();
  const socket = dial(port, attempt);
  expect(await statusOf(socket)).toBe(status);
  expect(port.opened).toHaveLength(status === 101 ? 1 : 0);
  expect(port.listener.stats().refused).toBe(status === 101 ? 0 : 1);
  if (status === 101) expect(socket.protocol).toBe(CLIENT_SUBPROTOCOL);
  socket.terminate();
});

test('plain requests go to their handler, under the same rules', async () => {
  await using port = await open({ onRequest: (asked, response) => response.end(`you asked ${asked.url}`) });
  expect(await get(port)).toEqual({ status: 200, body: 'you asked /livez' });
  const refused = await get(port, { origin: 'https://evil.example.org' });
  expect(refused.status).toBe(403);
  expect(JSON.parse(refused.body)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect((await get(port, { host: 'rebound.example.org' })).status).toBe(403);
});

test('a port without a handler says what it speaks', async () => {
  await using port = await open();
  const { status, body } = await get(port);
  expect(status).toBe(426);
  expect(body).toContain(CLIENT_SUBPROTOCOL);
});

test('headers that never end are cut off, and others are served meanwhile', async () => {
  await using port = await open({
    limits: { headersTimeoutMs: 200, requestTimeoutMs: 200 },
    onRequest: (_, response) => response.end('here'),
  });
  const drip = await raw(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-');
  const mute = await raw(port, '');
  expect((await get(port)).status).toBe(200);
  await until('the end of both', () => drip.closed && mute.closed);
  expect(drip.said).toContain('408');
  expect(port.listener.stats()).toMatchObject({ unauthenticated: 0, invalidRequests: 2 });
});

test.each([
  ['what is not HTTP', `${'\u0001'.repeat(100)}\r\n\r\n`, '400'],
  ['headers of 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(16 * 1024)}\r\n\r\n`, '431'],
])('%s ends with a status and the end of that connection', async (_, text, status) => {
  await using port = await open();
  const socket = await raw(port, text);
  await until('the end', () => socket.closed);
  expect(socket.said).toMatch(new RegExp(`^HTTP/1.1 ${status} `, 'u'));
  expect(port.listener.stats().invalidRequests).toBe(1);
});

test('of those who have not spoken yet only so many are let in', async () => {
  await using port = await open({ limits: { unauthenticatedMax: 3 } });
  const mute = await Promise.all([raw(port, ''), raw(port, ''), raw(port, '')]);
  await until('all of them', () => port.listener.stats().unauthenticated === 3);
  expect(await statusOf(dial(port))).toBe(0);
  mute[0]?.destroy();
  await until('room', () => port.listener.stats().unauthenticated === 2);
  const socket = dial(port);
  expect(await statusOf(socket)).toBe(101);
  // Still a stranger: a handshake is not a word.
  expect(port.listener.stats().unauthenticated).toBe(3);
  socket.send('a first frame');
  await until('a word', () => port.listener.stats().unauthenticated === 2);
  for (const each of mute) each.destroy();
  socket.terminate();
});

test('a connection without a first frame is closed after 5 s, one with a frame is not', async () => {
  const clock = new ManualClock();
  await using port = await open({ clock });
  const [mute, speaking] = [dial(port), dial(port)];
  expect([await statusOf(mute), await statusOf(speaking)]).toEqual([101, 101]);
  const closed = once(mute, 'close');
  speaking.send('a first frame');
  await until('the frame', () => port.listener.stats().unauthenticated === 1);
  clock.advance(4_999);
  await quiet();
  expect(port.listener.stats().webSockets).toBe(2);
  clock.advance(1);
  expect((await closed)[0]).toBe(1008);
  await until('one left', () => port.listener.stats().webSockets === 1);
  expect(port.listener.stats().firstFrameTimeouts).toBe(1);
  speaking.terminate();
});

test('above its number of connections a port answers 503, and takes one again when one has gone', async () => {
  await using port = await open({ connectionsMax: 2 });
  const sockets = [dial(port), dial(port)];
  for (const socket of sockets) expect(await statusOf(socket)).toBe(101);
  expect(await statusOf(dial(port))).toBe(503);
  sockets[0]?.terminate();
  await until('room', () => port.listener.stats().webSockets === 1);
  const next = dial(port);
  expect(await statusOf(next)).toBe(101);
  for (const socket of [...sockets, next]) socket.terminate();
});

test('an oversized frame costs its connection, is counted, and is never handed over', async () => {
  await using port = await open();
  const [large, small] = [dial(port), dial(port)];
  await Promise.all([statusOf(large), statusOf(small)]);
  const frames: number[] = [];
  for (const socket of port.opened) socket.on('message', (data: Buffer) => frames.push(data.length));
  const closed = once(large, 'close');
  large.send(new Uint8Array(64 * 1024 + 1));
  small.send(new Uint8Array(64 * 1024));
  expect((await closed)[0]).toBe(1009);
  await until('the small one', () => frames.length > 0);
  expect(frames).toEqual([64 * 1024]);
  expect(port.listener.stats()).toMatchObject({ invalidFrames: 1, webSockets: 1 });
  small.terminate();
});

test('the largest frame arrives even in the smallest pieces', async () => {
  await using port = await open({ frameBytesMax: 4 * 1024 * 1024 });
  const socket = await raw(port, UPGRADE);
  await until('the handshake', () => port.opened.length === 1);
  const frames: number[] = [];
  port.opened[0]?.on('message', (data: Buffer) => frames.push(data.length));
  socket.setNoDelay();
  // Final, binary, masked with zeros, 8 bytes of length.
  socket.write(Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0));
  for (let left = 4 * 1024 * 1024; left > 0; left -= 536) {
    socket.write(Buffer.alloc(Math.min(536, left)));
    await nextTurn();
  }
  await until('the frame', () => frames.length > 0);
  expect(frames).toEqual([4 * 1024 * 1024]);
  socket.destroy();
});

test('closing says goodbye, refuses newcomers, and is over within its bound', async () => {
  const clock = new ManualClock();
  const port = await open({ clock });
  const polite = dial(port);
  const deaf = dial(port);
  await Promise.all([statusOf(polite), statusOf(deaf)]);
  for (const socket of [polite, deaf]) socket.send('a first frame');
  await raw(port, '');
  await until('one stranger', () => port.listener.stats().unauthenticated === 1);
  deaf.pause();
  const goodbye = once(polite, 'close');
  let over = false;
  const closing = port.listener.close(1_000).finally(() => {
    over = true;
  });
  expect((await goodbye)[0]).toBe(1001);
  expect(await statusOf(dial(port))).toBe(0);
  await quiet();
  expect(over).toBe(false);
  clock.advance(1_000);
  await quiet();
  expect(over).toBe(true);
  await closing;
  expect(clock.pending).toBe(0);
  deaf.terminate();
});
