import { expect, test } from 'vitest';

import { LinkProxy } from './link-proxy.ts';
import { ManualClock } from './manual-clock.ts';
import { forward, question } from './messages.ts';
import { addressesOf, HEARTBEAT_MS, quiet, TestNode, until } from './test-node.ts';

/** Two nodes in step on one manual clock, with a network between them that the test holds. */
async function pair(): Promise<
  AsyncDisposable & { n1: TestNode; n2: TestNode; clock: ManualClock; net: LinkProxy }
> {
  const clock = new ManualClock();
  const n1 = await TestNode.open('n1', { clock });
  const n2 = await TestNode.open('n2', { clock });
  const net = await LinkProxy.open(n2.listener.address);
  n2.join({});
  n1.join({ n2: net.address });
  await until('a link', () => n1.links.isUp('n2') && n2.links.isUp('n1'));
  return {
    n1,
    n2,
    clock,
    net,
    async [Symbol.asyncDispose]() {
      await Promise.all([n1.close(), n2.close()]);
      await net[Symbol.asyncDispose]();
    },
  };
}

/** One heartbeat after the other, with time for the sockets between them. */
async function beat(clock: ManualClock, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    clock.advance(HEARTBEAT_MS);
    await quiet();
  }
}

function sent(node: TestNode, peer: string): number {
  return node.stats(peer).link?.framesSent ?? 0;
}

function heard(node: TestNode, peer: string): number {
  return node.stats(peer).link?.framesReceived ?? 0;
}

test.each([[['n1', 'n2', 'n3']], [['n3', 'n2', 'n1']], [['n2', 'n3', 'n1']]])(
  'nodes that start in the order %j find each other, with one link between any two',
  async (order) => {
    await using n1 = await TestNode.open('n1');
    await using n2 = await TestNode.open('n2');
    await using n3 = await TestNode.open('n3');
    const nodes = [n1, n2, n3];
    for (const id of order) {
      nodes.find((node) => node.id === id)?.join(addressesOf(...nodes));
      await quiet();
    }
    await until('six ends of three links', () =>
      nodes.every((node) => node.links.stats().peers.every(({ up }) => up)),
    );
    await quiet();
    expect(nodes.map((node) => node.listener.stats().webSockets)).toEqual([0, 1, 2]);
    expect(nodes.flatMap((node) => node.warnings)).toEqual([]);
  },
);

test('a closed socket is reported at once on both sides, and the link is back within 600 ms', async () => {
  await using network = await pair();
  const { n1, n2, clock, net } = network;
  net.cut();
  // The clock stands still: nothing waited for anything.
  await until('both reports', () => n1.told.length === 2 && n2.told.length === 2);
  expect(n1.told).toEqual(['up n2', 'down n2 closed']);
  expect(n2.told).toEqual(['up n1', 'down n1 closed']);
  const cutAt = clock.now();
  while (!n1.links.isUp('n2') || !n2.links.isUp('n1')) await beat(clock, 1);
  expect(clock.now() - cutAt).toBeLessThanOrEqual(600);
});

test('a silent network is noticed on both sides after 5 heartbeats, and a healed one is used within 600 ms', async () => {
  await using network = await pair();
  const { n1, n2, clock, net } = network;
  await beat(clock, 2);
  await until(
    'the last pings',
    () => heard(n2, 'n1') === sent(n1, 'n2') && heard(n1, 'n2') === sent(n2, 'n1'),
  );
  net.silence();
  await beat(clock, 5);
  expect([n1.links.isUp('n2'), n2.links.isUp('n1')]).toEqual([true, true]);
  await beat(clock, 1);
  expect(n1.told).toEqual(['up n2', 'down n2 silent']);
  expect(n2.told).toEqual(['up n1', 'down n1 silent']);
  // Long enough for the pauses between attempts to grow as far as they may.
  await beat(clock, 120);
  expect(n1.stats('n2').dialAttempts).toBeGreaterThan(10);
  net.heal();
  const healedAt = clock.now();
  while (!n1.links.isUp('n2') || !n2.links.isUp('n1')) await beat(clock, 1);
  expect(clock.now() - healedAt).toBeLessThanOrEqual(600);
});

test('an idle link carries one ping a heartbeat, and a busy one none', async () => {
  await using network = await pair();
  const { n1, n2, clock } = network;
  await beat(clock, 1);
  const idle = sent(n1, 'n2');
  await beat(clock, 10);
  expect(sent(n1, 'n2') - idle).toBe(10);
  const busy = sent(n1, 'n2');
  for (let batch = 0; batch < 10; batch += 1) {
    n1.links.send('n2', question(batch));
    n1.links.flush();
    await beat(clock, 1);
  }
  expect(sent(n1, 'n2') - busy).toBe(10);
  await until('all of them', () => n2.received.length === 10);
  expect(n1.told).toEqual(['up n2']);
});

test('all messages of a turn leave in one frame when it ends, and arrive in order', async () => {
  await using network = await pair();
  const { n1, n2 } = network;
  const messages = Array.from({ length: 1_000 }, (_, batch) => question(batch));
  const framesBefore = sent(n1, 'n2');
  for (const message of messages) expect(n1.links.send('n2', message)).toBe(true);
  await quiet();
  expect(n2.received).toEqual([]);
  n1.links.flush();
  await until('all of them', () => n2.received.length === messages.length);
  expect(n2.received).toEqual(messages);
  expect(sent(n1, 'n2')).toBe(framesBefore + 1);
});

test('more than a frame should hold leaves in several, still in order', async () => {
  await using network = await pair();
  const { n1, n2 } = network;
  for (let batch = 0; batch < 10; batch += 1) n1.links.send('n2', forward(batch, 300 * 1024));
  const framesBefore = sent(n1, 'n2');
  n1.links.flush();
  await until('all of them', () => n2.received.length === 10);
  expect(n2.received.map((message) => (message.type === 'forward' ? message.batch : -1))).toEqual(
    Array.from({ length: 10 }, (_, batch) => batch),
  );
  expect(sent(n1, 'n2')).toBe(framesBefore + 4);
});

test('to a peer without a link nothing is queued', async () => {
  await using n1 = await TestNode.open('n1', { clock: new ManualClock() });
  n1.join({});
  expect(n1.links.send('n2', question(1))).toBe(false);
  n1.links.flush();
  expect(n1.stats('n2').bufferedBytes).toBe(0);
});

test('closing sends what is queued, tells the other side at once, and leaves no timer behind', async () => {
  await using network = await pair();
  const { n1, n2, clock } = network;
  n1.links.send('n2', question(1));
  await n1.links.close();
  await until('the goodbye', () => n2.told.length === 3);
  expect(n2.told).toEqual(['up n1', '1 messages from n1', 'down n1 closed']);
  expect(n1.told).toEqual(['up n2']);
  await Promise.all([n1.close(), n2.close()]);
  expect(clock.pending).toBe(0);
});

test('closing is bounded when the other side does not answer', async () => {
  await using network = await pair();
  const { n1, n2, clock, net } = network;
  net.silence();
  let closed = false;
  const closing = n1.links.close(1_000).finally(() => {
    closed = true;
  });
  await quiet();
  expect(closed).toBe(false);
  clock.advance(1_000);
  await quiet();
  expect(closed).toBe(true);
  await closing;
  await n2.links.close(0);
});
