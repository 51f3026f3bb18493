/** Runs a node's loop: events that arrive together share one turn, and the loop is woken when it asked to be. */
import type { Cancel } from '../transport/index.ts';
import type { HostClock } from './host.ts';
import type { LoopEvent } from './loop-io.ts';
import type { NodeLoop } from './node-loop.ts';

/** Longer sleeps are cut: setTimeout takes 31 bits. */
const SLEEP_MS_MAX = 60_000;

export interface DriverEffects {
  /** At the end of every turn: let what was queued leave. */
  flush(): void;
  /** The loop threw; it does not run again. */
  fatal(error: unknown): void;
}

export class EventDriver {
  readonly #loop: NodeLoop;
  readonly #clock: HostClock;
  readonly #effects: DriverEffects;
  #cancelWake: Cancel = () => {};
  #cancelTurn: Cancel | null = null;
  #halted = false;

  constructor(loop: NodeLoop, clock: HostClock, effects: DriverEffects) {
    this.#loop = loop;
    this.#clock = clock;
    this.#effects = effects;
  }

  readonly post = (event: LoopEvent): void => {
    if (this.#halted) return;
    try {
      this.#loop.step(event, this.#clock.now());
    } catch (error) {
      return this.#fatal(error);
    }
    this.#turnSoon();
  };

  start(): void {
    this.#turnSoon();
  }

  /** Nothing runs after it. */
  halt(): void {
    this.#halted = true;
    this.#cancelWake();
    this.#cancelTurn?.();
  }

  #fatal(error: unknown): void {
    this.halt();
    this.#effects.fatal(error);
  }

  #turnSoon(): void {
    if (this.#halted) return;
    this.#cancelTurn ??= this.#clock.endOfTurn(this.#turn);
  }

  readonly #turn = (): void => {
    this.#cancelTurn?.();
    this.#cancelTurn = null;
    if (this.#halted) return;
    this.#cancelWake();
    try {
      const wakeAt = this.#loop.turn(this.#clock.now());
      this.#effects.flush();
      const sleepMs = wakeAt - this.#clock.now();
      if (sleepMs <= 0) this.#turnSoon();
      else this.#cancelWake = this.#clock.schedule(Math.min(sleepMs, SLEEP_MS_MAX), this.#turn);
    } catch (error) {
      this.#fatal(error);
    }
  };
}
