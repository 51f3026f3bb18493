/**
 * Wing and Gong's search (1993) with Lowe's cache (2017), as in porcupine's checker.go: is there an order of the
 * calls that keeps real time and that the model can follow? Place one of the calls that began before anything
 * unplaced returned, go on from the state it leaves, take it back where that leads nowhere.
 *
 * Which of the open calls is tried first changes no verdict and much time: a hint (where the committed log has the
 * operation, say) makes the way through a legal history straight, whatever the concurrency.
 */
import { ExactVisited, HashedVisited } from './visited.ts';
import type { Visited } from './visited.ts';
import type { Model, TimedCall } from './model.ts';
import { Timeline } from './timeline.ts';

/** Counts down over all searches that share it. A search that finds it empty answers `unknown`. */
export interface Budget {
  steps: number;
}

export type SearchResult<State> =
  | { readonly type: 'legal' }
  | { readonly type: 'unknown' }
  | { readonly type: 'illegal'; readonly deadEnd: DeadEnd<State> };

/**
 * The farthest that any order came: every return before that of `blocked` can be explained, this one cannot. So the
 * calls that began before it returned are the shortest prefix that is illegal. Calls are indices of the input.
 */
export interface DeadEnd<State> {
  readonly blocked: number;
  /** How many calls were placed, and the last of them, oldest first. */
  readonly placedCount: number;
  readonly lastPlaced: readonly number[];
  /** What the placed ones lead to. */
  readonly state: State;
  /** Called before `blocked` returned and not placed, `blocked` among them, by time of call. */
  readonly open: readonly number[];
}

export interface SearchOptions {
  /** Where the call is expected in the order; smaller is tried first. */
  readonly hint?: (call: number) => number;
  /** For tests: a cache that is worse than the real one. */
  readonly hashed?: (callCount: number) => Visited;
}

const NONE = -1;
const LAST_PLACED_MAX = 12;

export function search<Input, Output, State>(
  model: Model<Input, Output, State>,
  calls: readonly TimedCall<Input, Output>[],
  budget: Budget,
  options: SearchOptions = {},
): SearchResult<State> {
  const hint = options.hint ?? ((call: number): number => calls[call]?.returnMs ?? Infinity);
  const ranks = rankBy(calls.length, hint);
  const hashed = options.hashed?.(calls.length) ?? new HashedVisited(calls.length);
  const result = new Search(model, calls, ranks, hashed).run(budget);
  if (result.type !== 'illegal') return result;
  return new Search(model, calls, ranks, new ExactVisited(calls)).run(budget);
}

/** rank[c] is the place of call c when sorted by `hint`; calls that tie stay in their order. */
function rankBy(count: number, hint: (call: number) => number): Int32Array {
  const hints = Float64Array.from({ length: count }, (_, call) => hint(call));
  const order = Int32Array.from({ length: count }, (_, call) => call);
  order.sort((a, b) => compare(hints[a] ?? 0, hints[b] ?? 0) || a - b);
  const ranks = new Int32Array(count);
  for (const [rank, call] of order.entries()) ranks[call] = rank;
  return ranks;
}

/** Not a difference: Infinity minus itself is none. */
function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

class Search<Input, Output, State> {
  readonly #model: Model<Input, Output, State>;
  readonly #calls: readonly TimedCall<Input, Output>[];
  readonly #ranks: Int32Array;
  readonly #visited: Visited;
  readonly #timeline: Timeline;
  readonly #stateNumbers = new Map<string | number, number>();
  /** What was placed, and the state before it. */
  readonly #placed: { readonly call: number; readonly before: State }[] = [];
  #state: State;
  #toBeHeard: number;
  #deadEnd: DeadEnd<State> | null = null;
  #deadEndPlace = NONE;

  constructor(
    model: Model<Input, Output, State>,
    calls: readonly TimedCall<Input, Output>[],
    ranks: Int32Array,
    visited: Visited,
  ) {
    this.#model = model;
    this.#calls = calls;
    this.#ranks = ranks;
    this.#visited = visited;
    this.#timeline = new Timeline(calls);
    this.#state = model.initial;
    this.#toBeHeard = calls.reduce((count, call) => count + (call.heard === null ? 0 : 1), 0);
  }

  /** Unheard calls may never have taken effect, so the end is reached when all that were heard are placed. */
  run(budget: Budget): SearchResult<State> {
    let triedRank = NONE;
    while (this.#toBeHeard > 0) {
      if (budget.steps <= 0) return { type: 'unknown' };
      budget.steps -= 1;
      const call = this.#nextCandidate(triedRank);
      if (call === NONE) {
        this.#noteDeadEnd();
        const undone = this.#takeBack();
        if (undone === NONE) return this.#refuted();
        triedRank = this.#rank(undone);
      } else {
        triedRank = this.#tryToPlace(call) ? NONE : this.#rank(call);
      }
    }
    return { type: 'legal' };
  }

  /** Of the calls before the first return, the one next in rank after `triedRank`. */
  #nextCandidate(triedRank: number): number {
    const { head } = this.#timeline;
    let best = NONE;
    let bestRank = Infinity;
    let event = this.#timeline.next(head);
    while (event !== head && !this.#timeline.isReturn(event)) {
      const rank = this.#rank(event);
      if (rank > triedRank && rank < bestRank) {
        best = event;
        bestRank = rank;
      }
      event = this.#timeline.next(event);
    }
    return best;
  }

  #tryToPlace(call: number): boolean {
    const after = this.#after(call);
    if (after === null) return false;
    this.#visited.toggle(call);
    if (!this.#visited.add(this.#stateNumber(after))) {
      this.#visited.toggle(call);
      return false;
    }
    this.#placed.push({ call, before: this.#state });
    this.#state = after;
    this.#timeline.lift(call);
    if (this.#calls[call]?.heard !== null) this.#toBeHeard -= 1;
    return true;
  }

  #after(index: number): State | null {
    const call = this.#calls[index];
    if (call === undefined) throw new RangeError(`no call ${index}`);
    return call.heard === null
      ? this.#model.unheard(this.#state, call.input)
      : this.#model.answered(this.#state, call.input, call.heard.output);
  }

  #takeBack(): number {
    const last = this.#placed.pop();
    if (last === undefined) return NONE;
    this.#state = last.before;
    this.#visited.toggle(last.call);
    this.#timeline.putBack(last.call);
    if (this.#calls[last.call]?.heard !== null) this.#toBeHeard += 1;
    return last.call;
  }

  #noteDeadEnd(): void {
    const { head, count } = this.#timeline;
    const open: number[] = [];
    let event = this.#timeline.next(head);
    while (!this.#timeline.isReturn(event)) {
      open.push(event);
      event = this.#timeline.next(event);
    }
    const place = this.#timeline.place(event);
    if (place <= this.#deadEndPlace) return;
    this.#deadEndPlace = place;
    this.#deadEnd = {
      blocked: event - count,
      placedCount: this.#placed.length,
      lastPlaced: this.#placed.slice(-LAST_PLACED_MAX).map(({ call }) => call),
      state: this.#state,
      open,
    };
  }

  #refuted(): SearchResult<State> {
    if (this.#deadEnd === null) throw new Error('a search ends in a dead end or at the end');
    return { type: 'illegal', deadEnd: this.#deadEnd };
  }

  #stateNumber(state: State): number {
    const identity = this.#model.identity(state);
    const known = this.#stateNumbers.get(identity);
    if (known !== undefined) return known;
    const number = this.#stateNumbers.size;
    this.#stateNumbers.set(identity, number);
    return number;
  }

  #rank(call: number): number {
    return this.#ranks[call] ?? NONE;
  }
}
