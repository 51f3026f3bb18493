/**
 * What clocks that do not keep true time may do to leases. Cluster time goes by the leader's clock (SPEC 4), which may
 * run fast or slow; of a jump ahead, a leader takes at most one election timeout for time that passed: one that was away
 * for longer knows that it was.
 */
import type { Fault } from './faults.ts';
import type { Plan } from './plan.ts';

type Clocks = Pick<Plan, 'faults' | 'timing'>;

/** Whole milliseconds on both sides. */
const ROUNDING_MS = 2;

/** By how much a leader's clock may have run ahead between two moments, at most. */
export function aheadMs({ faults, timing }: Clocks, fromMs: number, toMs: number): number {
  const parts = faults.map((fault) => {
    const { harm } = fault;
    if (harm.kind === 'clock') return Math.max(0, harm.rate - 1) * overlapMs(fault, fromMs, toMs);
    const isHit = harm.kind === 'clock jump' && fromMs <= fault.atMs && fault.atMs <= toMs;
    return isHit ? Math.min(harm.aheadMs, timing.electionTimeoutMaxMs) : 0;
  });
  return parts.reduce((sum, part) => sum + part, ROUNDING_MS);
}

/** By how much it may have fallen behind, at most. */
export function behindMs({ faults }: Clocks, fromMs: number, toMs: number): number {
  const parts = faults.map((fault) => {
    if (!('rate' in fault.harm)) return 0;
    return Math.max(0, 1 - fault.harm.rate) * overlapMs(fault, fromMs, toMs);
  });
  return parts.reduce((sum, part) => sum + part, ROUNDING_MS);
}

function overlapMs({ atMs, forMs }: Fault, fromMs: number, toMs: number): number {
  return Math.max(0, Math.min(toMs, atMs + forMs) - Math.max(fromMs, atMs));
}
