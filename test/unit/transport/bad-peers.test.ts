import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, test } from 'vitest';

import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';
import { FakePeer } from './fake-peer.ts';
import { hello } from './hellos.ts';
import { ManualClock } from './manual-clock.ts';
import { append, endpointOf, forward, question } from './messages.ts';
import { FRAME_BYTES_MAX, HEARTBEAT_MS, quiet, TestNode, until } from './test-node.ts';

const ping: PeerMessage = { type: 'ping' };

interface Hostile {
  readonly what: string;
  readonly closedWith: number;
  readonly send: (peer: FakePeer) => void;
}

const HOSTILE: readonly Hostile[] = [
  { what: 'random bytes', closedWith: 1008, send: (peer) => peer.socket.send(randomBytes(512)) },
  { what: 'an empty frame', closedWith: 1008, send: (peer) => peer.socket.send(new Uint8Array(0)) },
  { what: 'a text frame', closedWith: 1008, send: (peer) => peer.socket.send('hello') },
  {
    what: 'an oversized frame',
    closedWith: 1009,
    send: (peer) => peer.socket.send(new Uint8Array(FRAME_BYTES_MAX + 1)),
  },
  {
    what: 'a message in a hundred fragments',
    closedWith: 1008,
    send: (peer) => {
      for (let part = 0; part < 100; part += 1) peer.socket.send('x', { fin: false, binary: true });
    },
  },
  {
    what: 'a frame without a mask',
    closedWith: 1002,
    send: (peer) => peer.socket.send('x', { mask: false }),
  },
];

test.each(HOSTILE)('$what cost a stranger or a peer its connection, and nobody else', async (row) => {
  await using n2 = await TestNode.open('n2');
  await using n3 = await TestNode.open('n3');
  n3.join({});
  n2.join({ n3: n3.listener.address });
  await until('an honest link', () => n2.links.isUp('n3') && n3.links.isUp('n2'));
  using peer = await FakePeer.join(n2, 'n1');
  using stranger = await FakePeer.open(n2);
  row.send(stranger);
  row.send(peer);
  await until('both ends', () => stranger.isClosed && peer.isClosed);
  expect([stranger.closedWith, peer.closedWith]).toEqual([row.closedWith, row.closedWith]);
  expect(n2.told).toEqual(['up n3', 'up n1', 'down n1 invalid']);
  expect(n2.warnings.map(({ peer: who, code }) => [who, code])).toContainEqual(['n1', 'FRAME_INVALID']);
  expect(n2.links.stats().invalidFrames).toBe(2);
  expect(n3.told).toEqual(['up n2']);
});

test.each<[string, readonly PeerMessage[]]>([
  ['something before its hello', [ping, hello('n1', 'n2')]],
  ['a refusal before its hello', [{ type: 'refuse', code: 'WRONG_NODE', message: 'x' }]],
  ['two hellos', [hello('n1', 'n2'), hello('n1', 'n2')]],
  ['a hello after the handshake', [hello('n1', 'n2'), ping, question(1), hello('n1', 'n2')]],
])('a peer that says %s is cut off', async (_, messages) => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock() });
  n2.join({});
  using n1 = await FakePeer.open(n2);
  n1.say(...messages);
  await until('the end', () => n1.isClosed);
  expect(n1.closedWith).toBe(1008);
  expect(n2.links.isUp('n1')).toBe(false);
  expect(n2.links.stats().invalidFrames).toBe(1);
});

test('a peer that falls silent is cut off after 5 heartbeats', async () => {
  const clock = new ManualClock();
  await using n2 = await TestNode.open('n2', { clock });
  n2.join({});
  using n1 = await FakePeer.join(n2, 'n1');
  for (let beat = 0; beat < 5; beat += 1) clock.advance(HEARTBEAT_MS);
  expect(n2.told).toEqual(['up n1']);
  clock.advance(HEARTBEAT_MS);
  expect(n2.told).toEqual(['up n1', 'down n1 silent']);
  await until('the end', () => n1.isClosed);
});

test('a peer that goes silent in the middle of the handshake is cut off as well', async () => {
  const clock = new ManualClock();
  await using n2 = await TestNode.open('n2', { clock });
  n2.join({});
  using n1 = await FakePeer.open(n2);
  n1.say(hello('n1', 'n2'));
  await until('its hello', () => n1.received.length === 1);
  clock.advance(6 * HEARTBEAT_MS);
  await until('the end', () => n1.isClosed);
  expect(n2.told).toEqual([]);
});

test('a pause of our own does not count as silence of the others', async () => {
  const clock = new ManualClock();
  await using n2 = await TestNode.open('n2', { clock });
  n2.join({});
  using n1 = await FakePeer.join(n2, 'n1');
  // As after SIGSTOP and SIGCONT: long time, one timer, and only then what has come meanwhile.
  clock.jump(10_000);
  expect(n2.told).toEqual(['up n1']);
  expect(n1.isClosed).toBe(false);
});

