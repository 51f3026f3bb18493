import { describe, expect, it } from 'vitest';
import { blockKey } from '../../../src/storage/keys.ts';
import { openLogIn, refusal, temporaryFolder } from './fixtures.ts';
import { append, command, commands, nodeId, readEntries, wholeLog, written } from './log-calls.ts';
import { turn } from './memory-disk.ts';
import { freshDisk, openOn } from './memory-log.ts';

describe('the durable log', () => {
  it('is empty in a new directory, and knows the genesis membership', async () => {
    const { log } = await openLogIn(await temporaryFolder());
    expect(log.recovered.last).toEqual({ index: 0, term: 0 });
    expect(log.recovered.hardState).toEqual({ term: 0, votedFor: null });
    expect(log.recovered.memberships).toHaveLength(1);
    expect(log.clusterTimeMs).toBe(0);
  });

  it('gives back entries, hard state and commit hint after it was closed and opened', async () => {
    const folder = await temporaryFolder();
    const { directory, log } = await openLogIn(folder);
    await written(
      log,
      append([{ kind: 'noop', index: 1, term: 3 }, ...commands(2, 50, 3)], { commitHint: 40 }),
    );
    await written(log, append(commands(51, 60, 5)));
    await directory.close();

    const { log: again } = await openLogIn(folder);
    expect(again.recovered.last).toEqual({ index: 60, term: 5 });
    expect(again.recovered.hardState).toEqual({ term: 5, votedFor: nodeId('n2') });
    expect(again.recovered.terms).toEqual([
      { from: 1, term: 3 },
      { from: 51, term: 5 },
    ]);
    expect(await wholeLog(again, 60)).toEqual([
      { kind: 'noop', index: 1, term: 3 },
      ...commands(2, 50, 3),
      ...commands(51, 60, 5),
    ]);
  });

  it('cuts inside a block and goes on from there', async () => {
    const folder = await temporaryFolder();
    const { directory, log } = await openLogIn(folder);
    await written(log, append(commands(1, 20, 1)));
    await written(log, append(commands(21, 40, 1)));
    await written(log, append(commands(15, 16, 2), { truncateFrom: 15 }));
    expect(await wholeLog(log, 16)).toEqual([...commands(1, 14, 1), ...commands(15, 16, 2)]);
    await directory.close();
    const { log: again } = await openLogIn(folder);
    expect(again.recovered.last).toEqual({ index: 16, term: 2 });
    expect(await readEntries(again, 14, 16)).toEqual([command(14, 1, 'entry 14/1'), ...commands(15, 16, 2)]);
  });

  it('spreads a large write over several blocks, and reads across them', async () => {
    const disk = freshDisk();
    const log = await openOn(disk, { blockBytesMax: 1_000 });
    await written(log, append(commands(1, 200, 1)));
    expect(disk.records.size).toBeGreaterThan(5);
    expect(await wholeLog(await openOn(disk), 200)).toEqual(commands(1, 200, 1));
  });

  it('refuses a second write before the first is done, and one that leaves a gap: the caller is broken', async () => {
    const { log } = await openLogIn(await temporaryFolder());
    const first = written(log, append(commands(1, 2, 1)));
    expect(() => log.write(append(commands(3, 3, 1)), () => {})).toThrow('one write is in flight');
    await first;
    expect(() => log.write(append(commands(9, 9, 1)), () => {})).toThrow('continues the log');
  });

  it('answers every write after a failed one with the same error, and writes nothing more', async () => {
    const disk = freshDisk();
    const log = await openOn(disk);
    await written(log, append(commands(1, 2, 1)));
    disk.instant = false;
    const failed = written(log, append(commands(3, 4, 1)));
    disk.complete('batch', new Error('ENOSPC'));
    expect(await refusal(failed)).toBe('IO_FAILED');
    disk.instant = true;
    const before = disk.clone();
    expect(await refusal(written(log, append(commands(3, 4, 1))))).toBe('IO_FAILED');
    await log.close();
    expect(disk.records).toEqual(before.records);
    expect((await openOn(disk)).recovered.last.index).toBe(2);
  });

  it('refuses to read a block that was damaged since it was opened', async () => {
    const disk = freshDisk();
    const log = await openOn(disk);
    await written(log, append(commands(1, 9, 1)));
    const value = disk.records.get(Buffer.from(blockKey(1)).toString('hex'))?.value ?? new Uint8Array();
    value[100] = (value[100] ?? 0) ^ 1;
    expect(await refusal(readEntries(log, 4, 5))).toBe('CORRUPT');
  });

  it('ends a read where a truncation overtook it, and gives nothing for what was truncated before', async () => {
    const disk = freshDisk();
    const log = await openOn(disk);
    await written(log, append(commands(1, 5, 1)));
    await written(log, append(commands(6, 9, 1)));
    disk.instant = false;
    const cut = written(log, append([], { truncateFrom: 6 }));
    while (!disk.complete('file')) await turn();
    const overtaken = readEntries(log, 4, 9);
    disk.complete('batch');
    await cut;
    expect(await overtaken).toEqual(commands(4, 5, 1));
    expect(await readEntries(log, 8, 9)).toEqual([]);
  });

  it('never joins entries from before and after a truncation in one answer', async () => {
    const disk = freshDisk();
    const log = await openOn(disk);
    await written(log, append(commands(1, 5, 1)));
    await written(log, append(commands(6, 9, 1)));
    disk.instant = false;
    const rewritten = written(log, append(commands(4, 9, 2), { truncateFrom: 4 }));
    while (!disk.complete('file')) await turn();
    const overtaken = readEntries(log, 4, 9);
    disk.complete('batch');
    await rewritten;
    expect(await overtaken).toEqual(commands(4, 5, 1));
    expect(await readEntries(log, 4, 9)).toEqual(commands(4, 9, 2));
  });
});
