import type { NodeId } from '../../raft/index.ts';
import { Automaton, type NodeState } from './automaton.ts';
import { BUDGETS, type Bounds } from './bounds.ts';
import { type Event, eventsOf, tellEvent } from './events.ts';
import type { GlobalState } from './global-state.ts';
import { checkLogMatching, commit, elect, type Memory, NOTHING } from './laws.ts';
import { Symmetry } from './symmetry.ts';

export interface Stop {
  /** States to look into at most. */
  readonly states: number;
  /** Asked now and then; the caller's clock. */
  readonly isEnough?: () => boolean;
  readonly onProgress?: (report: Report) => void;
}

export interface Report {
  /** Different states, up to renaming, and how many steps lead to the furthest. */
  readonly states: number;
  readonly depth: number;
  /** Every state within the bounds has been looked into. */
  readonly complete: boolean;
  readonly transitions: number;
  /** States of one node, messages, and histories replayed on the real core. */
  readonly nodeStates: number;
  readonly messages: number;
  readonly replays: number;
  /** States in which something is committed; an exploration without them has seen little. */
  readonly committing: number;
  readonly finding: Finding | null;
}

/** A law is broken: which one, and a shortest story that leads there. */
export interface Finding {
  readonly law: string;
  readonly depth: number;
  readonly story: readonly string[];
}

const IDS = ['nodeA', 'nodeB', 'nodeC'];
const LOOK_UP_EVERY = 4_096;

/** Breadth first, so that the first finding has a shortest story. The same bounds give the same report. */
export function explore(bounds: Bounds, stop: Stop): Report {
  return new Exploration(bounds).run(stop);
}

class Exploration {
  readonly #bounds: Bounds;
  readonly #automaton: Automaton;
  readonly #symmetry: Symmetry;
  readonly #seen = new Set<number>();
  readonly #matched = new Set<number>();
  #depth = 0;
  #transitions = 0;
  #committing = 0;
  #finding: Finding | null = null;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    const ids = IDS.slice(0, bounds.nodes).map(nodeId);
    this.#automaton = new Automaton(ids);
    this.#symmetry = new Symmetry(this.#automaton, ids);
  }

  run(stop: Stop): Report {
    let layer = [this.#first()];
    while (layer.length > 0 && this.#finding === null) {
      const next: GlobalState[] = [];
      for (const state of layer) {
        this.#expand(state, next);
        if (this.#finding !== null || this.#seen.size >= stop.states) return this.#report(false);
        if (this.#transitions % LOOK_UP_EVERY === 0 && stop.isEnough?.() === true) return this.#report(false);
      }
      layer = next;
      stop.onProgress?.(this.#report(false));
    }
    return this.#report(this.#finding === null);
  }

  #first(): GlobalState {
    const nodes = IDS.slice(0, this.#bounds.nodes).map((id) => this.#automaton.initial(nodeId(id)));
    const left = BUDGETS.map((budget) => this.#bounds[budget]);
    const state = { nodes, flying: [], left, memory: NOTHING, depth: 0, before: null, event: null };
    this.#seen.add(this.#symmetry.keyOf(state));
    return state;
  }

  #expand(state: GlobalState, next: GlobalState[]): void {
    for (const event of eventsOf(state, this.#automaton)) {
      const after = this.#take(state, event);
      if (this.#finding !== null) return;
      if (after === null) continue;
      this.#transitions += 1;
      const key = this.#symmetry.keyOf(after);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.#depth = after.depth;
      if (after.memory.committed.length > 0) this.#committing += 1;
      next.push(after);
    }
  }

  /** The state after the event; null beyond the bounds, or when a law is broken. */
  #take(state: GlobalState, event: Event): GlobalState | null {
    const node = state.nodes[event.at];
    if (node === undefined) return null;
    try {
      const { to, sent, elected } = this.#automaton.change(node, event.key, event.what);
      if (to.term > this.#bounds.termMax) return null;
      if (to === node && event.takes === null) return null;
      const nodes = state.nodes.with(event.at, to);
      const memory = this.#judge(state.memory, nodes, to, elected);
      return {
        nodes,
        flying: flyingAfter(state.flying, event.takes, sent),
        left: event.costs === null ? state.left : spend(state.left, BUDGETS.indexOf(event.costs)),
        memory,
        depth: state.depth + 1,
        before: state,
        event,
      };
    } catch (error) {
      this.#finding = {
        law: String(error),
        depth: state.depth + 1,
        story: [...storyOf(state), tellEvent(node.id, event)],
      };
      return null;
    }
  }

  #judge(
    before: Memory,
    nodes: readonly NodeState[],
    changed: NodeState,
    elected: readonly number[],
  ): Memory {
    for (const other of nodes) {
      if (other === changed) continue;
      const pair = other.number * 2 ** 26 + changed.number;
      if (this.#matched.has(pair)) continue;
      checkLogMatching(other.log, changed.log);
      checkLogMatching(other.onDisk, changed.log);
      this.#matched.add(pair);
    }
    return elect(commit(before, changed, nodes), changed, elected);
  }

  #report(complete: boolean): Report {
    return {
      states: this.#seen.size,
      depth: this.#depth,
      complete,
      transitions: this.#transitions,
      nodeStates: this.#automaton.nodeStates,
      messages: this.#automaton.messages,
      replays: this.#automaton.replays,
      committing: this.#committing,
      finding: this.#finding,
    };
  }
}

function flyingAfter(
  flying: readonly number[],
  takes: number | null,
  sent: readonly number[],
): readonly number[] {
  const left = takes === null ? flying : flying.filter((number) => number !== takes);
  const fresh = sent.filter((number) => !left.includes(number));
  return fresh.length === 0 ? left : [...left, ...fresh].toSorted((a, b) => a - b);
}

function spend(left: readonly number[], place: number): readonly number[] {
  return left.with(place, (left[place] ?? 0) - 1);
}

function storyOf(state: GlobalState): readonly string[] {
  const story: string[] = [];
  for (let at: GlobalState | null = state; at !== null; at = at.before) {
    const id = at.event === null ? undefined : at.nodes[at.event.at]?.id;
    if (at.event !== null && id !== undefined) story.push(tellEvent(id, at.event));
  }
  return story.toReversed();
}

function nodeId(name: string): NodeId {
  if (!isNodeId(name)) throw new Error('a node has a name');
  return name;
}

function isNodeId(name: string): name is NodeId {
  return name !== '';
}
