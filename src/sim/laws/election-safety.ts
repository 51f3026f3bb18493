/**
 * Election Safety: at most one leader can be elected in a given term (Raft §5.2, figure 3).
 *
 * A node that crashed is somebody else when it comes back: it may not lead a second time in the term that it led
 * before, since it cannot know what it promised and proposed then (raft-core 2.A item 4).
 *
 *   n1 turns as leader of term 2
 *   n3 sends an append of term 2       <- broken: n2's vote was counted twice
 */
import type { NodeId, Term } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import type { ShadowLogs } from './shadow-logs.ts';

interface Leadership {
  readonly node: NodeId;
  readonly incarnation: number;
}

export class ElectionSafety implements Law {
  readonly name = 'election safety';
  readonly hears = ['turned', 'sent'] as const;
  readonly #shadows: ShadowLogs;
  readonly #leaders = new Map<Term, Leadership>();

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  observe(observation: Observation, nowMs: number): void {
    if (observation.type === 'turned') {
      const { role, term } = observation.status;
      if (role === 'leader') this.#leads(observation.node, term, nowMs);
    } else if (observation.type === 'sent' && observation.message.type === 'append') {
      this.#leads(observation.node, observation.message.term, nowMs);
    }
  }

  #leads(node: NodeId, term: Term, nowMs: number): void {
    const { incarnation } = this.#shadows.of(node);
    const known = this.#leaders.get(term);
    if (known === undefined) {
      this.#leaders.set(term, { node, incarnation });
    } else if (known.node !== node) {
      throw new LawBroken(this.name, node, nowMs, `it leads term ${term}, which ${known.node} led already`);
    } else if (known.incarnation !== incarnation) {
      throw new LawBroken(this.name, node, nowMs, `it leads term ${term}, which it led before it restarted`);
    }
  }
}
