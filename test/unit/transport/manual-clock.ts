import type { Cancel, Clock } from '../../../src/transport/clock.ts';

interface Task {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time passes when the test says so. Sockets are real: what they bring comes in between. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #tasks: Task[] = [];

  now(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): Cancel {
    const entry: Task = { atMs: this.#nowMs + delayMs, run: task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((each) => each !== entry);
    };
  }

  /** How much is scheduled; nothing may be left behind by what was closed. */
  get pending(): number {
    return this.#tasks.length;
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const due = this.#tasks.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((each) => each !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = untilMs;
  }

  /** The process stood still: what has become due runs once, late. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
    const due = this.#tasks.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#tasks = this.#tasks.filter((each) => !due.includes(each));
    for (const { run } of due) run();
  }
}
