import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { waitFor } from '../../../scripts/support/wait-for.mjs';
import { DROP, HOLD, Lane, PASS } from '../../support/faults/lane.ts';
import { LinkProxy } from '../../support/faults/link-proxy.ts';

let server: Server;
let proxy: LinkProxy;
let forth: Lane;
let back: Lane;
let accepted: Far[];

/** One end of a connection, and what it has heard. */
class Far {
  readonly socket: Socket;
  text = '';
  ended = false;
  readonly closed: Promise<void>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1');
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', () => {});
    // Not `once` of node:events: a reset is an error, and rejects it.
    this.closed = new Promise((resolve) => {
      socket.on('close', () => resolve());
    });
  }

  async hears(text: string): Promise<void> {
    await waitFor(`hears ${text}`, () => (this.text === text ? true : undefined), 3_000);
  }
}

beforeEach(async () => {
  accepted = [];
  server = createServer((socket) => accepted.push(new Far(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  forth = new Lane('a', 'b');
  back = new Lane('b', 'a');
  const address = server.address();
  if (!isAddressInfo(address)) throw new Error('the server listens on a port');
  proxy = await LinkProxy.listen({ host: '127.0.0.1', port: address.port }, forth, back);
});

afterEach(async () => {
  await proxy.close();
  for (const { socket } of accepted) socket.destroy();
  server.close();
});

test('what is held back arrives in order after the heal, the end of the stream last', async () => {
  const { near, far } = await connected();
  forth.become(HOLD);
  near.socket.write('b');
  near.socket.write('c');
  near.socket.end();
  await waitFor('two bytes are held', () => (forth.counters.stoppedBytes === 2 ? true : undefined));
  expect(far).toMatchObject({ text: 'a', ended: false });
  forth.become(PASS);
  await far.hears('abc');
  await waitFor('the end', () => (far.ended ? true : undefined));
});

test('one direction can be held while the other passes', async () => {
  const { near, far } = await connected();
  forth.become(HOLD);
  near.socket.write('lost');
  far.socket.write('heard');
  await near.hears('heard');
  expect(far.text).toBe('a');
  expect(forth.counters.stoppedBytes).toBe(4);
  expect(back.counters.stoppedBytes).toBe(0);
});

test('a stream that lost bytes is reset by the heal, and never goes on with a hole', async () => {
  const { near, far } = await connected();
  forth.become(DROP);
  near.socket.write('gone');
  await waitFor('it is dropped', () => (forth.counters.stoppedBytes === 4 ? true : undefined));
  const closed = Promise.all([near.closed, far.closed]);
  forth.become(PASS);
  near.socket.write('after');
  await closed;
  expect(far.text).toBe('a');
  expect(forth.counters.cuts).toBe(1);
});

test('nobody is connected through a closed lane, and a dialler that gave up is never seen', async () => {
  back.become(HOLD);
  const impatient = dial();
  const patient = dial();
  impatient.socket.write('x');
  patient.socket.write('y');
  await once(impatient.socket, 'connect');
  impatient.socket.destroy();
  await waitFor('both knocked', () => (back.counters.stoppedBytes > 40 ? true : undefined));
  expect(accepted).toEqual([]);
  back.become(PASS);
  await waitFor('one is let in', () => (accepted.length > 0 ? true : undefined));
  await accepted[0]?.hears('y');
  expect(accepted).toHaveLength(1);
});

test('delay keeps the order, and throttle the rate', async () => {
  const { near, far } = await connected();
  forth.become({ kind: 'delay', ms: 60, jitterMs: 50 });
  const sinceMs = performance.now();
  for (const letter of 'bcdefgh') near.socket.write(letter);
  await far.hears('abcdefgh');
  forth.become({ kind: 'throttle', bytesPerSecond: 10_000 });
  near.socket.write('x'.repeat(1_000));
  await far.hears(`abcdefgh${'x'.repeat(1_000)}`);
  // At least 10 ms of delay, then 100 ms for a thousand bytes.
  expect(performance.now() - sinceMs).toBeGreaterThan(105);
  expect(forth.counters.slowedBytes).toBe(1_007);
});

test('lost segments come late and in order, and every one comes', async () => {
  const random = [0.1, 0.9, 0.9];
  forth = new Lane('a', 'b', () => random.shift() ?? 0.9);
  expect(forth.latenessMs(1_448)).toEqual({ afterNowMs: 0, afterPreviousMs: 0 });
  forth.become({ kind: 'lose', percent: 50 });
  expect(forth.latenessMs(1_448).afterNowMs).toBeGreaterThan(0);
  expect(forth.latenessMs(1_448).afterNowMs).toBe(0);
});

async function connected(): Promise<{ readonly near: Far; readonly far: Far }> {
  const near = dial();
  near.socket.write('a');
  const far = await waitFor('connected', () => accepted[0]);
  await far.hears('a');
  return { near, far };
}

function dial(): Far {
  const [host = '', port = ''] = proxy.address.split(':');
  return new Far(connect({ host, port: Number(port), allowHalfOpen: true }));
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
