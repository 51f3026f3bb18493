/** FileEngine on node:fs: the few small files that lie beside LevelDB. */
import { closeSync, constants, open, write } from 'node:fs';
import { open as openFile, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { FileEngine } from './interfaces.ts';

const PRIVATE_FILE = 0o600;

/** What a crash in the middle of `replace` leaves behind; never read. */
export function unfinishedName(name: string): string {
  return `${name}.new`;
}

export class NodeFileEngine implements FileEngine {
  readonly #folder: string;
  /** Files that are overwritten in place stay open. */
  readonly #open = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(name: string): Promise<Uint8Array | null> {
    try {
      return await readFile(path.join(this.#folder, name));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  async replace(name: string, content: Uint8Array): Promise<void> {
    const beside = path.join(this.#folder, unfinishedName(name));
    const file = await openFile(beside, 'w', PRIVATE_FILE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#forget(name);
    await rename(beside, path.join(this.#folder, name));
    await syncFolder(this.#folder);
  }

  /** O_DSYNC: one trip to the thread pool writes and syncs. */
  overwrite(name: string, offset: number, content: Uint8Array, done: (error: Error | null) => void): void {
    this.#descriptor(name, (error, descriptor) => {
      if (error !== null) {
        done(error);
        return;
      }
      write(descriptor, content, 0, content.length, offset, (failure, written) => {
        if (failure === null && written < content.length)
          done(new Error(`wrote ${written} bytes of ${name}`));
        else done(failure);
      });
    });
  }

  close(): void {
    for (const name of this.#open.keys()) this.#forget(name);
  }

  #descriptor(name: string, done: (error: Error | null, descriptor: number) => void): void {
    const known = this.#open.get(name);
    if (known !== undefined) {
      done(null, known);
      return;
    }
    open(path.join(this.#folder, name), constants.O_WRONLY | constants.O_DSYNC, (error, descriptor) => {
      if (error !== null) {
        done(error, -1);
        return;
      }
      this.#forget(name);
      this.#open.set(name, descriptor);
      done(null, descriptor);
    });
  }

  #forget(name: string): void {
    const descriptor = this.#open.get(name);
    if (descriptor === undefined) return;
    this.#open.delete(name);
    closeSync(descriptor);
  }
}

/** Makes a rename or a new file in it survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await openFile(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
