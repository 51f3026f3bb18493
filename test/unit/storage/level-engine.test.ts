import { mkdir, readdir, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LevelEngine, openLevelEngine } from '../../../src/storage/level-engine.ts';
import { temporaryFolder, refusal } from './fixtures.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The second opening moves its record from LevelDB's log to a table; the third has not looked at that yet. */
async function engineWithTable(): Promise<{ engine: LevelEngine; tables: readonly string[] }> {
  const folder = await temporaryFolder();
  const first = await openLevelEngine(folder, { createIfMissing: true });
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
    first.write({ deletes: [], puts: [{ key: bytes('k'), value: bytes('v') }] }, done);
  });
  await first.close();
  await (await openLevelEngine(folder, { createIfMissing: false })).close();
  const engine = await openLevelEngine(folder, { createIfMissing: false });
  const tables = (await readdir(folder)).filter((name) => name.endsWith('.ldb'));
  expect(tables).not.toEqual([]);
  return { engine, tables: tables.map((name) => path.join(folder, name)) };
}

async function read(engine: LevelEngine): Promise<unknown> {
  return await engine.range(bytes('a'), bytes('z'), 10, false);
}

describe('a database that cannot be read', () => {
  it.each([
    ['gone', (table: string) => rm(table)],
    ['cut', (table: string) => truncate(table, 60)],
  ])('is broken when a file of it is %s', async (_, harm) => {
    const { engine, tables } = await engineWithTable();
    for (const table of tables) await harm(table);
    expect(await refusal(read(engine))).toBe('CORRUPT');
    await engine.close();
  });

  it('may be read again after any other error of the disk', async () => {
    const { engine, tables } = await engineWithTable();
    for (const table of tables) {
      await rm(table);
      await mkdir(table);
    }
    expect(await refusal(read(engine))).toBe('IO_FAILED');
    await engine.close();
  });
});
