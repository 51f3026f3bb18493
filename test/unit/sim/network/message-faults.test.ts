import { expect, test } from 'vitest';
import { CALM } from '../../../../src/sim/network/weather.ts';
import type { MessageFaults } from '../../../../src/sim/network/weather.ts';
import { NetworkBench, PING, raftFrame } from './bench.ts';

const NONE: MessageFaults = CALM.messages;
const GREETING = ['ping', 'ping'];

/** A link that has greeted, and what arrives on it of raft messages of the terms 1 to 3 sent a second apart. */
async function sendThree(faults: Partial<MessageFaults>) {
  const bench = new NetworkBench('peer');
  const socket = await bench.greeted();
  bench.weather.climate = { ...CALM, messages: { ...NONE, ...faults } };
  for (const term of [1, 2, 3]) {
    socket.send(raftFrame(term));
    await bench.pass(1_000);
  }
  bench.weather.climate = CALM;
  await bench.pass(20_000);
  return { heard: bench.heardByB.slice(GREETING.length), counts: bench.network.treatment.counts };
}

const COUNTS = { dropped: 0, doubled: 0, delayed: 0, replayed: 0 };

test('in fair weather raft messages arrive once and in order', async () => {
  expect(await sendThree({})).toEqual({ heard: ['term 1', 'term 2', 'term 3'], counts: COUNTS });
});

test('dropped ones never arrive, and are counted', async () => {
  expect(await sendThree({ dropped: 100 })).toEqual({ heard: [], counts: { ...COUNTS, dropped: 3 } });
});

test('doubled ones arrive twice, soon after each other', async () => {
  const { heard, counts } = await sendThree({ doubled: 100 });
  expect(heard).toEqual(['term 1', 'term 1', 'term 2', 'term 2', 'term 3', 'term 3']);
  expect(counts).toEqual({ ...COUNTS, doubled: 3 });
});

test('delayed ones arrive once, past what was sent behind them', async () => {
  const { heard, counts } = await sendThree({ delayed: 100 });
  expect(heard).toEqual(['term 1', 'term 2', 'term 3']);
  expect(counts).toEqual({ ...COUNTS, delayed: 3 });
});

test('replayed ones come again seconds later', async () => {
  const { heard, counts } = await sendThree({ replayed: 100 });
  expect(heard.toSorted()).toEqual(['term 1', 'term 1', 'term 2', 'term 2', 'term 3', 'term 3']);
  expect(counts).toEqual({ ...COUNTS, replayed: 3 });
});

test('a replayed one comes over the connection that there is by then', async () => {
  const bench = new NetworkBench('peer');
  const first = await bench.greeted();
  bench.weather.climate = { ...CALM, messages: { ...NONE, replayed: 100 } };
  first.send(raftFrame(1));
  await bench.pass(20);
  bench.weather.climate = CALM;
  first.close();
  await bench.greeted();
  expect(bench.heardByB.slice(2)).toEqual(['term 1', 'close', ...GREETING]);
  await bench.pass(20_000);
  expect(bench.heardByB.slice(2)).toEqual(['term 1', 'close', ...GREETING, 'term 1']);
});

test('other messages of a link pass untouched', async () => {
  const bench = new NetworkBench('peer');
  const socket = await bench.connected();
  bench.weather.climate = { ...CALM, messages: { ...NONE, dropped: 100 } };
  for (let i = 0; i < 3; i += 1) socket.send(PING);
  await bench.pass(1_000);
  expect(bench.heardByB).toEqual(['ping', 'ping', 'ping']);
  expect(bench.network.treatment.counts).toEqual(COUNTS);
});
