/**
 * What was durable is still there after a restart, and nothing is there that was never handed over (SPEC 1, "Durable";
 * thesis §3.8; raft-core 2.H). Writes form one ordered stream, each whole or not at all, so a disk opens as it was
 * after some prefix of them that covers all that was synced.
 *
 *   n1 persists #1 (1@1), #2 (2@1), #3 (3@1), is durable through #2, ends
 *   n1 opens with 1@1 2@1, or with 1@1 2@1 3@1       fine
 *   n1 opens with 1@1                                <- broken: an acknowledged write is lost
 *   n1 opens with 1@1 2@1 3@2                        <- broken: nobody wrote that
 *
 * A disk that was destroyed on purpose is excused by `ShadowLogs.forgive`, for its next start.
 */
import { type Law, LawBroken, type Observation } from './law.ts';
import type { ShadowLogs } from './shadow-logs.ts';

export class Durability implements Law {
  readonly name = 'durability';
  readonly hears = ['started', 'persist'] as const;
  readonly #shadows: ShadowLogs;

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  observe(observation: Observation, nowMs: number): void {
    const { disorder, loss } = this.#shadows.of(observation.node);
    const broken = observation.type === 'started' ? (loss ?? disorder) : disorder;
    if (broken !== null) throw new LawBroken(this.name, observation.node, nowMs, broken);
  }
}
