/**
 * Leader Completeness: if an entry is committed in a given term, it is present in the logs of the leaders of all later
 * terms (Raft §5.4, figure 3).
 *
 * Judged when a node is first seen to lead a term, against the commit history. The highest entry committed before is
 * enough: Log Matching answers for those below it.
 *
 *   n1, leader of term 2, calls 4@2 committed
 *   n3 turns as leader of term 3, its log ends at 3@2       <- broken: 4@2 will be overwritten
 */
import type { NodeId, Term } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import type { CommitHistory } from './commit-history.ts';
import { PerNode } from './per-node.ts';
import type { ShadowLogs } from './shadow-logs.ts';

export class LeaderCompleteness implements Law {
  readonly name = 'leader completeness';
  readonly hears = ['turned', 'sent'] as const;
  readonly #shadows: ShadowLogs;
  readonly #history: CommitHistory;
  readonly #judged = new PerNode(() => ({ term: 0 }));

  constructor(shadows: ShadowLogs, history: CommitHistory) {
    this.#shadows = shadows;
    this.#history = history;
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
    const judged = this.#judged.of(node);
    if (judged.term === term) return;
    judged.term = term;
    const index = this.#history.highestBefore(term);
    if (index === 0) return;
    const { log } = this.#shadows.of(node).written;
    const own = log.termAt(index);
    const committed = this.#history.termAt(index);
    if (own === committed) return;
    const has =
      own === undefined ? `its log ends at ${log.last.index}@${log.last.term}` : `it has ${index}@${own}`;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `it leads term ${term} without ${index}@${committed}, which was committed before: ${has}`,
    );
  }
}
