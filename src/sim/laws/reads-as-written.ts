/**
 * A log reads back as it was written (SPEC 1, "Durable"; edge case H57): what a leader sends to a follower that lags
 * comes from there. By Log Matching, which is a law of its own, index and term say the rest.
 *
 *   n1 has 1@1 2@1 3@1 on its disk, cuts from 3, appends 3@2
 *   n1 reads from 2: 2@1 3@2                         fine
 *   n1 reads from 2: 2@1 3@1                         <- broken: that entry is not in the log any more
 */
import { type Law, LawBroken, type Observation } from './law.ts';
import type { ShadowLogs } from './shadow-logs.ts';

export const READS_AS_WRITTEN = 'a log reads back as it was written';

export class ReadsAsWritten implements Law {
  readonly name = READS_AS_WRITTEN;
  readonly hears = ['read'] as const;
  readonly #shadows: ShadowLogs;

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  observe(observation: Observation, nowMs: number): void {
    if (observation.type !== 'read') return;
    const { node, from, entries } = observation;
    const { log } = this.#shadows.of(node).disk;
    for (const [place, { index, term }] of entries.entries()) {
      const written = log.termAt(from + place);
      if (index === from + place && term === written) continue;
      const wanted = `${from + place}@${written ?? 'nothing'}`;
      throw new LawBroken(this.name, node, nowMs, `it reads ${index}@${term}, where ${wanted} was written`);
    }
  }
}
