import { describe, expect, it } from 'vitest';
import { chainStart } from '../../../src/storage/chain.ts';
import { blockKey, STATE_KEY } from '../../../src/storage/keys.ts';
import { seal } from '../../../src/storage/sealed.ts';
import { decodeState, encodeState } from '../../../src/storage/state-record.ts';
import { freshSlots, readSlots, SLOT_BYTES, WATERMARK_FILE } from '../../../src/storage/watermark-slots.ts';
import { refusal } from './fixtures.ts';
import { append, commands, wholeLog, written } from './log-calls.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { freshDisk, INCARNATION, openOn } from './memory-log.ts';

/**
 * Blocks 1..10, 11..20, 21..30, all of them durable. Closed: the watermark is at 30. Not closed: each batch was the
 * last thing that happened, and the watermark is at 20.
 */
async function threeBlocks({ closed }: { readonly closed: boolean }): Promise<MemoryDisk> {
  const disk = freshDisk();
  const log = await openOn(disk);
  for (const first of [1, 11, 21]) await written(log, append(commands(first, first + 9, 1)));
  if (closed) await log.close();
  return disk.clone();
}

function recordAt(disk: MemoryDisk, key: Uint8Array): Uint8Array {
  const record = disk.records.get(Buffer.from(key).toString('hex'));
  if (record === undefined) throw new Error('no such record');
  return record.value;
}

function damage(disk: MemoryDisk, key: Uint8Array): void {
  const value = Uint8Array.from(recordAt(disk, key));
  value[20] = (value[20] ?? 0) ^ 1;
  disk.put(key, value);
}

/** The state record of a log that was only written this far. */
async function stateAfter(blocks: number): Promise<Uint8Array> {
  const disk = freshDisk();
  const log = await openOn(disk);
  for (const first of [1, 11, 21].slice(0, blocks)) await written(log, append(commands(first, first + 9, 1)));
  return recordAt(disk, STATE_KEY);
}

/** Intact, but of a version to come. */
function reseal(record: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(record);
  seal(copy, 2);
  return copy;
}

function envelopeAt(clusterTimeMs: number): Uint8Array {
  const data = new Uint8Array(14);
  data.set([1, 1]);
  new DataView(data.buffer).setBigUint64(2, BigInt(clusterTimeMs));
  return data;
}

