import { chainStart } from '../../../src/storage/chain.ts';
import type { LogStore } from '../../../src/storage/index.ts';
import { openLog } from '../../../src/storage/index.ts';
import { freshSlots, WATERMARK_FILE } from '../../../src/storage/watermark-slots.ts';
import { MEMBERS } from './log-calls.ts';
import { MemoryDisk } from './memory-disk.ts';

export const INCARNATION = '0123456789abcdef0123456789abcdef';

export function freshDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.files.set(WATERMARK_FILE, freshSlots(chainStart(INCARNATION)));
  disk.instant = true;
  return disk;
}

export interface MemoryLogOptions {
  readonly schedule?: (delayMs: number, fn: () => void) => void;
  readonly warn?: (message: string) => void;
  readonly blockBytesMax?: number;
}

export function openOn(disk: MemoryDisk, options: MemoryLogOptions = {}): Promise<LogStore> {
  return openLog({
    engine: disk.engine,
    files: disk.fileEngine,
    incarnation: INCARNATION,
    genesisMembership: MEMBERS,
    schedule: options.schedule ?? (() => {}),
    warn: options.warn ?? (() => {}),
    ...(options.blockBytesMax === undefined ? {} : { blockBytesMax: options.blockBytesMax }),
  });
}
