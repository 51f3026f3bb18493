/**
 * A client that opens sessions and leaves them behind, as processes do that die at once: they wait for their end, and
 * take the places of others where few are allowed.
 */
import type { Driver } from '../../client/driver.ts';
import { QuorateError } from '../../wire/errors.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { Recording } from './recorded-caller.ts';

const TTLS_MS = [100, 1_000, 10_000] as const;
const CALL_MS = 1_000;
const AWAY_MS_MAX = 2_000;

export class SessionVisitor {
  readonly #driver: Driver;
  readonly #draws: RandomStream;
  readonly #recording: Recording;
  #working = false;
  #waiting = false;

  constructor(driver: Driver, draws: RandomStream, recording: Recording) {
    this.#driver = driver;
    this.#draws = draws;
    this.#recording = recording;
  }

  work(): void {
    this.#working = true;
    if (!this.#waiting) this.#comeLater();
  }

  rest(): void {
    this.#working = false;
  }

  #comeLater(): void {
    this.#waiting = true;
    this.#recording.kernel.schedule(this.#draws.below(AWAY_MS_MAX), () => {
      this.#recording.kernel.promised();
      this.#waiting = false;
      if (!this.#working) return;
      this.#open().catch((error: unknown) => this.#recording.broken(error));
      this.#comeLater();
    });
  }

  async #open(): Promise<void> {
    const operation = encodeOperation({ type: 'sessionOpen', ttlMs: this.#draws.pick(TTLS_MS) });
    try {
      await this.#driver.call({ kind: 'repeat', operation }, { timeoutMs: CALL_MS, signal: undefined });
    } catch (error) {
      if (!QuorateError.is(error)) throw error;
    }
  }
}
