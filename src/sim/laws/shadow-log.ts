import type { HardState, LogIndex, Position, Term, Write } from '../../raft/index.ts';

/**
 * A log as its terms alone: by Log Matching, which is a law of its own here, (index, term) says everything else.
 *
 *   index   1 2 3 4 5
 *   term    1 1 2 2 4     -> last is 5@4
 */
export class ShadowLog {
  #terms: Term[] = [];

  get lastIndex(): LogIndex {
    return this.#terms.length;
  }

  get last(): Position {
    return { index: this.lastIndex, term: this.termAt(this.lastIndex) ?? 0 };
  }

  /** 0 before the log, undefined beyond it. */
  termAt(index: LogIndex): Term | undefined {
    return index === 0 ? 0 : this.#terms[index - 1];
  }

  /** Returns what is wrong with the write, or null. The log takes from it what it can. */
  perform(write: Write): string | null {
    if (write.truncateFrom !== null && write.truncateFrom <= this.lastIndex) {
      this.#terms.length = Math.max(0, write.truncateFrom - 1);
    }
    for (const entry of write.append) {
      const expected = this.lastIndex + 1;
      if (entry.index !== expected)
        return `write #${write.seq} puts ${entry.index} where ${expected} belongs`;
      this.#terms.push(entry.term);
    }
    return null;
  }

  replace(terms: readonly Term[]): void {
    this.#terms = [...terms];
  }

  copyOf(other: ShadowLog): void {
    this.replace(other.#terms);
  }

  equals(terms: readonly Term[]): boolean {
    if (terms.length !== this.#terms.length) return false;
    for (let at = terms.length - 1; at >= 0; at -= 1) if (terms[at] !== this.#terms[at]) return false;
    return true;
  }
}

/** A log and what is written beside it. */
export class ShadowStore {
  readonly log = new ShadowLog();
  term: Term = 0;
  votedFor: HardState['votedFor'] = null;

  perform(write: Write): string | null {
    if (write.hardState !== null) this.promise(write.hardState);
    return this.log.perform(write);
  }

  promise({ term, votedFor }: HardState): void {
    this.term = term;
    this.votedFor = votedFor;
  }

  copyOf(other: ShadowStore): void {
    this.log.copyOf(other.log);
    this.promise(other);
  }

  equals(hardState: HardState, terms: readonly Term[]): boolean {
    return this.term === hardState.term && this.votedFor === hardState.votedFor && this.log.equals(terms);
  }

  describe(): string {
    const { index, term } = this.log.last;
    return `term ${this.term}, ${this.votedFor === null ? 'no vote' : `vote for ${this.votedFor}`}, log up to ${index}@${term}`;
  }
}
