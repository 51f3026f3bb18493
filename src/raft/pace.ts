import type { RaftOptions } from './io.ts';
import type { Millis } from './types.ts';

/** What a promise took is forgotten at this rate: what was slow for once slows no election down some seconds later. */
const FORGOTTEN_PER_MS = 0.1;

/**
 * How long a promise takes here: a slowly falling maximum of what our synced writes took, from the moment at which the
 * core handed them out until it was told (so a slow event loop counts too), and of how long a ballot of ours was left
 * without the answers of those who had said that they would vote.
 *
 * An election needs a sync of the candidate and then one of the voters. Where that takes longer than election timeouts
 * lie apart, everybody stands before anybody has won, for ever. So what a promise takes beyond a heartbeat, P, makes
 * the timeouts of an election longer, by 2 P at the lower end and by 4 P at the upper one:
 *
 *   syncs up to a heartbeat      P = 0                 [min, max)             nothing changes
 *   syncs of 450 ms, defaults    P = 400 ms            [1,100, 2,200) ms
 *   the bound                    P = max               [min + 2 max, 5 max)   1.5 to 3 s by default
 *
 * Without the bound a disk that was stuck for a minute would keep its node from standing for as long.
 *
 * Only waiting gets longer, and only while no leader is known: one that falls silent is noticed as soon as ever. What a
 * leader may assume of its followers (stickiness, CheckQuorum) is as it was, and the hint of a closed link does not wait
 * at all.
 */
export class Pace {
  readonly #unnoticedMs: Millis;
  readonly #slowestMsMax: Millis;
  #slowestMs: Millis = 0;
  #seenAt: Millis = 0;

  constructor({ heartbeatMs, electionTimeoutMaxMs }: RaftOptions) {
    this.#unnoticedMs = heartbeatMs;
    this.#slowestMsMax = heartbeatMs + electionTimeoutMaxMs;
  }

  /** P, above, in whole milliseconds. */
  patienceMs(now: Millis): Millis {
    return Math.max(0, Math.floor(this.#slowestAt(now) - this.#unnoticedMs));
  }

  observe(tookMs: Millis, now: Millis): void {
    if (tookMs < this.#slowestAt(now)) return;
    this.#slowestMs = Math.min(tookMs, this.#slowestMsMax);
    this.#seenAt = now;
  }

  #slowestAt(now: Millis): Millis {
    return this.#slowestMs - FORGOTTEN_PER_MS * (now - this.#seenAt);
  }
}
