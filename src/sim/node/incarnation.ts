/**
 * One process, from its start to its end: the only way by which events reach it. Asleep (SIGSTOP, a long garbage
 * collection, a stalled machine), it finds everything that came meanwhile in the order in which it came; dead, nothing.
 * Its clock is its own: it may run fast or slow, and jump ahead, never back (CLOCK_MONOTONIC).
 */
import type { HostClock } from '../../server/host.ts';
import type { Cancel, Kernel } from '../kernel/kernel.ts';
import type { Resident } from '../network/resident.ts';

interface Timer {
  /** By the clock of the process. */
  readonly dueMs: number;
  readonly task: () => void;
  cancel: Cancel;
}

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
  readonly #timers = new Set<Timer>();

  /** `crashed`: told of what the process threw and nobody caught. */
  constructor(host: string, kernel: Kernel, crashed: (error: unknown) => void) {
    this.host = host;
    this.#kernel = kernel;
    this.#crashed = crashed;
    this.#anchorMs = kernel.now();
    this.clock = {
      now: () => Math.floor(this.#readClock()),
      schedule: (delayMs, task) => this.#schedule(delayMs, task),
      endOfTurn: (task) => kernel.schedule(0, () => this.run(task)),
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
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** 1 is true time. */
  setClockRate(rate: number): void {
    this.#clockMs = this.#readClock();
    this.#anchorMs = this.#kernel.now();
    this.#rate = rate;
    this.#clockChanged();
  }

  jumpClock(aheadMs: number): void {
    this.#clockMs += aheadMs;
    this.#clockChanged();
  }

  #readClock(): number {
    return this.#clockMs + (this.#kernel.now() - this.#anchorMs) * this.#rate;
  }

  #schedule(delayMs: number, task: () => void): Cancel {
    const timer: Timer = { dueMs: this.#readClock() + delayMs, task, cancel: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }

  /** A timer that comes while the process sleeps may still be taken back. */
  #arm(timer: Timer): void {
    const realMs = Math.max(0, timer.dueMs - this.#readClock()) / this.#rate;
    timer.cancel = this.#kernel.schedule(realMs, () =>
      this.run(() => {
        if (this.#timers.delete(timer)) timer.task();
      }),
    );
  }

  /** Timers go by the process's own clock. */
  #clockChanged(): void {
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #wake(): void {
    const tasks = this.#sleeping;
    this.#sleeping = [];
    for (const task of tasks) this.run(task);
  }
}
