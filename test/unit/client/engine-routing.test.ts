import { expect, test } from 'vitest';

import { answered, EngineBench, LOCAL_READ, newLeader, READ, topology, WRITE } from './engine-bench.ts';
import { failed, LIMITS, written } from './scripted-node.ts';

test('all requests of a turn leave in one frame, in the order in which they were made', () => {
  const bench = EngineBench.threeNodes();
  const ids = [WRITE, READ, WRITE].map((work) => bench.engine.submit(work, 5_000, bench.now));
  bench.drain();
  const frames = bench.framesTo('a:1');
  expect(frames).toHaveLength(1);
  expect(frames[0]?.map((message) => ('id' in message ? message.id : null))).toEqual(ids);
});

test('a frame stays small: large requests go in frames of their own', () => {
  const bench = EngineBench.threeNodes();
  const large = { kind: 'write', operation: new Uint8Array(200 * 1024) } as const;
  for (const work of [WRITE, large, large, WRITE]) bench.engine.submit(work, 5_000, bench.now);
  bench.drain();
  expect(bench.framesTo('a:1').map((frame) => frame.length)).toEqual([2, 2]);
});

test('writes and linearizable reads go to the leader, local reads to whoever has the least to do', () => {
  const bench = EngineBench.threeNodes();
  const [write, read] = [bench.submit(WRITE), bench.submit(READ)];
  expect(bench.sentTo('a:1')).toEqual([`write ${write}`, `read ${read}`]);
  const [first, second] = [bench.submit(LOCAL_READ), bench.submit(LOCAL_READ)];
  expect(bench.sentTo('b:1')).toEqual([`read ${first}`]);
  expect(bench.sentTo('c:1')).toEqual([`read ${second}`]);
});

test('once any node names a leader of a higher term, requests follow it', () => {
  const bench = EngineBench.threeNodes();
  bench.say('b:1', newLeader(2, 'n3'));
  const write = bench.submit(WRITE);
  expect(bench.sentTo('c:1')).toEqual([`write ${write}`]);
});

test('a leader that denies being one is believed; any node takes the request then', () => {
  const bench = EngineBench.threeNodes();
  bench.say('a:1', newLeader(1, null));
  expect(bench.engine.status().leader).toBeNull();
  const ids = [bench.submit(WRITE), bench.submit(WRITE)];
  expect([...bench.sentTo('a:1'), ...bench.sentTo('b:1')]).toEqual(ids.map((id) => `write ${id}`));
});

test('a node that is behind does not bring an old leader back', () => {
  const bench = EngineBench.threeNodes();
  bench.say('a:1', newLeader(3, 'n3'));
  bench.say('b:1', newLeader(2, 'n2'));
  expect(bench.engine.status()).toMatchObject({ term: 3, leader: 'n3' });
});

test('without a connection to the leader any node takes the request: it hands it on', () => {
  const bench = EngineBench.threeNodes();
  bench.cut('a:1');
  const write = bench.submit(WRITE);
  expect(bench.sentTo('b:1')).toEqual([`write ${write}`]);
});

test('members that the nodes name are connected to, and those that left are let go once idle', () => {
  const bench = new EngineBench({ seeds: ['a:1'] });
  bench.submit({ kind: 'greeting' });
  bench.welcome('a:1', { topology: topology(1, 'n4', ['a:1', 'd:1']) });
  bench.welcome('d:1', { topology: topology(1, 'n4', ['a:1', 'd:1']) });
  const write = bench.submit(WRITE);
  expect(bench.sentTo('d:1')).toEqual([`write ${write}`]);

  bench.say('a:1', { type: 'topology', topology: topology(2, 'n1', ['a:1']) });
  expect(bench.hangUps).toEqual([]);
  bench.say('d:1', written(write));
  expect(bench.result(write)).toBe('ok');
  expect(bench.hangUps).toEqual([bench.connection('d:1')]);
  bench.passAlive(5_000, ['a:1']);
  expect(bench.dials.map(({ address }) => address)).toEqual(['a:1', 'd:1']);
});

