/** What a run must show of leases, beside what their holders and the log tell (workload/lease-holder.ts, laws/lease-times.ts). */
import { LawBroken } from '../laws/law.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';

/** To be asked when all leases are abandoned, their time is long over, and the cluster was well meanwhile. */
export function allLeasesEnded(nodes: readonly SimulatedNode[], nowMs: number): void {
  for (const { id, running } of nodes) {
    const left = running?.core?.machine.leaseCount ?? 0;
    if (left > 0) throw new LawBroken('a lease ends in time', id, nowMs, `${left} leases have not ended`);
  }
}
