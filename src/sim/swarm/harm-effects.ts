/** What a harm is to a disk, to answers, and to the clock of its own end. */
import type { DiskFaults } from '../disk/index.ts';
import type { CopyRate } from '../network/weather.ts';
import type { Harm } from './faults.ts';

/** For a moment that comes when it comes: until the calm. */
export function waits(harm: Harm): boolean {
  return harm.kind === 'crash in truncation' || (harm.kind === 'damage' && harm.moment !== 'at once');
}

/** In percent, of all present faults together. */
export function answersLost(harms: readonly Harm[]): number {
  const shares = harms.map((harm) => (harm.kind === 'lost answers' ? harm.percent : 0));
  return Math.max(0, ...shares);
}

/** The latest of them. */
export function lateCopies(harms: readonly Harm[]): CopyRate | null {
  return harms.findLast((harm) => harm.kind === 'late copies') ?? null;
}

/** How long what it has begun goes on after it. */
export function lastsMs(harm: Harm): number {
  return 'lateMs' in harm ? harm.lateMs : (diskFaultsOf(harm).slowSyncMs?.maxMs ?? 0);
}

export function diskFaultsOf(harm: Harm): Partial<DiskFaults> {
  if (harm.kind === 'stale leader' && harm.slowMs > 0) {
    return { slowSyncPercent: 100, slowSyncMs: { minMs: harm.slowMs / 8, maxMs: harm.slowMs } };
  }
  if (harm.kind === 'slow disk' || harm.kind === 'failing disk') return harm.faults;
  return harm.kind === 'stuck disk' ? { stuck: true } : {};
}
