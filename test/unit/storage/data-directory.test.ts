import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { IDENTITY_FILE } from '../../../src/storage/identity.ts';
import { seal } from '../../../src/storage/sealed.ts';
import { WATERMARK_FILE } from '../../../src/storage/watermark-slots.ts';
import type { Genesis } from '../../../src/wire/peer-protocol.ts';
import { openFolder, openLogIn, refusal, temporaryFolder } from './fixtures.ts';
import { append, commands, written } from './log-calls.ts';

const genesisOf = (incarnation: string): Genesis => ({
  clusterId: 'c'.repeat(32),
  clusterName: 'orders',
  voters: [{ id: 'n1', incarnation }],
});

/** Every file's bytes and times, to show that nothing was touched. */
async function fingerprint(folder: string): Promise<unknown> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs, ctimeMs, mode } = await stat(path.join(folder, name));
      return { name, mtimeMs, ctimeMs, mode };
    }),
  );
}

async function madeFolder(): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'data');
  const { directory, log } = await openLogIn(folder);
  await written(log, append(commands(1, 3, 1)));
  await directory.close();
  return folder;
}

describe('a data directory', () => {
  it('is made where nothing is, parents too, for its owner alone, and keeps its identity', async () => {
    const folder = path.join(await temporaryFolder(), 'a', 'b');
    const made = await openFolder(folder);
    expect(made.identity).toEqual({ nodeId: 'n1', incarnation: made.identity.incarnation, genesis: null });
    expect(made.identity.incarnation).toMatch(/^[0-9a-f]{32}$/u);
    await made.close();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(folder, IDENTITY_FILE))).mode & 0o777).toBe(0o600);
    expect((await openFolder(folder)).identity).toEqual(made.identity);
  });

  it('draws another incarnation each time one is made', async () => {
    const [one, two] = [await openFolder(await temporaryFolder()), await openFolder(await temporaryFolder())];
    expect(one.identity.incarnation).not.toBe(two.identity.incarnation);
  });

  it('remembers the genesis it was given, the first one only', async () => {
    const folder = await temporaryFolder();
    const made = await openFolder(folder);
    const genesis = genesisOf(made.identity.incarnation);
    await made.saveGenesis(genesis);
    await made.saveGenesis(genesis);
    await expect(made.saveGenesis({ ...genesis, clusterId: 'd'.repeat(32) })).rejects.toMatchObject({
      code: 'WRONG_CLUSTER',
    });
    await made.close();
    expect((await openFolder(folder)).identity.genesis).toEqual(genesis);
  });

  it('is closed to other users when it was open to them, and says so', async () => {
    const folder = await madeFolder();
    await chmod(folder, 0o755);
    const opened = await openFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(opened.warnings.join()).toContain('755');
  });

  it('goes on being made after a crash in the middle of its making', async () => {
    const unfinished: ((folder: string) => Promise<void>)[] = [
      (folder) => mkdir(path.join(folder, 'log')),
      (folder) => mkdir(path.join(folder, 'lost+found')),
      (folder) => writeFile(path.join(folder, `${WATERMARK_FILE}.new`), 'torn'),
      async (folder) => {
        await (await openFolder(folder)).close();
        await rm(path.join(folder, IDENTITY_FILE));
        await writeFile(path.join(folder, `${IDENTITY_FILE}.new`), 'torn');
      },
      async (folder) => {
        await (await openFolder(folder)).close();
        await rm(path.join(folder, IDENTITY_FILE));
        await rm(path.join(folder, WATERMARK_FILE));
      },
    ];
    for (const leave of unfinished) {
      const folder = await temporaryFolder();
      await leave(folder);
      const { log } = await openLogIn(folder);
      expect(log.recovered.last.index).toBe(0);
    }
  });
});

describe('a data directory is refused, and nothing in it touched,', () => {
  it('when it holds something of somebody else', async () => {
    for (const make of [
      (folder: string) => writeFile(path.join(folder, 'notes.txt'), 'mine'),
      async (folder: string) => {
        await mkdir(path.join(folder, 'log'));
        await writeFile(path.join(folder, 'log', 'access.log'), 'GET /');
      },
    ]) {
      const folder = await temporaryFolder();
      await make(folder);
      await chmod(folder, 0o755);
      const before = await fingerprint(folder);
      expect(await refusal(openFolder(folder))).toBe('DATA_DIR_UNUSABLE');
      expect(await fingerprint(folder)).toEqual(before);
      expect((await stat(folder)).mode & 0o777).toBe(0o755);
    }
  });

  it('when its path cannot be a directory or be written', async () => {
    const file = path.join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    for (const bad of [file, path.join(file, 'data'), '/proc/quorate', '/proc/1', '/sys/quorate/data']) {
      expect(await refusal(openFolder(bad))).toBe('DATA_DIR_UNUSABLE');
    }
  });

  it('when it is another node’s', async () => {
    const folder = await madeFolder();
    const before = await fingerprint(folder);
    expect(await refusal(openFolder(folder, 'n2'))).toBe('WRONG_NODE');
    expect(await fingerprint(folder)).toEqual(before);
  });

  it('when its format is one that this version does not know', async () => {
    const folder = await madeFolder();
    const identity = await readFile(path.join(folder, IDENTITY_FILE));
    seal(identity, 2);
    await writeFile(path.join(folder, IDENTITY_FILE), identity);
    const before = await fingerprint(folder);
    expect(await refusal(openFolder(folder))).toBe('FORMAT_UNSUPPORTED');
    expect(await fingerprint(folder)).toEqual(before);
  });

  it('when its log has records and its identity is gone', async () => {
    for (const lost of [[IDENTITY_FILE], [IDENTITY_FILE, WATERMARK_FILE], [IDENTITY_FILE, 'log/CURRENT']]) {
      const folder = await madeFolder();
      for (const name of lost) await rm(path.join(folder, name));
      const before = await fingerprint(folder);
      expect(await refusal(openFolder(folder))).toBe('CORRUPT');
      expect(await fingerprint(folder)).toEqual(before);
    }
  });

  it('when its identity is damaged or its log is gone', async () => {
    const damaged = await madeFolder();
    await writeFile(path.join(damaged, IDENTITY_FILE), 'not an identity');
    expect(await refusal(openFolder(damaged))).toBe('CORRUPT');
    for (const lost of ['log', 'log/CURRENT']) {
      const folder = await madeFolder();
      await rm(path.join(folder, lost), { recursive: true });
      const before = await fingerprint(folder);
      expect(await refusal(openFolder(folder))).toBe('CORRUPT');
      expect(await fingerprint(folder)).toEqual(before);
    }
  });
});
