import type { Millis } from '../raft/types.ts';

/**
 * Cluster time (SPEC 4): a monotonic millisecond counter carried in log entries. A leader goes on from the highest
 * stamp in its log by its own monotonic clock; wall clocks never matter.
 *
 *   log of the old leader   … 5,000  5,120 |            stamps
 *   new leader at now = 77             (anchor: 5,120 at 77)
 *   its entry at now = 90                    5,133
 */
export class ClusterClock {
  /** The highest stamp in this node's log, committed or not. */
  #highest: Millis;
  #anchor: { readonly stamp: Millis; readonly at: Millis } | null = null;

  constructor(highestInLog: Millis) {
    this.#highest = highestInLog;
  }

  /** An entry with this stamp has been appended here. */
  observe(stamp: Millis): void {
    if (stamp > this.#highest) this.#highest = stamp;
  }

  leadershipBegan(now: Millis): void {
    this.#anchor = { stamp: this.#highest, at: now };
  }

  leadershipEnded(): void {
    this.#anchor = null;
  }

  /** The stamp of an entry that this leader appends now; never below any stamp in its log. */
  stamp(now: Millis): Millis {
    if (this.#anchor === null) throw new Error('only a leader stamps entries');
    const elapsed = Math.max(0, Math.floor(now - this.#anchor.at));
    this.#highest = Math.max(this.#highest, this.#anchor.stamp + elapsed);
    return this.#highest;
  }
}
