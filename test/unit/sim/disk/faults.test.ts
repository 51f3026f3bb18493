import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../../../src/sim/disk/index.ts';
import type { DiskFaults } from '../../../../src/sim/disk/index.ts';
import { type Bench, DiskBench, textOf } from './disk-bench.ts';

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

async function putEach(bench: DiskBench, { engine }: Bench, keys: string): Promise<void> {
  for (const key of keys) {
    bench.put(engine, key);
    await bench.pass(500);
  }
}

/** What is found after a power cut, for every seed: the distinct outcomes. */
async function afterPowerCut(faults: Partial<DiskFaults>): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const seed of SEEDS) {
    const bench = new DiskBench(seed);
    const opened = await bench.open();
    bench.disk.setFaults(faults);
    await putEach(bench, opened, 'abc');
    opened.process.detach('power cut');
    bench.disk.setFaults({ lying: false });
    found.add(await bench.records());
  }
  return found;
}

describe('a disk without faults', () => {
  it('counts none, keeps what it acknowledged, and may keep or lose what it did not', async () => {
    const found = new Set<string>();
    for (const seed of SEEDS) {
      const bench = new DiskBench(seed);
      const opened = await bench.open();
      await putEach(bench, opened, 'ab');
      expect(FAULT_KINDS.filter((kind) => bench.disk.injected.of(kind) > 0)).toEqual([]);
      bench.put(opened.engine, 'c');
      opened.process.detach('power cut');
      found.add(await bench.records());
    }
    expect([...found].toSorted()).toEqual(['a=a b=b', 'a=a b=b c=c']);
  });
});

describe('a disk that lies about its syncs', () => {
  it('loses any of what it acknowledged with the power, or all but the first few', async () => {
    expect((await afterPowerCut({ lying: true, unsynced: 'subset' })).size).toBe(8);
    expect([...(await afterPowerCut({ lying: true, unsynced: 'prefix' }))].toSorted()).toEqual([
      '',
      'a=a',
      'a=a b=b',
      'a=a b=b c=c',
    ]);
  });

  it('loses nothing when only the process ends, nor once a later sync was honest', async () => {
    const bench = new DiskBench(1, { lying: true });
    const opened = await bench.open();
    await putEach(bench, opened, 'ab');
    opened.process.detach('exit');
    expect(await bench.records()).toBe('a=a b=b');
    bench.disk.setFaults({ lying: false });
    const again = await bench.open();
    again.process.detach('power cut');
    expect(await bench.records()).toBe('a=a b=b');
    expect(bench.disk.injected.of('lying sync')).toBeGreaterThan(1);
    expect(bench.disk.injected.of('unsynced write lost')).toBe(0);
  });
});

describe('a sync', () => {
  it('that is slow is as late as its own span says, and counted', async () => {
    const bench = new DiskBench(1, { slowSyncMs: { minMs: 80, maxMs: 90 } });
    const { engine } = await bench.open();
    bench.disk.setFaults({ slowSyncPercent: 100 });
    bench.put(engine, 'a');
    await bench.pass(79);
    expect(bench.heard).toEqual([]);
    await bench.pass(11);
    expect(bench.heard).toEqual(['a stored']);
    expect(bench.disk.injected.of('slow sync')).toBe(1);
  });

  it('that is stuck ends when nothing is stuck any more, and never for a process that is gone', async () => {
    const bench = new DiskBench();
    const { engine, process } = await bench.open();
    bench.disk.setFaults({ stuck: true });
    bench.put(engine, 'a');
    await bench.pass(60_000);
    expect([bench.heard, bench.disk.injected.of('stuck sync')]).toEqual([[], 1]);
    bench.disk.setFaults({ stuck: false });
    await bench.pass(0);
    expect(bench.heard).toEqual(['a stored']);
    bench.disk.setFaults({ stuck: true });
    bench.put(engine, 'b');
    await bench.pass(100);
    process.detach('exit');
    bench.disk.setFaults({ stuck: false });
    await bench.pass(100);
    expect(bench.heard).toEqual(['a stored']);
  });
});

describe('LevelDB', () => {
  it('after a failed sync fails everything, and the next process finds the failed write', async () => {
    const bench = new DiskBench();
    const opened = await bench.open();
    await putEach(bench, opened, 'a');
    bench.disk.setFaults({ writeErrorPercent: 100 });
    await putEach(bench, opened, 'b');
    bench.disk.setFaults({ writeErrorPercent: 0 });
    await putEach(bench, opened, 'c');
    expect(bench.heard).toEqual(['a stored', 'b EIO', 'c EIO']);
    opened.process.detach('exit');
    expect(await bench.records()).toBe('a=a b=b');
    expect(bench.disk.injected.of('write error')).toBe(1);
  });

  it('after a full disk acknowledges again, and loses all of that', async () => {
    const bench = new DiskBench();
    const opened = await bench.open();
    await putEach(bench, opened, 'a');
    bench.disk.setFaults({ full: true });
    await putEach(bench, opened, 'b');
    bench.disk.setFaults({ full: false });
    await putEach(bench, opened, 'cd');
    expect(bench.heard).toEqual(['a stored', 'b ENOSPC', 'c stored', 'd stored']);
    expect(await bench.recordsOf(opened.engine)).toBe('a=a c=c d=d');
    opened.process.detach('exit');
    expect(await bench.records()).toBe('a=a');
    expect(bench.disk.injected.of('lost write')).toBe(2);
  });
});

describe('a write', () => {
  it('that is lost was acknowledged and read, until its process ended', async () => {
    const bench = new DiskBench();
    const opened = await bench.open();
    bench.disk.setFaults({ lostWritePercent: 100 });
    await putEach(bench, opened, 'a');
    bench.disk.setFaults({ lostWritePercent: 0 });
    await putEach(bench, opened, 'b');
    expect(await bench.recordsOf(opened.engine)).toBe('a=a b=b');
    opened.process.detach('exit');
    expect(await bench.records()).toBe('b=b');
  });

  it('that is misdirected destroys another one', async () => {
    const bench = new DiskBench();
    const opened = await bench.open();
    await putEach(bench, opened, 'a');
    bench.disk.setFaults({ misdirectedWritePercent: 100 });
    await putEach(bench, opened, 'b');
    opened.process.detach('exit');
    expect(await bench.records()).toBe('a=b');
    expect(bench.disk.injected.of('misdirected write')).toBe(1);
  });

  it('to a file is torn in sectors by a power cut, and a replaced one is old or new as a whole', async () => {
    const seen = new Set<string>();
    const old = 'o'.repeat(4 * 512);
    const fresh = 'n'.repeat(4 * 512);
    for (const seed of SEEDS) {
      const bench = new DiskBench(seed, { tornPercent: 100 });
      const { files, process } = await bench.open();
      await Promise.all([
        files.replace('part', Buffer.from(old)),
        files.replace('whole', Buffer.from(old)),
        bench.pass(9),
      ]);
      bench.overwrite(files, 'part', fresh);
      files.replace('whole', Buffer.from(fresh)).catch(() => {});
      process.detach('power cut');
      const image = bench.disk.snapshot();
      expect([old, fresh]).toContain(textOf(image.files.get('whole') ?? null));
      for (const sector of textOf(image.files.get('part') ?? null).match(/[^]{512}/gu) ?? []) {
        seen.add(/^(?:o+|n+)$/u.test(sector) ? sector.slice(0, 1) : 'garbage');
      }
      expect(bench.heard).toEqual([]);
    }
    expect([...seen].toSorted()).toEqual(['garbage', 'n', 'o']);
  });
});
