import { performance } from 'node:perf_hooks';

/** Undoes a `schedule`; harmless afterwards. */
export type Cancel = () => void;

/** Time as this room takes it: handed in, monotonic, milliseconds. */
export interface Clock {
  now(this: void): number;
  schedule(this: void, delayMs: number, task: () => void): Cancel;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
