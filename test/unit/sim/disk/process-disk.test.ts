import { describe, expect, it } from 'vitest';
import { QuorateError } from '../../../../src/wire/errors.ts';
import { DiskBench, textOf } from './disk-bench.ts';

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'opened',
    (error: unknown) => (QuorateError.is(error) ? error.code : String(error)),
  );
}

describe('a process on the simulated disk', () => {
  it('hears of a write in an event of the kernel, after as long as a sync takes', async () => {
    const bench = new DiskBench(1, { syncMs: { minMs: 5, maxMs: 7 } });
    const { engine } = await bench.open();
    bench.put(engine, 'a');
    await bench.pass(4.999);
    expect(bench.heard).toEqual([]);
    await bench.pass(2.001);
    expect(bench.heard).toEqual(['a stored']);
    expect(await bench.recordsOf(engine)).toBe('a=a');
  });

  it('hears of nothing any more once it is gone, whatever was under way', async () => {
    const bench = new DiskBench();
    const { process, engine, files } = await bench.open();
    let late = 0;
    const count = (): void => {
      late += 1;
    };
    bench.put(engine, 'a');
    files.read('x').then(count, count);
    files.replace('x', Buffer.from('new')).then(count, count);
    process.detach('exit');
    files.read('x').then(count, count);
    bench.put((await bench.open()).engine, 'b');
    await bench.pass(1_000);
    expect([late, bench.heard]).toEqual([0, ['b stored']]);
  });

  it('keeps others out while it has the log open, and no longer', async () => {
    const bench = new DiskBench();
    const { process, engine } = await bench.open();
    const second = bench.disk.attach(bench.kernel).at('/n1');
    const attempt = codeOf(second.openLog({ createIfMissing: false }));
    await bench.pass(100);
    expect(await attempt).toBe('DATA_LOCKED');
    engine.close().catch(() => {});
    await bench.pass(100);
    const again = codeOf(second.openLog({ createIfMissing: false }));
    await bench.pass(100);
    expect(await again).toBe('opened');
    process.detach('exit');
  });

  it('finds a log that was never made, or has been lost, only when it says that it is to be made', async () => {
    const bench = new DiskBench();
    const { process } = await bench.open();
    process.detach('exit');
    expect(bench.disk.damage({ kind: 'lost log' })).toBe(true);
    const attempt = codeOf(bench.disk.attach(bench.kernel).at('/n1').openLog({ createIfMissing: false }));
    await bench.pass(100);
    expect(await attempt).toBe('CORRUPT');
  });

  it('reads what was there at the moment of its call', async () => {
    const bench = new DiskBench();
    const { engine } = await bench.open();
    bench.put(engine, 'a');
    await bench.pass(10);
    bench.disk.setFaults({ readMs: { minMs: 5, maxMs: 5 }, syncMs: { minMs: 1, maxMs: 1 } });
    const reading = bench.recordsOf(engine);
    bench.put(engine, 'b');
    expect(await reading).toBe('a=a');
    expect(await bench.recordsOf(engine)).toBe('a=a b=b');
  });

  it('changes part of a file in place, and refuses when there is no such file', async () => {
    const bench = new DiskBench();
    const { files } = await bench.open();
    await Promise.all([files.replace('x', Buffer.from('old old')), bench.pass(50)]);
    bench.overwrite(files, 'x', 'new', 4);
    bench.overwrite(files, 'y', 'new');
    await bench.pass(50);
    const [content] = await Promise.all([files.read('x'), bench.pass(10)]);
    expect(textOf(content)).toBe('old new');
    expect(bench.heard.toSorted()).toEqual(['x stored', 'y ENOENT']);
  });
});

/** When each of some writes was heard of. */
async function timesOfWrites(lostWritePercent: number): Promise<readonly number[]> {
  const bench = new DiskBench(7, { lostWritePercent });
  const { engine } = await bench.open();
  const times: number[] = [];
  for (const key of 'abcdefgh') {
    engine.write({ deletes: [], puts: [{ key: Buffer.from(key), value: Buffer.from(key) }] }, () =>
      times.push(bench.kernel.now()),
    );
    await bench.pass(10);
  }
  expect(bench.disk.injected.of('lost write') > 0).toBe(lostWritePercent > 0);
  return times;
}

describe('the same seed', () => {
  it('gives the same times, and taking a fault out moves none of them', async () => {
    expect(await timesOfWrites(50)).toEqual(await timesOfWrites(0));
    expect(await timesOfWrites(0)).toEqual(await timesOfWrites(0));
  });
});
