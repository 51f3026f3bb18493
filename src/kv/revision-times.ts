/**
 * Which revision the store was at when, coarsely: what a leader needs to keep history for a time. It is advice and no
 * part of the state: what a leader makes of it, it proposes as a `compact` operation.
 *
 * A mark every ten seconds of cluster time. When there are more than 1,024, every other one goes and the steps get
 * twice as long, so history that is never compacted costs no more either.
 */
import type { Revision } from './operation.ts';

interface Mark {
  readonly clusterTimeMs: number;
  /** The last one that was there at that time. */
  readonly revision: Revision;
}

const STEP_MS = 10_000;
const MARKS_MAX = 1_024;

export class RevisionTimes {
  #marks: Mark[] = [];
  #stepMs = STEP_MS;
  #nextMs = 0;

  /** The store is at `revision` while cluster time comes to `clusterTimeMs`. */
  passed(clusterTimeMs: number, revision: Revision): void {
    if (clusterTimeMs < this.#nextMs) return;
    this.#marks.push({ clusterTimeMs, revision });
    if (this.#marks.length > MARKS_MAX) {
      this.#marks = this.#marks.filter((_, place) => place % 2 === 0);
      this.#stepMs *= 2;
    }
    this.#nextMs = clusterTimeMs + this.#stepMs;
  }

  /** A revision that the store had reached by then, the latest that is known; 0 when none is. */
  revisionAt(clusterTimeMs: number): Revision {
    return this.#marks.findLast((mark) => mark.clusterTimeMs <= clusterTimeMs)?.revision ?? 0;
  }

  forgetBelow(floor: Revision): void {
    this.#marks = this.#marks.filter(({ revision }) => revision >= floor);
  }
}
