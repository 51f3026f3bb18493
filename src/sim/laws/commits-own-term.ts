/**
 * A leader commits by counting only entries of its own term; what came before commits along with them (Raft §5.4.2).
 *
 * Figure 8 of the paper needs five nodes, four elections and luck to lose an entry that way. This law sees the first
 * step towards it: a commit index that ends at an entry of an earlier term, though no earlier leader has named it.
 *
 *   n1 leads term 4, its log is 1@1 2@2 3@4, all on three of five disks
 *   n1 calls 3 committed        fine, and 2@2 with it
 *   n1 calls 2 committed        <- broken: a node with 2@3 can still win an election and overwrite it
 */
import { type Law, LawBroken, type Observation } from './law.ts';
import type { CommitHistory } from './commit-history.ts';

export class CommitsOwnTerm implements Law {
  readonly name = 'commits by its own term';
  readonly hears = ['sent', 'persist', 'turned'] as const;
  readonly #history: CommitHistory;
  #judged = 0;

  constructor(history: CommitHistory) {
    this.#history = history;
  }

  observe(_observation: Observation, nowMs: number): void {
    const { lastIndex, committedIn, claimant } = this.#history;
    if (lastIndex === this.#judged) return;
    this.#judged = lastIndex;
    const term = this.#history.termAt(lastIndex);
    if (committedIn === null || committedIn === term) return;
    throw new LawBroken(
      this.name,
      claimant,
      nowMs,
      `it leads term ${committedIn} and calls ${lastIndex}@${term} committed, which no leader of term ${term} ever did`,
    );
  }
}
