/**
 * Virtual time. Events run one after the other, each to its end, and the clock jumps from one to the next; nothing here
 * waits for the real clock. Equal events give equal histories.
 *
 * Promises are allowed inside (storage opens with them, the SDK's callers live by them) on one condition: whoever settles
 * one says so with `promised()`, and all reactions, however long their chain, run before the next event.
 */
import { EventHeap } from './event-heap.ts';

/** So many events of one instant are somebody who asks for "now" again and again, and would for ever. */
const EVENTS_AT_ONCE_MAX = 200_000;

/** Undoes a `schedule`; harmless afterwards. */
export type Cancel = () => void;

export class Kernel {
  readonly #heap = new EventHeap();
  #nowMs = 0;
  #promised = false;
  #events = 0;
  #eventsAtOnce = 0;
  #failure: { readonly error: unknown } | null = null;

  now(): number {
    return this.#nowMs;
  }

  /** How many events have run. */
  get events(): number {
    return this.#events;
  }

  schedule(delayMs: number, task: () => void): Cancel {
    if (!(delayMs >= 0)) throw new RangeError(`an event cannot be ${delayMs} ms from now`);
    const event = this.#heap.push(this.#nowMs + delayMs, task);
    return () => {
      event.task = null;
    };
  }

  /** A promise was settled, or is about to be: its reactions run before the next event. */
  readonly promised = (): void => {
    this.#promised = true;
  };

  /** Ends the run with this error, for what goes wrong where no caller listens. The first one counts. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= { error };
  };

  /** Runs every event up to and including `untilMs`. Rejects with what an event threw, at its time. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      if (this.#promised) {
        this.#promised = false;
        // A macrotask: every microtask there is, and those that they make, come before it.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      if (this.#failure !== null) throw this.#failure.error;
      const event = this.#heap.popUntil(untilMs);
      if (event === null && !this.#promised) break;
      if (event === null) continue;
      this.#eventsAtOnce = event.atMs === this.#nowMs ? this.#eventsAtOnce + 1 : 0;
      if (this.#eventsAtOnce > EVENTS_AT_ONCE_MAX) throw new Error('time stands still: a busy loop');
      this.#nowMs = event.atMs;
      this.#events += 1;
      event.task?.();
    }
    this.#nowMs = untilMs;
  }
}
