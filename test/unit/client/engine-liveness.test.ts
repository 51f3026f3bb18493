import { expect, test } from 'vitest';

import { QuorateError } from '../../../src/wire/errors.ts';
import { answered, EngineBench, newLeader, READ, WRITE } from './engine-bench.ts';
import { failed } from './scripted-node.ts';

const OTHERS = ['b:1', 'c:1'];

test('an idle connection is pinged, and a node that has fallen silent is gone before five seconds are over', () => {
  const bench = EngineBench.threeNodes();
  bench.passAlive(4_500, OTHERS);
  const pings = bench.framesTo('a:1').flat();
  expect(pings).toEqual([{ type: 'ping', nonce: 1 }]);
  expect(bench.hangUps).toEqual([bench.dials[0]?.connection]);
});

test('a node that answers its pings is kept, however long nothing else happens', () => {
  const bench = EngineBench.threeNodes();
  bench.passAlive(60_000);
  expect(bench.hangUps).toEqual([]);
});

test('a hung leader: reads move on within a second, writes stay unknown, new requests go elsewhere', () => {
  const bench = EngineBench.threeNodes();
  const [write, read] = [bench.submit(WRITE), bench.submit(READ)];
  bench.forgetSent();
  bench.passAlive(1_100, OTHERS);
  expect(bench.sentTo('a:1')).toEqual([`cancel ${read}`]);
  expect([...bench.sentTo('b:1'), ...bench.sentTo('c:1')]).toEqual([`read ${read}`]);
  const next = bench.submit(WRITE);
  expect([...bench.sentTo('b:1'), ...bench.sentTo('c:1')]).toEqual([`write ${next}`]);
  expect(bench.result(write)).toBeUndefined();
  bench.passAlive(2_900, OTHERS);
  expect(bench.result(write)).toBe('UNAVAILABLE unknown');
});

test('a sign of life ends the suspicion', () => {
  const bench = EngineBench.threeNodes();
  bench.passAlive(2_100, OTHERS);
  const elsewhere = bench.submit(WRITE);
  expect(bench.sentTo('b:1')).toEqual([`write ${elsewhere}`]);
  bench.say('a:1', { type: 'pong', nonce: 1 });
  const write = bench.submit(WRITE);
  expect(bench.sentTo('a:1')).toEqual([`write ${write}`]);
});

test('nothing is entrusted to the only node while it is silent: at the deadline it is certain that nothing applied', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.welcome('a:1');
  bench.pass(2_100);
  const write = bench.submit(WRITE, 500);
  bench.pass(500);
  expect(bench.result(write)).toBe('UNAVAILABLE not-applied');
  expect(bench.error(write).message).toMatch(/any sign of life from n1/);
});

test('a read that a living node does not answer is tried elsewhere well before its deadline', () => {
  const bench = EngineBench.threeNodes();
  const read = bench.submit(READ, 3_000);
  bench.forgetSent();
  bench.passAlive(999);
  expect(bench.sentTo('b:1')).toEqual([]);
  bench.passAlive(1);
  expect(bench.sentTo('a:1')).toEqual([`cancel ${read}`]);
  expect(bench.sentTo('b:1')).toEqual([`read ${read}`]);
  // Whoever answers first is believed; only the node that is asked now can.
  bench.say('a:1', answered(read));
  expect(bench.result(read)).toBeUndefined();
  bench.say('b:1', answered(read));
  expect(bench.result(read)).toBe('ok');
});

test('with one node only, an unanswered read stays there', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.welcome('a:1');
  bench.forgetSent();
  const read = bench.submit(READ, 3_000);
  bench.passAlive(2_900, ['a:1']);
  expect(bench.sentTo('a:1')).toEqual([`read ${read}`]);
});

test('a pause of our own is not taken for silence of theirs', () => {
  const bench = EngineBench.threeNodes();
  const write = bench.submit(WRITE, 60_000);
  bench.pass(600);
  expect(bench.framesTo('a:1').flat()).toContainEqual({ type: 'ping', nonce: 1 });
  // We sleep; their pongs wait in our sockets.
  bench.now += 30_000;
  bench.drain();
  expect(bench.hangUps).toEqual([]);
  for (const address of ['a:1', ...OTHERS]) bench.say(address, { type: 'pong', nonce: 1 });
  bench.passAlive(2_000);
  expect(bench.hangUps).toEqual([]);
  expect(bench.result(write)).toBeUndefined();
});

