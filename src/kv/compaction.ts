/** How much history is kept: the leader asks now and then, and proposes what it is told as a `compact` operation. */
import type { Revision } from './operation.ts';
import type { HistoryInfo } from './state-machine.ts';

export interface HistoryKept {
  /** Whichever of the two is less is kept (SPEC 2: one hour or 1,000,000 revisions). */
  readonly keptMs: number;
  readonly keptRevisions: number;
}

/** The revision to compact to; null when nothing is due. Nothing younger than both bounds allow ever goes. */
export function compactionDue(history: HistoryInfo, { keptMs, keptRevisions }: HistoryKept): Revision | null {
  const old = history.revisionAt(history.clusterTimeMs - keptMs);
  const due = Math.max(old, history.revision - keptRevisions);
  return due > history.floor && due > 0 ? due : null;
}
