/**
 * Leader Append-Only: a leader never overwrites or deletes entries in its log; it only appends (Raft §5.3, figure 3).
 *
 * It holds for the whole term, even after the leader has stepped down or restarted in it: nobody else leads that term,
 * so nobody may tell it to cut its log before the next one. What it appends is of its own term.
 *
 *   n1 leads term 2, its log is 1@1 2@2 3@2
 *   n1 writes "cut from 3"                  <- broken
 *   n1 writes "term 3; cut from 3"          fine: it follows the leader of term 3 now
 */
import type { LogIndex, NodeId, Write } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import { PerNode } from './per-node.ts';
import type { ShadowLogs } from './shadow-logs.ts';

export class LeaderAppendOnly implements Law {
  readonly name = 'leader append-only';
  readonly hears = ['turned', 'persist'] as const;
  readonly #shadows: ShadowLogs;
  readonly #longest = new PerNode(() => ({ term: 0, incarnation: 0, last: 0 }));

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  observe(observation: Observation, nowMs: number): void {
    if (observation.type === 'persist') {
      this.#writes(observation.node, observation.write, nowMs);
    } else if (observation.type === 'turned' && observation.status.role === 'leader') {
      this.#leads(observation.node, observation.status.term, observation.status.last.index, nowMs);
    }
  }

  #writes(node: NodeId, write: Write, nowMs: number): void {
    const shadow = this.#shadows.of(node);
    const term = shadow.written.term;
    if (shadow.ledTerm === 0 || shadow.ledTerm !== term) return;
    if (write.truncateFrom !== null) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it cuts its log from ${write.truncateFrom} on, in term ${term}, which it led itself`,
      );
    }
    const foreign = write.append.find((entry) => entry.term !== term);
    if (foreign !== undefined) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it appends ${foreign.index}@${foreign.term} in term ${term}, which it led itself`,
      );
    }
  }

  #leads(node: NodeId, term: number, last: LogIndex, nowMs: number): void {
    const longest = this.#longest.of(node);
    const { incarnation } = this.#shadows.of(node);
    if (longest.term === term && longest.incarnation === incarnation && last < longest.last) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `its log ended at ${longest.last} and now at ${last}, both while leading term ${term}`,
      );
    }
    longest.term = term;
    longest.incarnation = incarnation;
    longest.last = last;
  }
}
