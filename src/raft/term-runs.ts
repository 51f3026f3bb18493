import { invariant } from './assert.ts';
import type { LogIndex, Position, Term, TermRun } from './types.ts';

/**
 * The terms of the whole log, run-length encoded, so that no decision ever touches the disk.
 *
 *   index   1 2 3 4 5 6        runs  {from 1, term 1} {from 4, term 3} {from 6, term 4}
 *   term    1 1 1 3 3 4
 *
 * Laws: `from` and `term` both grow strictly; the first run starts at 1. Look-ups are binary searches; a run per
 * leader is few even after years.
 */
export class TermRuns {
  readonly #runs: TermRun[];
  #lastIndex: LogIndex;

  constructor(runs: readonly TermRun[], lastIndex: LogIndex) {
    invariant((runs.length === 0) === (lastIndex === 0), 'a log has runs exactly when it has entries');
    let previous: TermRun = { from: 0, term: 0 };
    for (const run of runs) {
      invariant(run.from > previous.from && run.term > previous.term, 'term runs grow strictly');
      previous = run;
    }
    invariant(runs.length === 0 || runs[0]?.from === 1, 'the first run starts at 1');
    invariant(previous.from <= lastIndex, 'the last run is not empty');
    this.#runs = [...runs];
    this.#lastIndex = lastIndex;
  }

  get lastIndex(): LogIndex {
    return this.#lastIndex;
  }

  get lastTerm(): Term {
    return this.#runs[this.#runs.length - 1]?.term ?? 0;
  }

  /** The term at `index`; 0 before the log, null beyond its end. */
  termAt(index: LogIndex): Term | null {
    if (index > this.#lastIndex) return null;
    return this.#runs[this.#runAt(index)]?.term ?? 0;
  }

  /** The last position at or below `index` whose term is at most `term` (edge case C19). */
  lastWithTermAtMost(index: LogIndex, term: Term): Position {
    const bounded = Math.min(index, this.#lastIndex);
    let at = this.#runAt(bounded);
    if ((this.#runs[at]?.term ?? 0) <= term) return { index: bounded, term: this.#runs[at]?.term ?? 0 };
    at = lastWhere(this.#runs, at, (run) => run.term <= term);
    const next = this.#runs[at + 1];
    invariant(next !== undefined, 'a run with a higher term follows');
    return { index: next.from - 1, term: this.#runs[at]?.term ?? 0 };
  }

  append(term: Term): void {
    invariant(term >= this.lastTerm, 'terms never fall along a log');
    this.#lastIndex += 1;
    if (term > this.lastTerm) this.#runs.push({ from: this.#lastIndex, term });
  }

  /** Forgets every index at or above `index`. */
  truncateFrom(index: LogIndex): void {
    invariant(index >= 1, 'nothing stands before the log');
    if (index > this.#lastIndex) return;
    this.#lastIndex = index - 1;
    while ((this.#runs[this.#runs.length - 1]?.from ?? 0) >= index) this.#runs.pop();
  }

  /** The number of the run that holds `index`; -1 before the log. Appends ask for the end, so look there first. */
  #runAt(index: LogIndex): number {
    const end = this.#runs.length - 1;
    if (index >= (this.#runs[end]?.from ?? 1)) return end;
    return lastWhere(this.#runs, end, (run) => run.from <= index);
  }
}

/** The last run numbered below `end` for which `holds`, given that it holds for a prefix; -1 for none. */
function lastWhere(runs: readonly TermRun[], end: number, holds: (run: TermRun) => boolean): number {
  let low = -1;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const run = runs[middle];
    invariant(run !== undefined, 'the search stays inside the runs');
    if (holds(run)) low = middle;
    else high = middle;
  }
  return low;
}
