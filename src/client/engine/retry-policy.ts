/** How long to wait before trying again, and how often one may. */
import type { Millis } from './request.ts';
import {
  BUDGET_CAP,
  BUDGET_PER_REQUEST,
  BUDGET_PER_SECOND,
  REDIAL_BASE_MS,
  REDIAL_CAP_MS,
  RETRY_BASE_MS,
  RETRY_CAP_MS,
} from './timing.ts';

/** Uniform in [0, 1). */
export type Random = () => number;

/** Full jitter: anything between nothing and the cap of this attempt, so that clients that failed together spread. */
export function retryDelayMs(attempt: number, random: Random): Millis {
  return random() * doubled(RETRY_BASE_MS, attempt, RETRY_CAP_MS);
}

/** Never at once: an endpoint that refuses connections would be asked without pause. */
export function redialDelayMs(failures: number, random: Random): Millis {
  return (0.5 + random() / 2) * doubled(REDIAL_BASE_MS, failures, REDIAL_CAP_MS);
}

function doubled(baseMs: Millis, attempt: number, capMs: Millis): Millis {
  return Math.min(capMs, baseMs * 2 ** Math.min(attempt, 16));
}

/** A token bucket: first attempts fill it, retries empty it. */
export class RetryBudget {
  #tokens = BUDGET_CAP;
  #filledAt: Millis = 0;

  firstAttempt(): void {
    this.#tokens = Math.min(BUDGET_CAP, this.#tokens + BUDGET_PER_REQUEST);
  }

  hasToken(now: Millis): boolean {
    this.#refill(now);
    return this.#tokens >= 1;
  }

  take(now: Millis): boolean {
    if (!this.hasToken(now)) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next token will be there; never now, however little is missing. */
  availableAt(now: Millis): Millis {
    return now + Math.max(1, ((1 - this.#tokens) / BUDGET_PER_SECOND) * 1_000);
  }

  #refill(now: Millis): void {
    const seconds = Math.max(0, now - this.#filledAt) / 1_000;
    this.#filledAt = now;
    this.#tokens = Math.min(BUDGET_CAP, this.#tokens + seconds * BUDGET_PER_SECOND);
  }
}
