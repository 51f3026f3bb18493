/** The machine under one process, as far as it can be made to fail: machine-faults.c, told what to do from here. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('machine-faults.c', import.meta.url));
const PAGE_BYTES = 32;
const SYNC_OFFSET = 8;
const STALL_OFFSET = 12;
const DIES_AT_OFFSET = 16;
const DIES_AFTER_OFFSET = 20;
/** Written by the process; the rest by us. */
const BEGUN_OFFSET = 24;
const FASTER_OFFSET = 28;
const LEDGER_LINE_BYTES = 24;
const NANOSECONDS = 1_000_000n;

export type SyncOrder = 'works' | 'fails' | 'lies';

const SYNC_CODES: Readonly<Record<SyncOrder, number>> = { works: 0, fails: 1, lies: 2 };

/** Built into `folder`; null, with the reason told, where there is no compiler or no LD_PRELOAD. */
export function buildMachineFaults(folder: string): { readonly library: string } | { readonly why: string } {
  if (process.platform !== 'linux') return { why: 'LD_PRELOAD is how Linux does it' };
  const library = path.join(folder, 'machine-faults.so');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], {
    encoding: 'utf8',
  });
  if (built.error !== undefined) return { why: `no C compiler: ${built.error.message}` };
  if (built.status !== 0) return { why: `machine-faults.c does not compile: ${built.stderr}` };
  return { library };
}

export class Machine {
  readonly #library: string;
  readonly #page: string;
  readonly #ledger: string;
  readonly #orders = Buffer.alloc(PAGE_BYTES);

  constructor(library: string, folder: string, name: string) {
    this.#library = library;
    this.#page = path.join(folder, `${name}.machine`);
    this.#ledger = path.join(folder, `${name}.ledger`);
    writeFileSync(this.#page, this.#orders);
  }

  /** What the process is started with. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      QUORATE_TEST_MACHINE: this.#page,
      QUORATE_TEST_LEDGER: this.#ledger,
    };
  }

  setClockAhead(ms: number): void {
    this.#orders.writeBigInt64LE(BigInt(ms) * NANOSECONDS, 0);
    this.#write();
  }

  /** All its clocks run by so many per cent faster (slower, below 0) than others; the monotonic one as well. */
  setClockFaster(percent: number): void {
    this.#orders.writeInt32LE(percent * 10, FASTER_OFFSET);
    this.#write();
  }

  setSync(order: SyncOrder): void {
    this.#orders.writeInt32LE(SYNC_CODES[order], SYNC_OFFSET);
    this.#write();
  }

  setStall(ms: number): void {
    this.#orders.writeInt32LE(ms, STALL_OFFSET);
    this.#write();
  }

  /** At the `nth` sync from now. */
  setCrash(nth: number, when: 'before' | 'after'): void {
    this.#orders.writeInt32LE(this.#syncsBegun() + nth, DIES_AT_OFFSET);
    this.#orders.writeInt32LE(when === 'after' ? 1 : 0, DIES_AFTER_OFFSET);
    this.#write();
  }

  /** At none of the next life. */
  clearCrash(): void {
    this.#orders.writeInt32LE(0, DIES_AT_OFFSET);
    this.#write();
  }

  /** With the process dead: every file of the folder ends where it was last synced. Gives the bytes that are gone. */
  async forgetUnsynced(folder: string): Promise<number> {
    const synced = await this.#syncedSizes();
    let forgotten = 0;
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      const { dev, ino, size } = await stat(file);
      const kept = Math.min(size, synced.get(`${dev}:${ino}`) ?? 0);
      if (kept < size) await truncate(file, kept);
      forgotten += size - kept;
    }
    return forgotten;
  }

  async #syncedSizes(): Promise<ReadonlyMap<string, number>> {
    const ledger = await readFile(this.#ledger);
    const sizes = new Map<string, number>();
    for (let at = 0; at + LEDGER_LINE_BYTES <= ledger.length; at += LEDGER_LINE_BYTES) {
      const inode = `${ledger.readBigInt64LE(at)}:${ledger.readBigInt64LE(at + 8)}`;
      sizes.set(inode, Number(ledger.readBigInt64LE(at + 16)));
    }
    return sizes;
  }

  #syncsBegun(): number {
    return readFileSync(this.#page).readInt32LE(BEGUN_OFFSET);
  }

  /** In place: the process has the page mapped. */
  #write(): void {
    const page = openSync(this.#page, 'r+');
    writeSync(page, this.#orders, 0, BEGUN_OFFSET, 0);
    writeSync(page, this.#orders, FASTER_OFFSET, PAGE_BYTES - FASTER_OFFSET, FASTER_OFFSET);
    closeSync(page);
  }
}
