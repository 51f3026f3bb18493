/**
 * Calls and returns in order of time, as a doubly linked list from which placed operations are lifted and to which
 * they go back. Equal times: calls before returns, since intervals are closed.
 *
 *   event c           the call of c
 *   event count + c   its return; an unheard call has none
 *   event 2 * count   the head
 */
import type { TimedCall } from './model.ts';

export class Timeline {
  readonly count: number;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #place: Int32Array;
  readonly #hasReturn: Uint8Array;

  constructor(calls: readonly TimedCall<unknown, unknown>[]) {
    this.count = calls.length;
    this.#next = new Int32Array(2 * this.count + 1);
    this.#previous = new Int32Array(2 * this.count + 1);
    this.#place = new Int32Array(2 * this.count + 1);
    this.#hasReturn = Uint8Array.from(calls, (call) => (call.heard === null ? 0 : 1));
    let last = this.head;
    for (const [place, event] of this.#inOrder(calls).entries()) {
      this.#place[event] = place;
      this.#link(last, event);
      last = event;
    }
    this.#link(last, this.head);
  }

  get head(): number {
    return 2 * this.count;
  }

  next(event: number): number {
    return this.#next[event] ?? this.head;
  }

  isReturn(event: number): boolean {
    return event >= this.count;
  }

  /** Where the event stood before anything was lifted. */
  place(event: number): number {
    return this.#place[event] ?? 0;
  }

  lift(call: number): void {
    this.#unlink(call);
    if (this.#hasReturn[call] === 1) this.#unlink(this.count + call);
  }

  /** The reverse of the last lift that was not put back yet: neighbours are still where they were. */
  putBack(call: number): void {
    if (this.#hasReturn[call] === 1) this.#relink(this.count + call);
    this.#relink(call);
  }

  #inOrder(calls: readonly TimedCall<unknown, unknown>[]): Int32Array {
    const times = new Float64Array(2 * this.count);
    const events: number[] = [];
    for (const [call, { callMs, returnMs }] of calls.entries()) {
      times[call] = callMs;
      times[this.count + call] = returnMs;
      events.push(call);
      if (this.#hasReturn[call] === 1) events.push(this.count + call);
    }
    // The number of an event breaks ties: those of calls are smaller than those of returns.
    return Int32Array.from(events).toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
  }

  #link(before: number, after: number): void {
    this.#next[before] = after;
    this.#previous[after] = before;
  }

  #unlink(event: number): void {
    this.#link(this.#previous[event] ?? this.head, this.next(event));
  }

  #relink(event: number): void {
    this.#next[this.#previous[event] ?? this.head] = event;
    this.#previous[this.next(event)] = event;
  }
}
