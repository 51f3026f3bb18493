/** What a run must show of leases, beside what their holders see for themselves (workload/lease-holder.ts). */
import { LawBroken } from '../laws/law.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { Plan } from './plan.ts';

const CLOCK_FAULTS: ReadonlySet<string> = new Set(['clock', 'clock jump']);

/** A leader whose clock runs as it likes may end leases as it likes: they are audited where clocks are sound. */
export function hasSoundClocks({ faults }: Plan): boolean {
  return !faults.some(({ harm }) => CLOCK_FAULTS.has(harm.kind) || harm.kind === 'stale leader');
}

/** To be asked when all leases are abandoned, their time is long over, and the cluster was well meanwhile. */
export function allLeasesEnded(nodes: readonly SimulatedNode[], nowMs: number): void {
  for (const { id, running } of nodes) {
    const left = running?.core?.machine.leaseCount ?? 0;
    if (left > 0) throw new LawBroken('a lease ends in time', id, nowMs, `${left} leases have not ended`);
  }
}