describe('an opening', () => {
  it('takes a log that ends where both witnesses say, and records that it was there', async () => {
    for (const closed of [true, false]) {
      const disk = await threeBlocks({ closed });
      const log = await openOn(disk);
      expect(await wholeLog(log, log.recovered.last.index)).toEqual(commands(1, 30, 1));
      const slots = readSlots(disk.files.get(WATERMARK_FILE) ?? new Uint8Array());
      expect(slots.newest?.end.index).toBe(30);
    }
  });

  it('refuses a damaged block, the last one too, because the state record vouches for it', async () => {
    for (const closed of [true, false]) {
      for (const first of [1, 11, 21]) {
        const disk = await threeBlocks({ closed });
        damage(disk, blockKey(first));
        expect(await refusal(openOn(disk))).toBe('CORRUPT');
      }
    }
  });

  it('refuses a missing block as a loss', async () => {
    for (const closed of [true, false]) {
      for (const first of [1, 11, 21]) {
        const disk = await threeBlocks({ closed });
        disk.delete(blockKey(first));
        expect(await refusal(openOn(disk))).toBe('RECOVERING');
      }
    }
  });

  it('refuses a database that is behind the watermark, however sound', async () => {
    const disk = await threeBlocks({ closed: true });
    disk.delete(blockKey(21));
    disk.put(STATE_KEY, await stateAfter(2));
    expect(await refusal(openOn(disk))).toBe('RECOVERING');
  });

  it('refuses a lost vote: a batch without entries counts as well', async () => {
    const disk = freshDisk();
    const log = await openOn(disk);
    await written(log, append(commands(1, 10, 1)));
    const before = recordAt(disk, STATE_KEY);
    await written(log, append([], { hardState: { term: 9, votedFor: null } }));
    await log.close();
    disk.put(STATE_KEY, before);
    expect(await refusal(openOn(disk))).toBe('RECOVERING');
  });

  it('refuses a missing or damaged state record', async () => {
    const missing = await threeBlocks({ closed: true });
    missing.delete(STATE_KEY);
    expect(await refusal(openOn(missing))).toBe('RECOVERING');
    const broken = await threeBlocks({ closed: true });
    damage(broken, STATE_KEY);
    expect(await refusal(openOn(broken))).toBe('CORRUPT');
  });

  it('refuses blocks without a state record, even under a fresh watermark', async () => {
    const disk = await threeBlocks({ closed: true });
    disk.delete(STATE_KEY);
    disk.files.set(WATERMARK_FILE, freshSlots(chainStart(INCARNATION)));
    expect(await refusal(openOn(disk))).toBe('RECOVERING');
  });

  it('refuses a missing watermark file, and a blank one', async () => {
    const missing = await threeBlocks({ closed: true });
    missing.files.delete(WATERMARK_FILE);
    expect(await refusal(openOn(missing))).toBe('RECOVERING');
    const blank = await threeBlocks({ closed: true });
    blank.files.set(WATERMARK_FILE, new Uint8Array(2 * SLOT_BYTES));
    expect(await refusal(openOn(blank))).toBe('RECOVERING');
  });

  it('refuses a block that is sound and of the right place but from another history', async () => {
    const other = freshDisk();
    const log = await openOn(other);
    await written(log, append(commands(1, 9, 1)));
    await written(log, append(commands(10, 10, 1)));
    await written(log, append(commands(11, 20, 1)));
    const disk = await threeBlocks({ closed: true });
    disk.put(blockKey(11), recordAt(other, blockKey(11)));
    expect(await refusal(openOn(disk))).toBe('CORRUPT');
  });

  it('refuses the whole log of another directory', async () => {
    const disk = await threeBlocks({ closed: true });
    disk.files.set(WATERMARK_FILE, freshSlots(chainStart('f'.repeat(32))));
    expect(await refusal(openOn(disk))).toBe('CORRUPT');
  });

  it('refuses a sound block under a key that is not its own, lower or higher', async () => {
    for (const key of [9, 12]) {
      const disk = await threeBlocks({ closed: true });
      disk.put(blockKey(key), recordAt(disk, blockKey(11)));
      disk.delete(blockKey(11));
      expect(await refusal(openOn(disk))).toBe('CORRUPT');
    }
  });

  it('refuses a term below that of the last entry: the vote of a term would be forgotten', async () => {
    const disk = await threeBlocks({ closed: true });
    const found = decodeState(recordAt(disk, STATE_KEY));
    if (found.kind !== 'sound') throw new Error('not a state record');
    disk.put(STATE_KEY, encodeState({ ...found.state, hardState: { term: 0, votedFor: null } }));
    expect(await refusal(openOn(disk))).toBe('CORRUPT');
  });

  it('keeps a sound tail that no witness vouches for', async () => {
    const disk = await threeBlocks({ closed: false });
    disk.put(STATE_KEY, await stateAfter(2));
    const log = await openOn(disk);
    expect(log.recovered.last.index).toBe(30);
  });

  it('cuts a broken tail that no witness vouches for, says so, and goes on behind it', async () => {
    for (const breakIt of [damage, (disk: MemoryDisk, key: Uint8Array) => disk.delete(key)]) {
      const disk = await threeBlocks({ closed: false });
      const log = await openOn(disk);
      await written(log, append(commands(31, 40, 1)));
      disk.put(STATE_KEY, await stateAfter(2));
      disk.files.set(
        WATERMARK_FILE,
        (await threeBlocks({ closed: false })).files.get(WATERMARK_FILE) ?? new Uint8Array(),
      );
      breakIt(disk, blockKey(21));
      const warnings: string[] = [];
      const again = await openOn(disk, { warn: (message) => warnings.push(message) });
      expect(again.recovered.last.index).toBe(20);
      expect(warnings.join()).toContain('cut after index 20');
      await written(again, append(commands(21, 25, 1)));
      expect(await wholeLog(await openOn(disk), 25)).toEqual(commands(1, 25, 1));
    }
  });

  it('names a format it does not know, wherever it stands', async () => {
    for (const key of [blockKey(1), blockKey(21), STATE_KEY]) {
      const disk = await threeBlocks({ closed: true });
      disk.put(key, reseal(recordAt(disk, key)));
      expect(await refusal(openOn(disk))).toBe('FORMAT_UNSUPPORTED');
    }
    const disk = await threeBlocks({ closed: true });
    const slots = disk.files.get(WATERMARK_FILE) ?? new Uint8Array();
    disk.overwriteNow(WATERMARK_FILE, 0, reseal(slots.subarray(0, SLOT_BYTES)));
    expect(await refusal(openOn(disk))).toBe('FORMAT_UNSUPPORTED');
  });

  it('clamps the commit hint to what the log has, and finds the newest cluster time', async () => {
    const disk = freshDisk();
    const log = await openOn(disk);
    await written(
      log,
      append(
        [
          { kind: 'command', index: 1, term: 1, data: envelopeAt(77_000) },
          { kind: 'command', index: 2, term: 1, data: envelopeAt(76_000) },
        ],
        { commitHint: 99 },
      ),
    );
    const again = await openOn(disk);
    expect(again.recovered.commitHint).toBe(2);
    expect(again.clusterTimeMs).toBe(77_000);
  });
});