test('an endpoint that cannot be reached is tried again and again, at most a second apart', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false, random: () => 0.999 });
  bench.submit({ kind: 'greeting' }, 60_000);
  const at: number[] = [];
  for (let attempt = 0; attempt < 10; attempt += 1) {
    bench.cut('a:1', 'ECONNREFUSED');
    bench.now = bench.wakeAt;
    bench.drain();
    at.push(Math.round(bench.now));
  }
  const gaps = at.map((time, index) => time - (at[index - 1] ?? 0));
  expect(gaps).toEqual(
    [25, 50, 100, 200, 400, 800, 1_000, 999, 1_000, 999].map((gap) => expect.closeTo(gap, -1)),
  );
});

test('one that accepts and never welcomes is given up after two seconds', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.engine.opened(1);
  bench.pass(1_999);
  expect(bench.hangUps).toEqual([]);
  bench.pass(1);
  expect(bench.hangUps).toEqual([1]);
});

test('a connection that lived starts the backoff afresh, one that broke at once does not', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false, random: () => 0.999 });
  bench.submit({ kind: 'greeting' }, 60_000);
  const redialAfter = (livedMs: number): number => {
    bench.welcome('a:1');
    bench.passAlive(livedMs, ['a:1']);
    bench.cut('a:1');
    const cutAt = bench.now;
    bench.now = bench.wakeAt;
    bench.drain();
    return Math.round(bench.now - cutAt);
  };
  expect([0, 0, 0, 1_001, 0].map(redialAfter)).toEqual([25, 50, 100, 25, 50]);
});

test('the cluster of the first welcome is the only one: another is hung up on, and told our id the next time', () => {
  const bench = new EngineBench({ seeds: ['a:1', 'b:1'], discover: false });
  const greeting = bench.submit({ kind: 'greeting' });
  bench.welcome('a:1');
  bench.welcome('b:1', { clusterId: 'c2' });
  expect(bench.result(greeting)).toBe('ok');
  expect(bench.hangUps).toEqual([bench.connection('b:1')]);
  bench.passAlive(6_000, ['a:1']);
  bench.engine.opened(bench.connection('b:1'));
  bench.drain();
  expect(bench.framesTo('b:1').flat()).toEqual([expect.objectContaining({ type: 'hello', clusterId: 'c1' })]);
});

test('when every endpoint refuses for good, waiting is pointless: WRONG_CLUSTER at once', () => {
  const bench = new EngineBench({ seeds: ['a:1', 'b:1'], discover: false, clusterId: 'mine' });
  const [greeting, write] = [bench.submit({ kind: 'greeting' }), bench.submit(WRITE)];
  bench.welcome('a:1', { clusterId: 'theirs' });
  expect(bench.result(greeting)).toBeUndefined();
  bench.engine.opened(bench.connection('b:1'));
  bench.say('b:1', failed(0, 'WRONG_CLUSTER'));
  expect([greeting, write].map((id) => bench.result(id))).toEqual(Array(2).fill('WRONG_CLUSTER not-applied'));
});

test('a malformed frame ends its connection; the endpoint gets another chance soon', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.welcome('a:1');
  const read = bench.submit(READ);
  bench.engine.drop(bench.connection('a:1'), new QuorateError('FRAME_INVALID', 'not MessagePack'), bench.now);
  bench.drain();
  bench.pass(100);
  bench.welcome('a:1');
  expect(bench.sentTo('a:1')).toEqual([`read ${read}`]);
});

test('news of the cluster is used at once: the leader that came back is followed again', () => {
  const bench = EngineBench.threeNodes();
  bench.cut('a:1');
  bench.say('b:1', newLeader(2, null));
  bench.pass(100);
  bench.welcome('a:1', { topology: { term: 3, leader: 'n1', members: [] } });
  const write = bench.submit(WRITE);
  expect(bench.sentTo('a:1')).toEqual([`write ${write}`]);
});
