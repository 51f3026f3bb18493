/**
 * How late this machine runs what is due. A promise in milliseconds is about Quorate; on a machine that is asked for
 * more than it has, each step of a failover waits for a core as our own timer does, and that is no one's bug.
 */
const TICK_MS = 20;

export class Lateness {
  readonly #timer: NodeJS.Timeout;
  #dueAtMs = performance.now() + TICK_MS;
  #worstMs = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#worstMs = Math.max(this.#worstMs, now - this.#dueAtMs);
      this.#dueAtMs = now + TICK_MS;
    }, TICK_MS);
  }

  /** The worst so far; a few milliseconds on a machine that has time. */
  get worstMs(): number {
    return this.#worstMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
