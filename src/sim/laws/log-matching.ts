/**
 * Log Matching: if two logs contain an entry with the same index and term, they are identical up to it (Raft §5.3).
 *
 * Held by one global map: (index, term) has one content and one predecessor, wherever it is seen: handed to a disk, on
 * its way to a peer, found at a start. By induction over the predecessors that is the whole law, at O(1) an entry; it
 * alone sees a term that was led twice (raft-core 2.A item 4 and 4.2 item 8).
 *
 *   n1 writes 2@1 "x" after 1@1
 *   n2 writes 2@1 "y" after 1@1             <- broken: two contents
 *   n3 writes 3@2 "z" after 2@1, n2 sends 3@2 "z" after 2@2     <- broken: two predecessors
 */
import type { Entry, LogIndex, NodeId, Term } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import type { PayloadHashes } from './payload-hash.ts';
import type { ShadowLogs } from './shadow-logs.ts';

/** What is known of (index, term). Most indexes have one branch; a deposed leader's leftovers make another. */
interface Branch {
  readonly term: Term;
  readonly previousTerm: Term;
  readonly hash: number;
  readonly seenAt: NodeId;
  readonly older: Branch | undefined;
}

export class LogMatching implements Law {
  readonly name = 'log matching';
  readonly hears = ['started', 'persist', 'sent'] as const;
  readonly #shadows: ShadowLogs;
  readonly #hashes: PayloadHashes;
  /** By index - 1. */
  readonly #branches: (Branch | undefined)[] = [];

  constructor(shadows: ShadowLogs, hashes: PayloadHashes) {
    this.#shadows = shadows;
    this.#hashes = hashes;
  }

  observe(observation: Observation, nowMs: number): void {
    const { node } = observation;
    switch (observation.type) {
      case 'started':
        return this.#chain(node, 'finds', observation.entries, 0, nowMs);
      case 'persist': {
        const { append } = observation.write;
        const [first] = append;
        if (first === undefined) return;
        const previous = this.#shadows.of(node).written.log.termAt(first.index - 1);
        return this.#chain(node, 'writes', append, previous ?? 0, nowMs);
      }
      case 'sent': {
        const { message } = observation;
        if (message.type !== 'append' && message.type !== 'pullReply') return;
        return this.#chain(node, 'sends', message.entries, message.prev.term, nowMs);
      }
      case 'opened':
      case 'founded':
      case 'read':
      case 'ended':
      case 'durable':
      case 'applied':
      case 'turned':
        return;
    }
  }

  #chain(node: NodeId, verb: string, entries: readonly Entry[], before: Term, nowMs: number): void {
    let previousTerm = before;
    for (const entry of entries) {
      this.#seen(node, verb, entry, previousTerm, nowMs);
      previousTerm = entry.term;
    }
  }

  #seen(node: NodeId, verb: string, entry: Entry, previousTerm: Term, nowMs: number): void {
    const hash = this.#hashes.of(entry);
    const known = this.#branch(entry.index, entry.term);
    if (known === undefined) {
      const older = this.#branches[entry.index - 1];
      this.#branches[entry.index - 1] = { term: entry.term, previousTerm, hash, seenAt: node, older };
      return;
    }
    if (known.hash === hash && known.previousTerm === previousTerm) return;
    const position = `${entry.index}@${entry.term}`;
    const difference =
      known.hash === hash
        ? `${position} after ${entry.index - 1}@${previousTerm}, which ${known.seenAt} has after ${entry.index - 1}@${known.previousTerm}`
        : `${position} with another content than ${known.seenAt} has there`;
    throw new LawBroken(this.name, node, nowMs, `it ${verb} ${difference}`);
  }

  #branch(index: LogIndex, term: Term): Branch | undefined {
    let branch = this.#branches[index - 1];
    while (branch !== undefined && branch.term !== term) branch = branch.older;
    return branch;
  }
}