test('an address that takes connections and never answers is tried again every few hundred milliseconds', async () => {
  const clock = new ManualClock();
  let taken = 0;
  const mute = createServer((socket) => {
    taken += 1;
    socket.on('error', () => {}).resume();
  });
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  await using n1 = await TestNode.open('n1', { clock });
  n1.join({ n2: endpointOf(mute) });
  await until('an attempt', () => taken === 1);
  clock.advance(299);
  await quiet();
  expect(taken).toBe(1);
  for (const attempts of [2, 3, 4, 5, 6]) {
    // At most 300 ms for the attempt and 300 ms for the pause.
    for (let step = 0; step < 6; step += 1) {
      clock.advance(100);
      await quiet();
    }
    expect(taken).toBeGreaterThanOrEqual(attempts);
  }
  expect(n1.told).toEqual([]);
  mute.close();
});

test('a peer that connects anew replaces its old link, which may be half open', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock() });
  n2.join({});
  using old = await FakePeer.join(n2, 'n1');
  using young = await FakePeer.join(n2, 'n1');
  await until('the end of the old one', () => old.isClosed);
  expect(n2.told).toEqual(['up n1', 'down n1 replaced', 'up n1']);
  young.say(question(7));
  await until('its message', () => n2.received.length === 1);
  expect(n2.warnings).toEqual([]);
});

test('the old link ends when we answer the new one with our hello, and nothing of it comes behind', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock() });
  n2.join({});
  using old = await FakePeer.join(n2, 'n1');
  using young = await FakePeer.open(n2);
  young.say(hello('n1', 'n2'));
  await until('our hello', () => young.received.length === 1);
  old.say(question(7));
  await until('the end of the old one', () => old.isClosed);
  await quiet();
  expect(n2.told).toEqual(['up n1', 'down n1 replaced']);
});

test('a stranger with a wrong hello does not replace a link', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock() });
  n2.join({});
  using n1 = await FakePeer.join(n2, 'n1');
  using stranger = await FakePeer.open(n2);
  stranger.say(hello('n1', 'n2', { clusterName: 'other' }));
  await until('its end', () => stranger.isClosed);
  expect(n2.told).toEqual(['up n1']);
  expect(n1.isClosed).toBe(false);
});

test('two processes that take turns under one identity are reported', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock() });
  n2.join({});
  for (let turn = 0; turn < 4; turn += 1) await FakePeer.join(n2, 'n1');
  expect(n2.warnings.map(({ kind, peer, code }) => ({ kind, peer, code }))).toEqual([
    { kind: 'contested', peer: 'n1', code: 'WRONG_NODE' },
  ]);
});

const TIGHT = { bufferedBytesSoft: 1_000_000, bufferedBytesHard: 2_000_000, stalledHeartbeatsMax: 3 };

/** Sends entries to a peer that has stopped reading until the first is dropped. */
async function fill(n2: TestNode, n1: FakePeer): Promise<void> {
  n1.socket.pause();
  let queued = true;
  while (queued) {
    queued = n2.links.send('n1', append(100_000));
    n2.links.flush();
    await quiet();
  }
}

test('a peer that does not read costs bounded memory: entries are dropped and counted, heartbeats are not', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock(), tuning: TIGHT });
  n2.join({});
  using n1 = await FakePeer.join(n2, 'n1');
  await fill(n2, n1);
  for (let more = 0; more < 100; more += 1) expect(n2.links.send('n1', append(100_000))).toBe(false);
  expect(n2.links.send('n1', append(null))).toBe(true);
  n2.links.flush();
  const { bufferedBytes } = n2.stats('n1');
  expect(bufferedBytes).toBeGreaterThan(TIGHT.bufferedBytesSoft);
  expect(bufferedBytes).toBeLessThan(TIGHT.bufferedBytesSoft + 200_000);
  expect(n2.links.stats().messagesDropped).toBe(101);

  // It reads again: everything that was not dropped arrives, whole and in order.
  const sentMessages = n2.stats('n1').link?.messagesSent ?? 0;
  n1.socket.resume();
  await until('the rest', () => n1.received.length === sentMessages);
  await until('room', () => n2.stats('n1').bufferedBytes === 0);
  expect(n2.links.send('n1', append(100_000))).toBe(true);
  expect(n2.told).toEqual(['up n1']);
});

test('what may not be dropped ends the link when it does not fit', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock(), tuning: TIGHT });
  n2.join({});
  using n1 = await FakePeer.join(n2, 'n1');
  await fill(n2, n1);
  let batch = 0;
  while (n2.links.send('n1', forward(batch, 300_000))) batch += 1;
  expect(batch).toBeLessThanOrEqual(4);
  expect(n2.told).toEqual(['up n1', 'down n1 overflow']);
});

test('a link that stays above the hard bound is cut, though the peer still talks', async () => {
  const clock = new ManualClock();
  await using n2 = await TestNode.open('n2', { clock, tuning: TIGHT });
  n2.join({});
  using n1 = await FakePeer.join(n2, 'n1');
  await fill(n2, n1);
  n2.links.send('n1', forward(1, 1_100_000));
  n2.links.flush();
  for (let beat = 0; beat < 3; beat += 1) {
    n1.say(ping);
    await quiet();
    clock.advance(HEARTBEAT_MS);
  }
  expect(n2.links.isUp('n1')).toBe(true);
  clock.advance(HEARTBEAT_MS);
  expect(n2.told).toEqual(['up n1', 'down n1 stalled']);
});
