/**
 * State Machine Safety: if a node has applied an entry at an index, no other node will ever apply a different one
 * there (Raft §5.4.3, figure 3).
 *
 * The first one to apply an index, or to call it committed, says what stands there for everybody and for ever.
 *
 *   n1 applies 5@2 "x"
 *   n2 applies 5@3 "y"       <- broken
 */
import { type Law, LawBroken, type Observation } from './law.ts';
import type { CommitHistory } from './commit-history.ts';
import type { PayloadHashes } from './payload-hash.ts';

export class StateMachineSafety implements Law {
  readonly name = 'state-machine safety';
  readonly hears = ['applied'] as const;
  readonly #history: CommitHistory;
  readonly #hashes: PayloadHashes;
  /** By index - 1, of what was applied first. */
  readonly #applied: (number | undefined)[] = [];

  constructor(history: CommitHistory, hashes: PayloadHashes) {
    this.#history = history;
    this.#hashes = hashes;
  }

  observe(observation: Observation, nowMs: number): void {
    if (observation.type !== 'applied') return;
    const { node, entry } = observation;
    const term = this.#history.termAt(entry.index);
    if (term !== undefined && term !== entry.term) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it applies ${entry.index}@${entry.term}, but ${entry.index}@${term} is what was committed there`,
      );
    }
    const hash = this.#hashes.of(entry);
    const known = this.#applied[entry.index - 1];
    if (known === undefined) {
      this.#applied[entry.index - 1] = hash;
    } else if (known !== hash) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it applies ${entry.index}@${entry.term} with another content than was applied there before`,
      );
    }
  }
}
