/**
 * The numbers of one session's writes, and which of their replies the cluster may forget (SPEC 3).
 *
 *   1 … through      settled: acknowledged with the next write
 *   through + 1 …    in flight, or settled above one that is not
 *
 * A write whose outcome the caller was told is unknown stays below nothing that is acknowledged, so that `resolve` can
 * still tell. When that leaves no room for new writes, the oldest of them are let go of, and when the cluster keeps too
 * much for them, all of them: they stay unknown.
 */
import { WINDOW_MAX } from './timing.ts';

export class Sequences {
  readonly session: bigint;
  #next = 1;
  #through = 0;
  readonly #settled = new Set<number>();
  readonly #unknown = new Set<number>();

  constructor(session: bigint) {
    this.session = session;
  }

  /** The next write's; null while too many are not settled. */
  take(): number | null {
    while (this.#isFull && this.#unknown.delete(this.#through + 1)) this.#settle(this.#through + 1);
    if (this.#isFull) return null;
    this.#next += 1;
    return this.#next - 1;
  }

  /** Whether some caller may still ask what became of a write. */
  get hasUnknown(): boolean {
    return this.#unknown.size > 0;
  }

  /** Nobody can be told any more what became of those that are unknown: their replies take the room of new ones. */
  letGo(): void {
    for (const sequence of this.#unknown) this.#settle(sequence);
    this.#unknown.clear();
  }

  get #isFull(): boolean {
    return this.#next - this.#through > WINDOW_MAX;
  }

  /** Nobody asks for its reply any more. */
  settled(sequence: number): void {
    this.#unknown.delete(sequence);
    this.#settle(sequence);
  }

  /** Its caller may ask what became of it. */
  unknown(sequence: number): void {
    if (sequence > this.#through) this.#unknown.add(sequence);
  }

  /** How far below this one all replies are acknowledged; null: none is. */
  back(sequence: number): number | null {
    return this.#through === 0 ? null : sequence - Math.min(this.#through, sequence - 1);
  }

  #settle(sequence: number): void {
    if (sequence <= this.#through) return;
    this.#settled.add(sequence);
    while (this.#settled.delete(this.#through + 1)) this.#through += 1;
  }
}
