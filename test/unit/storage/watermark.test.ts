import { describe, expect, it } from 'vitest';
import type { LogStore } from '../../../src/storage/index.ts';
import { readSlots, WATERMARK_FILE } from '../../../src/storage/watermark-slots.ts';
import { refusal } from './fixtures.ts';
import { append, commands } from './log-calls.ts';
import { type MemoryDisk, turn } from './memory-disk.ts';
import { freshDisk, openOn } from './memory-log.ts';

interface Bench {
  readonly disk: MemoryDisk;
  readonly log: LogStore;
  /** `written 3`, in the order of the acknowledgements. */
  readonly heard: string[];
  readonly timers: { readonly delayMs: number; readonly fn: () => void }[];
  readonly start: (from: number, to: number, term?: number, truncateFrom?: number) => void;
  readonly inFlight: () => readonly string[];
}

async function bench(): Promise<Bench> {
  const disk = freshDisk();
  disk.instant = false;
  const timers: Bench['timers'] = [];
  const heard: string[] = [];
  const log = await openOn(disk, { schedule: (delayMs, fn) => timers.push({ delayMs, fn }) });
  return {
    disk,
    log,
    heard,
    timers,
    start: (from, to, term = 1, truncateFrom) => {
      const write = append(commands(from, to, term), { truncateFrom: truncateFrom ?? null });
      log.write(write, (error) => heard.push(error === null ? `written ${to}` : `failed ${error.message}`));
    },
    inFlight: () => disk.pending.map((operation) => operation.kind),
  };
}

function claimed(disk: MemoryDisk): number {
  return readSlots(disk.files.get(WATERMARK_FILE) ?? new Uint8Array()).newest?.end.index ?? -1;
}

describe('the watermark', () => {
  it('records a batch beside the next one, and never before it is durable', async () => {
    const { disk, heard, start, inFlight } = await bench();
    start(1, 10);
    expect(inFlight()).toEqual(['batch']);
    disk.complete('batch');
    start(11, 20);
    expect(inFlight()).toEqual(['batch', 'file']);
    disk.complete('file');
    expect(claimed(disk)).toBe(10);
    disk.complete('batch');
    expect(heard).toEqual(['written 10', 'written 20']);
  });

  it('is waited for by no acknowledgement', async () => {
    const { disk, heard, start } = await bench();
    start(1, 10);
    disk.complete('batch');
    start(11, 20);
    disk.complete('batch');
    expect(heard).toEqual(['written 10', 'written 20']);
    expect(claimed(disk)).toBe(0);
  });

  it('holds a batch back only while two before it are not recorded', async () => {
    const { disk, heard, start, inFlight } = await bench();
    for (const first of [1, 11]) {
      start(first, first + 9);
      disk.complete('batch');
    }
    start(21, 30);
    expect(inFlight()).toEqual(['file']);
    disk.complete('file');
    expect(inFlight()).toEqual(['batch', 'file']);
    disk.complete('batch');
    expect(heard.at(-1)).toBe('written 30');
  });

  it('records the last batch after 10 ms of rest', async () => {
    const { disk, start, timers } = await bench();
    start(1, 10);
    disk.complete('batch');
    expect(timers.map((timer) => timer.delayMs)).toEqual([10]);
    timers[0]?.fn();
    disk.complete('file');
    expect(claimed(disk)).toBe(10);
  });

  it('records the last batch even if its rest ends while the watermark before it is being written', async () => {
    const { disk, start, timers } = await bench();
    start(1, 10);
    disk.complete('batch');
    start(11, 20);
    disk.complete('batch');
    for (const timer of timers.splice(0)) timer.fn();
    disk.complete('file');
    expect(claimed(disk)).toBe(10);
    for (const timer of timers.splice(0)) timer.fn();
    disk.complete('file');
    expect(claimed(disk)).toBe(20);
  });

  it('is lowered, durably, before what it covers is truncated', async () => {
    const { disk, start, timers, inFlight, heard } = await bench();
    start(1, 10);
    disk.complete('batch');
    start(11, 20);
    disk.complete('file');
    disk.complete('batch');
    timers[0]?.fn();
    disk.complete('file');
    expect(claimed(disk)).toBe(20);

    start(15, 16, 2, 15);
    await turn();
    expect(inFlight()).toEqual(['file']);
    disk.complete('file');
    expect(claimed(disk)).toBe(10);
    expect(inFlight()).toEqual(['batch']);
    for (const timer of timers.splice(0)) timer.fn();
    expect(inFlight()).toEqual(['batch']);
    disk.complete('batch');
    expect(heard.at(-1)).toBe('written 16');
  });

  it('makes its first failure final for the log', async () => {
    const { disk, start, heard, log } = await bench();
    start(1, 10);
    disk.complete('batch');
    start(11, 20);
    disk.complete('file', new Error('EIO'));
    disk.complete('batch');
    start(21, 30);
    await turn();
    expect(disk.pending).toEqual([]);
    expect(heard.slice(1)).toEqual([
      'failed the log could not be written: EIO',
      'failed the log could not be written: EIO',
    ]);
    expect(await refusal(log.close())).toBe('opened');
  });
});
