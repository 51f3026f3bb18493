import type { NodeState } from './automaton.ts';
import type { Event } from './events.ts';
import type { Memory } from './laws.ts';

/** All of the cluster at one moment, and how it came there. */
export interface GlobalState {
  readonly nodes: readonly NodeState[];
  /** Numbers of the messages on their way, ascending, each once: two that say the same arrive as one, or as a repeat. */
  readonly flying: readonly number[];
  /** What is left of each budget, in the order of BUDGETS. */
  readonly left: readonly number[];
  readonly memory: Memory;
  readonly depth: number;
  readonly before: GlobalState | null;
  /** What led here from `before`. */
  readonly event: Event | null;
}
