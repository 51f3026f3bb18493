import type { Host } from './weather.ts';

/** Who lives on a host: a process, or somebody outside the cluster. Sockets and timers reach it through `run`. */
export interface Resident {
  readonly host: Host;
  readonly isAlive: boolean;
  /** Runs it now; later, in order, if it is asleep; never if it is dead. */
  run(task: () => void): void;
}
