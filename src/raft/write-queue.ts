import { invariant } from './assert.ts';
import type { HardState, LogIndex, Millis, WriteSeq } from './types.ts';

/** Everything that would survive a crash right now. */
export interface Durable extends HardState {
  readonly index: LogIndex;
}

interface InFlight {
  readonly seq: WriteSeq;
  readonly hardState: HardState;
  readonly issuedAt: Millis;
  /** What this write proves once it is acknowledged; later truncations lower it. */
  lastIndex: LogIndex;
}

/**
 * The one ordered stream of writes, and what is durable of it.
 *
 * Each write in flight owns the index that its acknowledgement will prove; a truncation lowers all of them and
 * `durable` at once. So a log that goes A, B, A again before the first A is acknowledged is never over-acknowledged,
 * without terms or tags (raft-core.md 1.3):
 *
 *   issue #1  append 5..6      in flight  #1 → 6
 *   truncate from 5            in flight  #1 → 4
 *   issue #2  append 5'        in flight  #1 → 4, #2 → 5
 *   ack #1                     durable 4, not 6: what stands at 5 now is not on disk yet
 */
export class WriteQueue {
  #inFlight: InFlight[] = [];
  #issued: WriteSeq = 0;
  #durable: Durable;
  #lastHardState: HardState;

  constructor(hardState: HardState, lastIndex: LogIndex) {
    this.#durable = { term: hardState.term, votedFor: hardState.votedFor, index: lastIndex };
    this.#lastHardState = hardState;
  }

  get durable(): Durable {
    return this.#durable;
  }

  /** The hard state of the newest write; null-op writes need not repeat it. */
  get lastHardState(): HardState {
    return this.#lastHardState;
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** When the oldest unacknowledged write was issued; null when all are durable. */
  get oldestIssuedAt(): Millis | null {
    return this.#inFlight[0]?.issuedAt ?? null;
  }

  /** For fingerprint.ts: all but times and numbers. */
  inside(): unknown {
    const inFlight = this.#inFlight.map(({ hardState, lastIndex }) => [hardState, lastIndex]);
    return [this.#durable, this.#lastHardState, inFlight];
  }

  /** A write without entries still carries the log's last index: storage keeps the order, so its ack proves the tail. */
  issue(hardState: HardState, lastIndex: LogIndex, now: Millis): WriteSeq {
    this.#issued += 1;
    this.#lastHardState = hardState;
    this.#inFlight.push({ seq: this.#issued, hardState, issuedAt: now, lastIndex });
    return this.#issued;
  }

  truncateFrom(index: LogIndex): void {
    for (const write of this.#inFlight) write.lastIndex = Math.min(write.lastIndex, index - 1);
    const { term, votedFor } = this.#durable;
    if (this.#durable.index >= index) this.#durable = { term, votedFor, index: index - 1 };
  }

  /** Cumulative: every write up to `through` is durable. */
  acknowledge(through: WriteSeq): void {
    invariant(through <= this.#issued, 'storage acknowledges only writes that were issued');
    const count = this.#inFlight.findIndex((write) => write.seq > through);
    const done = this.#inFlight.splice(0, count === -1 ? this.#inFlight.length : count);
    const newest = done[done.length - 1];
    if (newest === undefined) return;
    const { term, votedFor } = newest.hardState;
    this.#durable = { term, votedFor, index: newest.lastIndex };
  }
}
