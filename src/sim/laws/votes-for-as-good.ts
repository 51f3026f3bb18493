/**
 * A node votes only for a candidate whose log is at least as up to date as its own: a later last term, or the same one
 * and at least as long (Raft §5.4.1). Leader Completeness rests on it; this law sees the vote, not its consequence.
 *
 * The candidate's log is the one that it named when it asked. The voter's is what it had written before it writes down
 * its vote, less what that same write cuts off: all of that stood in its log when it voted.
 *
 *   n1 asks for votes in term 3, its log ends at 4@1
 *   n2 has written 1@1 2@2, and writes "term 3, vote for n1"      <- broken: 2@2 may be committed, n1 would overwrite it
 */
import type { NodeId, Term, Write } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import { PerNode } from './per-node.ts';
import type { ShadowLogs } from './shadow-logs.ts';

export class VotesForAsGood implements Law {
  readonly name = 'votes for logs as good as its own';
  readonly hears = ['sent', 'persist'] as const;
  readonly #shadows: ShadowLogs;
  readonly #asked = new PerNode(() => ({ term: 0, lastIndex: 0, lastTerm: 0 }));

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  observe(observation: Observation, nowMs: number): void {
    const { node } = observation;
    if (observation.type === 'sent' && observation.message.type === 'vote') {
      const { term, last } = observation.message;
      const asked = this.#asked.of(node);
      asked.term = term;
      asked.lastIndex = last.index;
      asked.lastTerm = last.term;
    }
    if (observation.type !== 'persist') return;
    const { write } = observation;
    if (write.hardState === null || write.hardState.votedFor === null) return;
    this.#votes(node, write.hardState.votedFor, write.hardState.term, write, nowMs);
  }

  #votes(node: NodeId, candidate: NodeId, term: Term, write: Write, nowMs: number): void {
    const theirs = this.#asked.of(candidate);
    if (candidate === node || theirs.term !== term) return;
    const { log } = this.#shadows.of(node).written;
    const ownIndex = (write.append[0]?.index ?? write.truncateFrom ?? log.lastIndex + 1) - 1;
    const ownTerm = log.termAt(ownIndex) ?? 0;
    if (theirs.lastTerm > ownTerm || (theirs.lastTerm === ownTerm && theirs.lastIndex >= ownIndex)) return;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `it votes in term ${term} for ${candidate}, whose log ends at ${theirs.lastIndex}@${theirs.lastTerm}, ` +
        `with ${ownIndex}@${ownTerm} in its own`,
    );
  }
}
