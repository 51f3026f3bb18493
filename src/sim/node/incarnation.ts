/**
 * One process, from its start to its end: the only way by which events reach it. Asleep (SIGSTOP, a long garbage
 * collection, a stalled machine), it finds everything that came meanwhile in the order in which it came; dead, nothing.
 * Its clock is its own: it may run fast or slow, and jump ahead, never back (CLOCK_MONOTONIC).
 */
import type { HostClock } from '../../server/host.ts';
import type { Cancel, Kernel } from '../kernel/kernel.ts';
import type { Resident } from '../network/resident.ts';

export class Incarnation implements Resident {
  readonly host: string;
  readonly clock: HostClock;
  /** What it does now settles promises: they run on before anything else happens. */
  promising = true;
  readonly #kernel: Kernel;
  readonly #crashed: (error: unknown) => void;
  #alive = true;
  #asleepUntilMs = 0;
  #sleeping: (() => void)[] = [];
  /** The clock at `#anchorMs` of the kernel; it runs at `#rate` from there. */
  #clockMs = 1_000;
  #anchorMs: number;
  #rate = 1;

  /** `crashed`: told of what the process threw and nobody caught. */
  constructor(host: string, kernel: Kernel, crashed: (error: unknown) => void) {
    this.host = host;
    this.#kernel = kernel;
    this.#crashed = crashed;
    this.#anchorMs = kernel.now();
    this.clock = {
      now: () => Math.floor(this.#readClock()),
      schedule: (delayMs, task) => this.#schedule(delayMs / this.#rate, task),
      endOfTurn: (task) => this.#schedule(0, task),
    };
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  get isAsleep(): boolean {
    return this.#alive && this.#asleepUntilMs > this.#kernel.now();
  }

  run(task: () => void): void {
    if (!this.#alive) return;
    if (this.isAsleep || this.#sleeping.length > 0) {
      this.#sleeping.push(task);
      return;
    }
    if (this.promising) this.#kernel.promised();
    try {
      task();
    } catch (error) {
      this.#crashed(error);
    }
  }

  sleep(forMs: number): void {
    const untilMs = this.#kernel.now() + forMs;
    if (!this.#alive || untilMs <= this.#asleepUntilMs) return;
    this.#asleepUntilMs = untilMs;
    this.#kernel.schedule(forMs, () => {
      if (!this.isAsleep) this.#wake();
    });
  }

  /** Before its time. */
  awaken(): void {
    this.#asleepUntilMs = 0;
    this.#wake();
  }

  kill(): void {
    this.#alive = false;
    this.#sleeping = [];
  }

  /** 1 is true time. */
  setClockRate(rate: number): void {
    this.#clockMs = this.#readClock();
    this.#anchorMs = this.#kernel.now();
    this.#rate = rate;
  }

  jumpClock(aheadMs: number): void {
    this.#clockMs += aheadMs;
  }

  #readClock(): number {
    return this.#clockMs + (this.#kernel.now() - this.#anchorMs) * this.#rate;
  }

  #schedule(delayMs: number, task: () => void): Cancel {
    let cancelled = false;
    const cancel = this.#kernel.schedule(delayMs, () =>
      this.run(() => {
        if (!cancelled) task();
      }),
    );
    return () => {
      cancelled = true;
      cancel();
    };
  }

  #wake(): void {
    const tasks = this.#sleeping;
    this.#sleeping = [];
    for (const task of tasks) this.run(task);
  }
}
