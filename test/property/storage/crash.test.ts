import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogStore } from '../../../src/storage/index.ts';
import { SLOT_BYTES, WATERMARK_FILE } from '../../../src/storage/watermark-slots.ts';
import { type MemoryDisk, turn } from '../../unit/storage/memory-disk.ts';
import { freshDisk, openOn } from '../../unit/storage/memory-log.ts';
import { anyStep, apply, EMPTY, type Model, modelOf, type Step, writeFor } from './model.ts';

type Action =
  | { readonly type: 'write'; readonly step: Step }
  | { readonly type: 'batch' | 'file' | 'rest' }
  | { readonly type: 'crash'; readonly batch: boolean; readonly file: FileFate };

/** What a crash leaves of a watermark that was being written. */
type FileFate = 'old' | 'new' | 'torn';
const FATES: readonly FileFate[] = ['old', 'new', 'torn'];

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('write' as const), step: anyStep }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constantFrom('batch' as const, 'file' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rest' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('crash' as const),
      batch: fc.boolean(),
      file: fc.constantFrom(...FATES),
    }),
  },
);

/** A log on a disk whose every operation ends when the script says so. */
class Life {
  disk = freshDisk();
  acknowledged: Model = EMPTY;
  /** What the log becomes when the write in flight is durable. */
  next: Model | null = null;
  log: LogStore | null = null;
  #timers: (() => void)[] = [];
  #seq = 0;

  async open(disk: MemoryDisk): Promise<void> {
    this.#timers = [];
    this.disk = disk;
    this.log = await openOn(disk, { schedule: (_, fn) => this.#timers.push(fn) });
    disk.instant = false;
    this.acknowledged = await modelOf(this.log);
    this.next = null;
  }

  async act(action: Action): Promise<void> {
    switch (action.type) {
      case 'write':
        this.#write(action.step);
        break;
      case 'batch':
      case 'file':
        this.disk.complete(action.type);
        break;
      case 'rest':
        for (const fn of this.#timers.splice(0)) fn();
        break;
      case 'crash':
        await this.open(this.after(action.batch, action.file));
        break;
    }
    // A truncation looks its blocks up first; nothing here waits for real time.
    await turn();
  }

  #write(step: Step): void {
    if (this.next !== null) return;
    this.#seq += 1;
    const write = writeFor(this.acknowledged, step, this.#seq);
    const next = apply(this.acknowledged, write);
    this.next = next;
    this.log?.write(write, (error) => {
      if (error !== null) throw error;
      this.acknowledged = next;
      this.next = null;
    });
  }

  /** The disk as it is found after a crash now. */
  after(batch: boolean, file: FileFate): MemoryDisk {
    const operation = this.disk.pending.find((each) => each.kind === 'batch');
    const slot = this.disk.pending.find((each) => each.kind === 'file');
    const before = this.disk.clone();
    if (batch) operation?.apply();
    if (file !== 'old') slot?.apply();
    const found = this.disk.clone();
    // The pending operations write into this disk again when they end, so what they did early does not matter.
    this.disk.records.clear();
    for (const { key, value } of before.records.values()) this.disk.put(key, value);
    this.#tear(file, before, found);
    this.disk.files.set(WATERMARK_FILE, before.files.get(WATERMARK_FILE) ?? new Uint8Array());
    return found;
  }

  /** Half of the new slot over the old one. */
  #tear(file: FileFate, before: MemoryDisk, found: MemoryDisk): void {
    const old = before.files.get(WATERMARK_FILE);
    if (file !== 'torn' || old === undefined) return;
    for (const at of [0, SLOT_BYTES])
      found.overwriteNow(WATERMARK_FILE, at + 30, old.subarray(at + 30, at + SLOT_BYTES));
  }

  batchInFlight(): boolean {
    return this.disk.pending.some((each) => each.kind === 'batch');
  }
}

describe('a crash at any moment', () => {
  it('loses nothing acknowledged, invents nothing, and never keeps the log from opening', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { maxLength: 40 }), async (script) => {
        const life = new Life();
        await life.open(life.disk);
        for (const action of script) {
          await life.act(action);
          for (const batch of [false, true]) {
            for (const file of FATES) {
              const expected = batch && life.batchInFlight() ? life.next : life.acknowledged;
              expect(await modelOf(await openOn(life.after(batch, file)))).toEqual(expected);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
