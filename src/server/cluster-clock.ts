import type { LogIndex, Millis } from '../raft/types.ts';

/**
 * Cluster time (SPEC 4): a monotonic millisecond counter carried in log entries. A leader goes on from the highest
 * stamp in its log by its own monotonic clock; wall clocks never matter.
 *
 *   log of the old leader   … 5,000  5,120 |            stamps
 *   new leader at now = 77             (anchor: 5,120 at 77)
 *   its entry at now = 90                    5,133
 *
 * It never runs faster than real time, or a lease would end early. So a stamp that was truncated counts no more: its
 * leader may have made it while the others had long gone on from an earlier one. And time that the leader slept through
 * does not count: it could commit nothing in it.
 */
export class ClusterClock {
  /** Of what was found at the start; which entries they stand in is not known, but none is beyond `through`. */
  #stored: { readonly stamp: Millis; readonly through: LogIndex } | null;
  /** Of the entries that are not applied yet, ascending. */
  #tail: { readonly index: LogIndex; readonly stamp: Millis }[] = [];
  #applied: Millis = 0;
  #anchor: { readonly stamp: Millis; readonly at: Millis } | null = null;
  #last: Millis = 0;

  /** `through`: the last entry of the stored log, `highestInLog` the highest stamp in it. */
  constructor(highestInLog: Millis, through: LogIndex) {
    this.#stored = { stamp: highestInLog, through };
  }

  /** The highest stamp in this node's log, committed or not. */
  get highest(): Millis {
    return Math.max(this.#stored?.stamp ?? 0, this.#tail.at(-1)?.stamp ?? 0, this.#applied);
  }

  /** An entry with this stamp has been appended here; what stood at its place or behind it is gone. */
  appended(index: LogIndex, stamp: Millis): void {
    this.truncated(index);
    this.#tail.push({ index, stamp });
  }

  /** Nothing stands at `from` or behind it any more. */
  truncated(from: LogIndex): void {
    while ((this.#tail.at(-1)?.index ?? 0) >= from) this.#tail.pop();
    // What is left of the stored log is below.
    if (this.#stored !== null && this.#stored.through >= from) {
      this.#stored = { stamp: this.#stored.stamp, through: from - 1 };
    }
  }

  /** `clusterTimeMs`: the highest stamp applied. */
  applied(index: LogIndex, clusterTimeMs: Millis): void {
    this.#applied = clusterTimeMs;
    if (this.#stored !== null && this.#stored.through <= index) this.#stored = null;
    const kept = this.#tail.findIndex((entry) => entry.index > index);
    this.#tail.splice(0, kept === -1 ? this.#tail.length : kept);
  }

  leadershipBegan(now: Millis): void {
    this.#last = this.highest;
    this.#anchor = { stamp: this.#last, at: now };
  }

  leadershipEnded(): void {
    this.#anchor = null;
  }

  /** This process did not run for so long. */
  slept(ms: Millis): void {
    if (this.#anchor !== null) this.#anchor = { stamp: this.#anchor.stamp, at: this.#anchor.at + ms };
  }

  /** The stamp of an entry that this leader appends now; never below any stamp in its log. */
  stamp(now: Millis): Millis {
    if (this.#anchor === null) throw new Error('only a leader stamps entries');
    const elapsed = Math.max(0, Math.floor(now - this.#anchor.at));
    this.#last = Math.max(this.#last, this.#anchor.stamp + elapsed);
    return this.#last;
  }
}
