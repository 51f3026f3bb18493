/** Leases as a list: who holds one, and until when by cluster time. */
interface ModelLease {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly deadlineMs: number;
}

export class ModelLeases {
  #all: readonly ModelLease[] = [];

  get all(): readonly ModelLease[] {
    return this.#all;
  }

  has(id: bigint): boolean {
    return this.#all.some((lease) => lease.id === id);
  }

  /** Whether there was none with this id. */
  grant(id: bigint, ttlMs: number, nowMs: number): boolean {
    if (this.has(id)) return false;
    this.#all = [...this.#all, { id, ttlMs, deadlineMs: nowMs + ttlMs }];
    return true;
  }

  /** Their TTLs, 0 for those that are not there. */
  renew(ids: readonly bigint[], nowMs: number): number[] {
    this.#all = this.#all.map((lease) =>
      ids.includes(lease.id) ? { ...lease, deadlineMs: nowMs + lease.ttlMs } : lease,
    );
    return ids.map((id) => this.#all.find((lease) => lease.id === id)?.ttlMs ?? 0);
  }

  /** Of those named, each once. */
  due(ids: readonly bigint[], nowMs: number): bigint[] {
    const due = this.#all.filter(({ deadlineMs }) => deadlineMs <= nowMs).map(({ id }) => id);
    return ids.filter((id, place) => ids.indexOf(id) === place && due.includes(id));
  }

  end(id: bigint): void {
    this.#all = this.#all.filter((lease) => lease.id !== id);
  }
}
