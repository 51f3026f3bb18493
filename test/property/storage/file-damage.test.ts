import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { QuorateError } from '../../../src/wire/errors.ts';
import { crashCopy, openLogIn, temporaryFolder } from '../../unit/storage/fixtures.ts';
import { append, commands, wholeLog, written } from '../../unit/storage/log-calls.ts';

const LAST = 60;
const POSITIONS = 16;

/** Part of it in a table file, part in LevelDB's own log; closed, so the watermark is at the end. */
async function closedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  for (const first of [1, 31]) {
    const { directory, log } = await openLogIn(folder);
    for (let at = first; at < first + 30; at += 10) await written(log, append(commands(at, at + 9, at)));
    await directory.close();
  }
  return folder;
}

type Damage = (file: string) => Promise<void>;

const DAMAGES: Readonly<Record<string, readonly Damage[]>> = {
  'a flipped bit': Array.from({ length: POSITIONS }, (_, i) => async (file: string) => {
    const bytes = await readFile(file);
    const at = Math.floor((bytes.length * i) / POSITIONS);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (i % 8));
    await writeFile(file, bytes);
  }),
  'a cut tail': [1, 10, 100, 1_000].map((bytes) => async (file: string) => {
    await truncate(file, Math.max(0, (await stat(file)).size - bytes));
  }),
  'a zeroed tail': [
    async (file) => {
      const bytes = await readFile(file);
      await writeFile(file, bytes.fill(0, bytes.length >> 1));
    },
  ],
  'a deletion': [(file) => rm(file)],
};

/** `same`, or the code of the refusal. Anything else is a wrong value or a silent loss. */
async function outcome(folder: string): Promise<string> {
  try {
    const { directory, log } = await openLogIn(folder);
    const { hardState, last } = log.recovered;
    const entries = await wholeLog(log, last.index);
    await directory.close();
    expect([last, hardState.term, entries]).toEqual([{ index: LAST, term: 51 }, 51, sound]);
    return 'same';
  } catch (error) {
    if (QuorateError.is(error)) return error.code;
    throw error;
  }
}

const sound = [1, 11, 21, 31, 41, 51].flatMap((first) => commands(first, first + 9, first));

describe('damage to any file of a data directory', () => {
  for (const [name, damages] of Object.entries(DAMAGES)) {
    it(`${name}: is refused by name, or does no harm`, async () => {
      const folder = await closedFolder();
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      const seen = new Set<string>();
      for (const file of names.filter((each) => each.isFile() && !each.name.startsWith('LO'))) {
        const at = path.relative(folder, path.join(file.parentPath, file.name));
        for (const damage of damages) {
          const copy = await crashCopy(folder);
          await damage(path.join(copy, at));
          seen.add(await outcome(copy));
        }
      }
      expect(
        [...seen].filter((code) => !['same', 'CORRUPT', 'RECOVERING', 'FORMAT_UNSUPPORTED'].includes(code)),
      ).toEqual([]);
      expect([...seen].some((code) => code !== 'same')).toBe(true);
    });
  }
});
