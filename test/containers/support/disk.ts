/** A small file system of a node's own, in a file of this machine: real syncs, and it can be full. */
import { chown, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';

import { run } from '../../../scripts/engine/command.mjs';

const CAPACITY_BYTES = 512 * 1024 * 1024;
const FILLER = 'filler';
const CHUNK = Buffer.alloc(4_096);

export class Disk {
  /** Where it is mounted; nothing but `data` and the filler is in it. */
  readonly #mountPoint: string;

  private constructor(mountPoint: string) {
    this.#mountPoint = mountPoint;
  }

  /** In `folder`, which is empty; `uid` owns the data directory. */
  static async make(folder: string, uid: number): Promise<Disk> {
    const image = path.join(folder, 'disk.img');
    const mountPoint = path.join(folder, 'disk');
    await mkdir(mountPoint, { recursive: true });
    const file = await open(image, 'w');
    await file.truncate(CAPACITY_BYTES);
    await file.close();
    // Nothing reserved for root: what is full is full for everybody.
    await run('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
    await run('mount', ['-o', 'loop', image, mountPoint]);
    const disk = new Disk(mountPoint);
    await mkdir(disk.data, { mode: 0o700 });
    await chown(disk.data, uid, uid);
    return disk;
  }

  get data(): string {
    return path.join(this.#mountPoint, 'data');
  }

  async wipe(): Promise<void> {
    for (const name of await readdir(this.data)) await rm(path.join(this.data, name), { recursive: true });
  }

  /** Not a block is left. */
  async fill(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#mountPoint);
    const filler = path.join(this.#mountPoint, FILLER);
    // The file's own index takes some blocks as well, so the last of them are taken one by one.
    const most = Math.floor(bavail * bsize * 0.98);
    if (most > 0) await run('fallocate', ['--length', String(most), filler]);
    const file = await open(filler, 'a');
    try {
      for (;;) await file.write(CHUNK);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    await rm(path.join(this.#mountPoint, FILLER), { force: true });
  }
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
