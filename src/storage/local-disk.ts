/** The machine's own disk: a data directory on node:fs, with LevelDB in its folder `log`. */
import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { QuorateError } from '../wire/errors.ts';
import { NodeFileEngine, syncFolder } from './file-engine.ts';
import { codeOf, folderError, LOG_FOLDER } from './folder.ts';
import type { Disk, KeyValueEngine, LogFolder, OpenEngineOptions, Place } from './interfaces.ts';
import { openLevelEngine } from './level-engine.ts';
import { corrupt } from './refusals.ts';

const PRIVATE_FOLDER = 0o700;
/** The root of an ext4 file system has it. */
const NOBODYS = 'lost+found';

export const LOCAL_DISK: Disk = { at: (folder) => new LocalPlace(path.resolve(folder)) };

class LocalPlace implements Place {
  readonly path: string;
  readonly files: NodeFileEngine;
  readonly #log: string;

  constructor(folder: string) {
    this.path = folder;
    this.files = new NodeFileEngine(folder);
    this.#log = path.join(folder, LOG_FOLDER);
  }

  async list(): Promise<readonly string[] | null> {
    const names = await listFolder(this.path);
    if (names === null) return null;
    await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw folderError(this.path, error);
    });
    return names;
  }

  async inspectLog(): Promise<LogFolder> {
    const names = (await listFolder(this.#log)) ?? [];
    const isDatabase = names.some((name) => name === 'CURRENT' || name.startsWith('MANIFEST-'));
    const [name] = names;
    if (name !== undefined && !isDatabase && !names.every((each) => /^LOG|^LOCK$/u.test(each))) {
      return { kind: 'foreign', name };
    }
    return { kind: (await holdsRecords(this.#log, names)) ? 'records' : 'empty' };
  }

  async make(): Promise<void> {
    await makeFolder(this.path);
  }

  async closeToOthers(): Promise<readonly string[]> {
    const mode = (await stat(this.path)).mode & 0o777;
    if ((mode & 0o077) === 0) return [];
    await chmod(this.path, PRIVATE_FOLDER);
    return [`${this.path} was open to other users (mode ${mode.toString(8)}); it is 700 now`];
  }

  async openLog(options: OpenEngineOptions): Promise<KeyValueEngine> {
    // LevelDB would leave an empty folder behind, even while refusing.
    if (!options.createIfMissing && (await this.files.read(`${LOG_FOLDER}/CURRENT`)) === null) {
      throw corrupt(`the log of ${this.path} is missing or has lost its file CURRENT`);
    }
    if (options.createIfMissing) await makeFolder(this.#log);
    const engine = await openLevelEngine(this.#log, options).catch(async (error: unknown) => {
      if (!QuorateError.is(error) || error.code !== 'IO_FAILED') throw error;
      // If the disk takes new files, the fault lies in the old ones.
      await assertWritable(this.#log);
      throw corrupt(error.message, error);
    });
    // LevelDB does not sync its folder after it has put CURRENT in place.
    await syncFolder(this.#log);
    return engine;
  }

  close(): void {
    this.files.close();
  }
}

/** `mkdir -p`, one step at a time: the recursive one of Node 20 never returns below /proc. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, PRIVATE_FOLDER);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = path.dirname(folder);
    if (codeOf(error) !== 'ENOENT' || parent === folder || (await listFolder(parent)) !== null) {
      throw folderError(folder, error);
    }
    await makeFolder(parent);
    await mkdir(folder, PRIVATE_FOLDER).catch((again: unknown) => {
      if (codeOf(again) !== 'EEXIST') throw folderError(folder, again);
    });
  }
  await syncFolder(path.dirname(folder)).catch(() => {
    // A parent we may not open: its own file system journals the new name.
  });
}

/** Rejects with what the disk says to a new file, as large as LevelDB's smallest write. */
async function assertWritable(folder: string): Promise<void> {
  const probe = path.join(folder, 'quorate.probe');
  try {
    await writeFile(probe, new Uint8Array(4_096), { flush: true });
  } finally {
    await rm(probe, { force: true });
  }
}

async function listFolder(folder: string): Promise<readonly string[] | null> {
  try {
    return (await readdir(folder)).filter((name) => name !== NOBODYS);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw folderError(folder, error);
  }
}

/** LevelDB keeps records in .ldb files (.sst once) and in logs that are not empty. */
async function holdsRecords(folder: string, names: readonly string[]): Promise<boolean> {
  if (names.some((name) => /\.(?:ldb|sst)$/u.test(name))) return true;
  const logs = names.filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(logs.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.some((bytes) => bytes > 0);
}
