/**
 * Runs a node's loop on Node.js: events that arrive in one turn of the event loop share one turn of the node's loop,
 * which follows in the check phase (setImmediate), right after the poll phase that delivered them.
 */
import { performance } from 'node:perf_hooks';
import type { Millis } from '../raft/types.ts';
import type { LoopEvent } from './loop-io.ts';
import type { NodeLoop } from './node-loop.ts';

/** Longer sleeps are cut: setTimeout takes 31 bits. */
const SLEEP_MS_MAX = 60_000;

/** Whole monotonic milliseconds; never a wall clock. */
export function monotonicNow(): Millis {
  return Math.floor(performance.now());
}

export class EventDriver {
  readonly #loop: NodeLoop;
  readonly #flush: () => void;
  readonly #fatal: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #halted = false;

  constructor(loop: NodeLoop, flush: () => void, fatal: (error: unknown) => void) {
    this.#loop = loop;
    this.#flush = flush;
    this.#fatal = fatal;
  }

  readonly post = (event: LoopEvent): void => {
    if (this.#halted) return;
    try {
      this.#loop.step(event, monotonicNow());
    } catch (error) {
      return this.#halt(error);
    }
    this.#schedule();
  };

  start(): void {
    this.#schedule();
  }

  /** Nothing runs after it. */
  halt(): void {
    this.#halted = true;
    clearTimeout(this.#timer);
  }

  #halt(error: unknown): void {
    this.halt();
    this.#fatal(error);
  }

  #schedule(): void {
    if (this.#scheduled || this.#halted) return;
    this.#scheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    if (this.#halted) return;
    clearTimeout(this.#timer);
    try {
      const wakeAt = this.#loop.turn(monotonicNow());
      this.#flush();
      const sleepMs = wakeAt - monotonicNow();
      if (sleepMs <= 0) this.#schedule();
      else this.#timer = setTimeout(this.#turn, Math.min(sleepMs, SLEEP_MS_MAX));
    } catch (error) {
      this.#halt(error);
    }
  };
}
