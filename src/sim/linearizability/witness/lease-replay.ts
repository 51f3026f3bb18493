/** Leases a second time, as small as they can be said; which keys hang on them is in the records. */
import type { LeaseOperation } from '../../../kv/operation.ts';
import type { CommittedEntry } from '../history.ts';

export type Place = Pick<CommittedEntry, 'index' | 'term'> & { readonly ordinal: number };

interface Lease {
  readonly ttlMs: number;
  deadlineMs: number;
}

/** Who chooses none gets one made from the place in the log. */
export function grantedId(chosen: bigint, { index, ordinal }: Pick<Place, 'index' | 'ordinal'>): bigint {
  return chosen === 0n ? (BigInt(index) << 20n) + BigInt(ordinal) : chosen;
}

export class LeaseReplay {
  readonly #leases = new Map<bigint, Lease>();
  #timeMs = 0;

  entryBegins(clusterTimeMs: number): void {
    this.#timeMs = Math.max(this.#timeMs, clusterTimeMs);
  }

  has(id: bigint): boolean {
    return this.#leases.has(id);
  }

  /** 0: there is no such lease. */
  ttlMs(id: bigint): number {
    return this.#leases.get(id)?.ttlMs ?? 0;
  }

  /** Those that end with it. */
  apply(operation: LeaseOperation, { index, term, ordinal }: Place): readonly bigint[] {
    switch (operation.type) {
      case 'leaseGrant': {
        const { ttlMs } = operation;
        const id = grantedId(operation.id, { index, ordinal });
        if (!this.#leases.has(id)) this.#leases.set(id, { ttlMs, deadlineMs: this.#timeMs + ttlMs });
        return [];
      }
      case 'leaseRenew':
        for (const id of operation.ids) {
          const lease = this.#leases.get(id);
          if (lease !== undefined) lease.deadlineMs = this.#timeMs + lease.ttlMs;
        }
        return [];
      case 'leaseRevoke':
        return this.#leases.delete(operation.id) ? [operation.id] : [];
      case 'leaseExpire': {
        const named = operation.term === term ? operation.ids : [];
        return named.filter((id) => {
          const due = (this.#leases.get(id)?.deadlineMs ?? Infinity) <= this.#timeMs;
          return due && this.#leases.delete(id);
        });
      }
    }
  }
}
