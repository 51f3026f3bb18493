/**
 * What may go wrong with one operation, as data: a nemesis changes it while nodes run, and a schedule is minimised by
 * taking lines out. Percentages are of operations; hundredths count.
 */
import type { RandomSource, RandomStream } from '../kernel/random.ts';

export interface Span {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface DiskFaults {
  readonly readMs: Span;
  readonly syncMs: Span;
  readonly slowSyncPercent: number;
  readonly slowSyncMs: Span;
  /** No sync ends before this is over. */
  readonly stuck: boolean;
  /** EIO. */
  readonly readErrorPercent: number;
  /** EIO from the sync: what it was to sync is found by the next process, and may be lost with the power (ATC '20). */
  readonly writeErrorPercent: number;
  /** ENOSPC. LevelDB goes on to acknowledge what it will lose, once there is space (reliability.md 0, point 2). */
  readonly full: boolean;
  /** Acknowledged, never stored. */
  readonly lostWritePercent: number;
  /** Stored where something else was. */
  readonly misdirectedWritePercent: number;
  /** Syncs end without having synced; the power may take what they acknowledged. */
  readonly lying: boolean;
  /**
   * What survives of writes that nobody has synced: the first few of them, or any. A batch of LevelDB is whole or not
   * there in both.
   */
  readonly unsynced: 'prefix' | 'subset';
  /** Of the surviving writes to files: sectors old, new and of neither. */
  readonly tornPercent: number;
}

/** A sound SSD. */
export const SOUND_DISK: DiskFaults = {
  readMs: { minMs: 0.05, maxMs: 0.3 },
  syncMs: { minMs: 0.3, maxMs: 3 },
  slowSyncPercent: 0,
  slowSyncMs: { minMs: 20, maxMs: 400 },
  stuck: false,
  readErrorPercent: 0,
  writeErrorPercent: 0,
  full: false,
  lostWritePercent: 0,
  misdirectedWritePercent: 0,
  lying: false,
  unsynced: 'subset',
  tornPercent: 30,
};

/** Everything that can go wrong here, each counted when it did. */
export const FAULT_KINDS = [
  'slow sync',
  'stuck sync',
  'read error',
  'write error',
  'no space',
  'lost write',
  'misdirected write',
  'lying sync',
  'unsynced write lost',
  'write in flight lost',
  'write in flight kept',
  'torn write',
  'bit flip',
  'lost record',
  'hole',
  'lost tail',
  'lost batches',
  'lost file',
  'lost log',
  'wiped',
  'restored',
  'restored log',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How often each of them happened. */
export class FaultCounts {
  readonly #counts = new Map<FaultKind, number>();

  count(kind: FaultKind): void {
    this.#counts.set(kind, this.of(kind) + 1);
  }

  of(kind: FaultKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** In the order of `FAULT_KINDS`, those that never happened too. */
  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, this.of(kind)]));
  }
}

/** One stream a concern: a fault that is taken out of a schedule leaves the draws of all others as they were. */
export class DiskDice {
  readonly latency: RandomStream;
  readonly slow: RandomStream;
  readonly readError: RandomStream;
  readonly writeError: RandomStream;
  readonly lost: RandomStream;
  readonly misdirected: RandomStream;
  readonly target: RandomStream;
  readonly crash: RandomStream;
  readonly damage: RandomStream;

  constructor(random: RandomSource, disk: string) {
    const stream = (concern: string): RandomStream => random.stream(`disk ${disk} ${concern}`);
    this.latency = stream('latency');
    this.slow = stream('slow');
    this.readError = stream('read error');
    this.writeError = stream('write error');
    this.lost = stream('lost');
    this.misdirected = stream('misdirected');
    this.target = stream('target');
    this.crash = stream('crash');
    this.damage = stream('damage');
  }
}

/** Whole microseconds. */
export function drawMs(random: RandomStream, { minMs, maxMs }: Span): number {
  return random.between(Math.round(minMs * 1_000), Math.round(maxMs * 1_000)) / 1_000;
}

/** As Node words them. */
export function systemError(code: 'EIO' | 'ENOSPC' | 'ENOENT', call: string): Error {
  const text = { EIO: 'i/o error', ENOSPC: 'no space left on device', ENOENT: 'no such file or directory' };
  return Object.assign(new Error(`${code}: ${text[code]}, ${call}`), { code });
}
