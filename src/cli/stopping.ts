import { Deferred } from '../server/deferred.ts';
import { EXIT } from './exit-codes.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The first SIGTERM or SIGINT asks, the second one ends the process at once. */
export class Stopping implements Disposable {
  /** The first signal. */
  get asked(): Promise<NodeJS.Signals> {
    return this.#asked.promise;
  }

  readonly #asked = new Deferred<NodeJS.Signals>();
  readonly #listener: (signal: NodeJS.Signals) => void;

  constructor(atOnce: () => void = () => {}) {
    let count = 0;
    this.#listener = (signal) => {
      count += 1;
      if (count === 1) return this.#asked.resolve(signal);
      atOnce();
      process.exit(EXIT.interrupted);
    };
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}