test('with discover: false only the given endpoints are ever spoken to', () => {
  const bench = new EngineBench({ seeds: ['b:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.welcome('b:1');
  const write = bench.submit(WRITE);
  expect(bench.sentTo('b:1')).toEqual([`write ${write}`]);
  expect(bench.dials.map(({ address }) => address)).toEqual(['b:1']);
});

test('a member whose address means nothing to us is not dialled', () => {
  const bench = new EngineBench({ seeds: ['a:1'] });
  bench.submit({ kind: 'greeting' });
  const members = ['', '0.0.0.0:7400', '[::]:7400', 'no address', 'host:0'].map((client) => ({
    id: 'x',
    client,
  }));
  bench.welcome('a:1', { topology: { term: 1, leader: 'n1', members } });
  expect(bench.dials).toHaveLength(1);
});

test('two addresses of one node need one connection; the second is used when the first breaks', () => {
  const bench = new EngineBench({ seeds: ['a:1', 'alias:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.welcome('a:1');
  bench.welcome('alias:1', { nodeId: 'n1' });
  expect(bench.hangUps).toEqual([bench.connection('alias:1')]);
  bench.passAlive(3_000, ['a:1']);
  expect(bench.dials).toHaveLength(2);
  bench.cut('a:1');
  expect(bench.dials.map(({ address }) => address)).toEqual(['a:1', 'alias:1', 'alias:1']);
});

test('after goodbye nothing new goes there, what is in flight is answered, then the connection ends', () => {
  const bench = EngineBench.threeNodes();
  const before = bench.submit(WRITE);
  bench.say('a:1', { type: 'goodbye' });
  const after = bench.submit(WRITE);
  expect(bench.sentTo('a:1')).toEqual([`write ${before}`]);
  expect(bench.sentTo('b:1')).toEqual([`write ${after}`]);
  expect(bench.hangUps).toEqual([]);
  bench.say('a:1', written(before));
  expect(bench.result(before)).toBe('ok');
  expect(bench.hangUps).toEqual([bench.connection('a:1')]);
});

test('what a stopping node turns away is at another one in the same turn', () => {
  const bench = EngineBench.threeNodes();
  const write = bench.submit(WRITE);
  bench.say('a:1', { type: 'goodbye' }, failed(write, 'SHUTTING_DOWN'));
  expect(bench.sentTo('b:1')).toEqual([`write ${write}`]);
});

test('no node has more in flight than it allows; the rest waits its turn, and the deadline while it waits', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.welcomeWith('a:1', { inFlightMax: 2 });
  const [first, second, third, fourth] = [WRITE, WRITE, WRITE, WRITE].map((work) =>
    bench.submit(work, 1_000),
  );
  expect(bench.sentTo('a:1')).toEqual([`write ${first}`, `write ${second}`]);
  bench.say('a:1', written(first ?? 0));
  expect(bench.sentTo('a:1')).toEqual([`write ${third}`]);
  bench.passAlive(1_000, ['a:1']);
  expect(bench.result(third ?? 0)).toBe('TIMEOUT unknown');
  expect(bench.result(fourth ?? 0)).toBe('TIMEOUT not-applied');
});

test('writes that wait for a full leader do not hold up local reads', () => {
  const bench = new EngineBench();
  bench.submit({ kind: 'greeting' });
  for (const address of ['a:1', 'b:1', 'c:1']) bench.welcomeWith(address, { inFlightMax: 1 });
  bench.forgetSent();
  const [sent, waiting, read] = [bench.submit(WRITE), bench.submit(WRITE), bench.submit(LOCAL_READ)];
  expect(bench.sentTo('a:1')).toEqual([`write ${sent}`]);
  expect(bench.sentTo('b:1')).toEqual([`read ${read}`]);
  bench.say('b:1', answered(read, 'local'));
  expect(bench.result(waiting)).toBeUndefined();
});

test('bytes in flight are bounded as well, whatever the number of requests', () => {
  const bench = EngineBench.threeNodes();
  const large = { kind: 'write', operation: new Uint8Array(1024 * 1024) } as const;
  for (let count = 0; count < 20; count += 1) bench.engine.submit(large, 5_000, bench.now);
  bench.drain();
  expect(bench.sentTo('a:1')).toHaveLength(7);
});

test('a queue that is full refuses at once, by name, with a time to come back', () => {
  const bench = new EngineBench();
  const ids = Array.from({ length: 16_385 }, () => bench.engine.submit(WRITE, 5_000, bench.now));
  bench.drain();
  expect(bench.settled.size).toBe(1);
  const last = ids.at(-1) ?? 0;
  expect(bench.result(last)).toBe('OVERLOADED not-applied');
  expect(bench.error(last).details.retryAfterMs).toBeGreaterThan(0);
});

test('a request larger than the node takes is refused without sending it', () => {
  const bench = EngineBench.threeNodes();
  const work = { kind: 'write', operation: new Uint8Array(LIMITS.requestBytesMax + 1) } as const;
  const id = bench.submit(work);
  expect(bench.result(id)).toBe('REQUEST_TOO_LARGE not-applied');
  expect(bench.sentTo('a:1')).toEqual([]);
});
