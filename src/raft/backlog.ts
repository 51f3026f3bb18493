import type { LogIndex, Millis } from './types.ts';

interface Batch {
  readonly since: Millis;
  last: LogIndex;
  bytes: number;
}

/** What this leader has appended and not committed: how much, and for how long. One record per instant, not per entry. */
export class Backlog {
  readonly #batches: Batch[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** When the oldest uncommitted entry was appended. */
  get oldestSince(): Millis | null {
    return this.#batches[0]?.since ?? null;
  }

  /** An empty backlog admits anything, so that one large proposal can always pass (edge case C21). */
  admits(bytes: number, bytesMax: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= bytesMax;
  }

  /** `bytes` of payload; a no-op weighs nothing and is never refused. */
  add(last: LogIndex, bytes: number, now: Millis): void {
    this.#bytes += bytes;
    const newest = this.#batches[this.#batches.length - 1];
    if (newest !== undefined && newest.since === now) {
      newest.last = last;
      newest.bytes += bytes;
      return;
    }
    this.#batches.push({ since: now, last, bytes });
  }

  commit(index: LogIndex): void {
    let count = 0;
    for (const batch of this.#batches) {
      if (batch.last > index) break;
      this.#bytes -= batch.bytes;
      count += 1;
    }
    if (count > 0) this.#batches.splice(0, count);
  }
}
