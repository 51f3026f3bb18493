import { isAcknowledgedWrite } from './recorder.ts';
import type { Recorded } from './recorder.ts';

/** Between two moments: from the first to the first acknowledgement, between any two, and from the last to the end. */
export function longestGapMs(recorded: readonly Recorded[], fromMs: number, toMs: number): number {
  const times = recorded
    .filter(isAcknowledgedWrite)
    .map(({ operation }) => operation.returnMs)
    .filter((time) => time > fromMs && time < toMs)
    .toSorted((a, b) => a - b);
  let gap = 0;
  let last = fromMs;
  for (const time of [...times, toMs]) {
    gap = Math.max(gap, time - last);
    last = time;
  }
  return gap;
}
