/** For any moment: how far the order had certainly come, and by whom. */
import type { ClientOperation } from '../history.ts';
import { lowerBoundOf } from './lower-bound.ts';

export interface Placed {
  readonly operation: ClientOperation;
  readonly position: number;
}

export interface Furthest {
  readonly position: number;
  readonly operation: ClientOperation | null;
}

const NOTHING: Furthest = { position: -Infinity, operation: null };

export class Finished {
  readonly #returns: Float64Array;
  /** By place in `returns`: the furthest of all that returned by then. */
  readonly #furthest: readonly Furthest[];

  constructor(placed: readonly Placed[]) {
    const byReturn = placed.toSorted((a, b) => a.operation.returnMs - b.operation.returnMs);
    this.#returns = Float64Array.from(byReturn, ({ operation }) => operation.returnMs);
    let furthest: Furthest = NOTHING;
    this.#furthest = byReturn.map((next) => {
      if (next.position > furthest.position) furthest = next;
      return furthest;
    });
  }

  /** Intervals are closed: what returns at this very moment has not finished before it. */
  before(callMs: number): Furthest {
    return this.#furthest[lowerBoundOf(this.#returns, callMs) - 1] ?? NOTHING;
  }
}
