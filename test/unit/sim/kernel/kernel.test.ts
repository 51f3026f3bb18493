import { describe, expect, test } from 'vitest';
import { Kernel } from '../../../../src/sim/kernel/kernel.ts';

describe('events', () => {
  test('run in the order of their times, those of one instant in the order of their making', async () => {
    const kernel = new Kernel();
    const ran: string[] = [];
    const times = Array.from({ length: 500 }, (_, i) => (i * 7919) % 50);
    times.forEach((atMs, i) => kernel.schedule(atMs, () => ran.push(`${atMs} ${i}`)));
    await kernel.run(100);
    const expected = times.map((atMs, i) => ({ atMs, i })).toSorted((a, b) => a.atMs - b.atMs || a.i - b.i);
    expect(ran).toEqual(expected.map(({ atMs, i }) => `${atMs} ${i}`));
    expect(kernel.events).toBe(500);
  });

  test('of this instant come after those that were scheduled for it before', async () => {
    const kernel = new Kernel();
    const ran: string[] = [];
    kernel.schedule(1, () => {
      ran.push('first');
      kernel.schedule(0, () => ran.push('third'));
    });
    kernel.schedule(1, () => ran.push('second'));
    await kernel.run(1);
    expect(ran).toEqual(['first', 'second', 'third']);
  });

  test('that were taken back do not run, even by an event of the same instant', async () => {
    const kernel = new Kernel();
    const ran: string[] = [];
    kernel.schedule(5, () => cancel());
    const cancel = kernel.schedule(5, () => ran.push('cancelled'));
    kernel.schedule(5, () => ran.push('kept'));
    await kernel.run(5);
    expect(ran).toEqual(['kept']);
  });

  test('run up to and including the given time; the rest wait for the next run', async () => {
    const kernel = new Kernel();
    const ran: number[] = [];
    for (const atMs of [1, 2, 3]) kernel.schedule(atMs, () => ran.push(kernel.now()));
    await kernel.run(2);
    expect({ ran: [...ran], now: kernel.now() }).toEqual({ ran: [1, 2], now: 2 });
    await kernel.run(10);
    expect({ ran, now: kernel.now() }).toEqual({ ran: [1, 2, 3], now: 10 });
  });

  test.each([-1, Number.NaN])('cannot be %d ms from now', (delayMs) => {
    expect(() => new Kernel().schedule(delayMs, () => {})).toThrow(RangeError);
  });
});

test('promises settle between events: a chain of any length ends before the next event of the same instant', async () => {
  const kernel = new Kernel();
  const ran: string[] = [];
  const chain = async (): Promise<void> => {
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    ran.push('chain');
  };
  kernel.schedule(1, () => {
    kernel.promised();
    void chain();
  });
  kernel.schedule(1, () => ran.push('next'));
  await kernel.run(1);
  expect(ran).toEqual(['chain', 'next']);
});

test('what a reaction schedules for this instant still runs in this run', async () => {
  const kernel = new Kernel();
  const ran: string[] = [];
  kernel.schedule(1, () => {
    kernel.promised();
    void Promise.resolve().then(() => kernel.schedule(0, () => ran.push('scheduled')));
  });
  await kernel.run(1);
  expect(ran).toEqual(['scheduled']);
});

describe('a run ends', () => {
  test('with what an event threw, at its time', async () => {
    const kernel = new Kernel();
    kernel.schedule(3, () => {
      throw new Error('at three');
    });
    await expect(kernel.run(10)).rejects.toThrow('at three');
    expect(kernel.now()).toBe(3);
  });

  test('when somebody asks for "now" for ever: under virtual time a busy loop would never end', async () => {
    const kernel = new Kernel();
    const spin = (): void => void kernel.schedule(0, spin);
    kernel.schedule(1, spin);
    await expect(kernel.run(10)).rejects.toThrow('time stands still');
  });

  test('with the first failure that was reported, before another event', async () => {
    const kernel = new Kernel();
    const ran: string[] = [];
    kernel.schedule(1, () => {
      kernel.fail(new Error('first'));
      kernel.fail(new Error('second'));
    });
    kernel.schedule(1, () => ran.push('next'));
    await expect(kernel.run(10)).rejects.toThrow('first');
    expect(ran).toEqual([]);
  });
});
