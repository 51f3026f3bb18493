/**
 * The one history of committed entries, made of what nodes claim: by the commit index of an append, of a write, of a
 * status, or by applying an entry. The first claim of an index says which entry stands there (TigerBeetle's
 * state_checker does the same); whether it was right to be made is for the laws to say.
 *
 *   n1 leads term 3, log 1@1 2@3 3@3, sends commit 2      ->  history 1@1 2@3, committed in term 3
 */
import type { LogIndex, NodeId, Term } from '../../raft/index.ts';
import type { Observation } from './law.ts';
import type { NodeShadow, ShadowLogs } from './shadow-logs.ts';

export class CommitHistory {
  readonly #shadows: ShadowLogs;
  readonly #terms: Term[] = [];
  /** Term of a leader -> the highest index that it was the first to call committed. */
  readonly #highest = new Map<Term, LogIndex>();
  #claimant: NodeId | null = null;
  #committedIn: Term | null = null;

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  get lastIndex(): LogIndex {
    return this.#terms.length;
  }

  /** Who was the first to call the last entry committed. */
  get claimant(): NodeId | null {
    return this.#claimant;
  }

  /**
   * The term of the leader that made the last entry the end of its commit index, and thereby the first to call it
   * committed; null when one cannot tell, because entries were applied before any index was named.
   */
  get committedIn(): Term | null {
    return this.#committedIn;
  }

  termAt(index: LogIndex): Term | undefined {
    return this.#terms[index - 1];
  }

  /** The highest index that was committed in a term below `term`. */
  highestBefore(term: Term): LogIndex {
    let highest = 0;
    for (const [committedIn, index] of this.#highest) {
      if (committedIn < term && index > highest) highest = index;
    }
    return highest;
  }

  observe(observation: Observation): void {
    const { node } = observation;
    switch (observation.type) {
      case 'sent':
        if (observation.message.type === 'append') this.#claim(node, observation.message.commit);
        return;
      case 'persist':
        return this.#claim(node, observation.write.commitHint);
      case 'turned':
        return this.#claim(node, observation.status.committed);
      case 'applied':
        return this.#apply(node, observation.entry.index, observation.entry.term);
      case 'opened':
      case 'founded':
      case 'read':
      case 'started':
      case 'durable':
      case 'ended':
        return;
    }
  }

  /** A claim that goes beyond what one knows of the node's log is left until something is known. */
  #claim(node: NodeId, committed: LogIndex): void {
    if (committed <= this.lastIndex) return;
    const shadow = this.#shadows.of(node);
    this.#committedIn = null;
    while (this.lastIndex < committed) {
      const term = shadow.termAt(this.lastIndex + 1);
      if (term === undefined) return;
      this.#push(node, shadow, term);
    }
    if (shadow.leads) this.#committedIn = shadow.ledTerm;
  }

  #apply(node: NodeId, index: LogIndex, term: Term): void {
    this.#claim(node, index - 1);
    if (index !== this.lastIndex + 1) return;
    this.#push(node, this.#shadows.of(node), term);
    this.#committedIn = null;
  }

  #push(node: NodeId, shadow: NodeShadow, term: Term): void {
    this.#terms.push(term);
    this.#highest.set(shadow.written.term, this.lastIndex);
    this.#claimant = node;
  }
}
