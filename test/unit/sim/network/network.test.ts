import { describe, expect, test } from 'vitest';
import { CALM } from '../../../../src/sim/network/weather.ts';
import { frame, NetworkBench, PING, Resident } from './bench.ts';

const A_TO_B = { from: 'a', to: 'b' };
const B_TO_A = { from: 'b', to: 'a' };

describe('a connection', () => {
  test('brings frames in their order, whatever each of them is delayed', async () => {
    const bench = new NetworkBench();
    bench.weather.climate = { ...CALM, delaySpreadMs: 100, lossPercent: 30 };
    const socket = await bench.connected();
    const sent = Array.from({ length: 50 }, (_, i) => `frame ${i}`);
    for (const text of sent) socket.send(frame(text));
    await bench.pass(1_000);
    expect(bench.heardByB).toEqual(sent);
  });

  test('is refused where nobody listens', async () => {
    const bench = new NetworkBench();
    bench.b.isAlive = false;
    bench.dial();
    await bench.pass(50);
    expect(bench.heardByA).toEqual(['nobody listens at b:1', 'close']);
  });

  test('closes at both ends when the process of one is killed', async () => {
    const bench = new NetworkBench();
    await bench.connected();
    bench.network.processKilled(bench.b);
    bench.b.isAlive = false;
    await bench.pass(50);
    expect(bench.heardByA).toEqual(['open', 'close']);
  });
});

describe('lost answers', () => {
  test('are so many percent of what a node says to a client that was welcomed; the connection lives on', async () => {
    const bench = new NetworkBench();
    const socket = await bench.connected();
    bench.weather.answersLostPercent = 100;
    bench.atB?.send(frame('welcome'));
    await bench.pass(50);
    bench.atB?.send(frame('lost'));
    socket.send(frame('asked again'));
    await bench.pass(50);
    expect(bench.heardByA).toEqual(['open', 'welcome']);
    expect(bench.heardByB).toEqual(['asked again']);
    bench.weather.answersLostPercent = 0;
    bench.atB?.send(frame('heard'));
    await bench.pass(50);
    expect(bench.heardByA).toEqual(['open', 'welcome', 'heard']);
  });

  test('there are none between nodes', async () => {
    const bench = new NetworkBench('peer');
    bench.weather.answersLostPercent = 100;
    await bench.greeted();
    bench.atB?.send(PING);
    await bench.pass(50);
    expect(bench.heardByA).toHaveLength(2);
  });
});

describe('a block', () => {
  test('holds what is sent; after the healing all of it arrives, in order', async () => {
    const bench = new NetworkBench();
    const socket = await bench.connected();
    bench.weather.setBlocked([A_TO_B, B_TO_A]);
    for (const text of ['one', 'two']) socket.send(frame(text));
    await bench.pass(10_000);
    expect(bench.heardByB).toEqual([]);
    bench.weather.setBlocked([]);
    socket.send(frame('three'));
    await bench.pass(50);
    expect(bench.heardByB).toEqual(['one', 'two', 'three']);
    expect(bench.network.counts.framesHeld).toBeGreaterThanOrEqual(2);
  });

  test('of one direction leaves the other as it was', async () => {
    const bench = new NetworkBench();
    const socket = await bench.connected();
    bench.weather.setBlocked([A_TO_B]);
    socket.send(frame('held'));
    bench.atB?.send(frame('through'));
    await bench.pass(1_000);
    expect(bench.heardByA).toEqual(['open', 'through']);
    expect(bench.heardByB).toEqual([]);
  });

  test('keeps new connections waiting, and they open once it is over', async () => {
    const bench = new NetworkBench();
    bench.weather.setBlocked([B_TO_A]);
    bench.dial();
    await bench.pass(3_000);
    expect(bench.heardByA).toEqual([]);
    bench.weather.setBlocked([]);
    await bench.pass(1_100);
    expect(bench.heardByA).toEqual(['open']);
  });
});

describe('a machine that is lost', () => {
  test('says nothing: the other end stays open, and what it sends is gone (half-open)', async () => {
    const bench = new NetworkBench();
    const socket = await bench.connected();
    bench.network.machineLost(bench.b);
    bench.b.isAlive = false;
    socket.send(frame('into the void'));
    await bench.pass(60_000);
    expect({ a: bench.heardByA, b: bench.heardByB }).toEqual({ a: ['open'], b: [] });
  });

  test('tells whoever sends on an old connection once it runs again', async () => {
    const bench = new NetworkBench();
    const socket = await bench.connected();
    bench.network.machineLost(bench.b);
    bench.b.isAlive = false;
    bench.b = new Resident('b');
    bench.listen();
    socket.send(frame('for the one before'));
    await bench.pass(50);
    expect({ a: bench.heardByA, b: bench.heardByB }).toEqual({ a: ['open', 'close'], b: [] });
  });
});

test('a clogged direction brings nothing before its time, and everything then', async () => {
  const bench = new NetworkBench();
  const socket = await bench.connected();
  bench.weather.clog('a', 'b', bench.kernel.now() + 500);
  socket.send(frame('late'));
  await bench.pass(499);
  expect(bench.heardByB).toEqual([]);
  await bench.pass(10);
  expect(bench.heardByB).toEqual(['late']);
});

test('a late direction brings everything in order and ever later, and no frame far behind the one before it', async () => {
  const bench = new NetworkBench();
  const socket = await bench.connected();
  bench.weather.setLate([{ ...A_TO_B, lateMs: 400, sinceMs: bench.kernel.now() }]);
  const arrivals: number[] = [];
  for (let sent = 0; sent < 20; sent += 1) {
    socket.send(frame(`${sent}`));
    for (let step = 0; step < 5; step += 1) {
      await bench.pass(10);
      while (arrivals.length < bench.heardByB.length) arrivals.push(bench.kernel.now());
    }
  }
  await bench.pass(500);
  expect(bench.heardByB).toEqual(Array.from({ length: 20 }, (_, sent) => `${sent}`));
  // Sent every 50 ms; while the lateness grows, half as many arrive.
  expect(arrivals.length).toBeLessThan(16);
  for (const [i, at] of arrivals.entries()) expect(at - (arrivals[i - 1] ?? at)).toBeLessThanOrEqual(110);
});
