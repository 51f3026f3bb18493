import type { LogIndex, ReadSeq, Ref } from './types.ts';

interface Barrier {
  readonly seq: ReadSeq;
  readonly refs: Ref[];
  index: LogIndex;
}

export interface ReadableRef {
  readonly ref: Ref;
  readonly index: LogIndex;
}

/**
 * Reads that wait for a quorum to confirm the leader (ReadIndex, thesis §6.4).
 *
 * A barrier is a number that this leader counts up, once for all reads of a turn, never a client's context: a late
 * answer to an earlier round can then not confirm a retried read (edge case D26, etcd#20418). It dies with the term.
 */
export class ReadBarriers {
  readonly #barriers: Barrier[] = [];
  #latest: ReadSeq = 0;
  /** The newest barrier has been sent, so a later read needs a new one. */
  #sealed = true;

  /** The newest barrier; rides on every append. */
  get latest(): ReadSeq {
    return this.#latest;
  }

  get pending(): number {
    return this.#barriers.length;
  }

  /** `index`: what was committed when the read arrived, and at least this term's no-op (edge case D29). */
  add(ref: Ref, index: LogIndex): void {
    const newest = this.#barriers[this.#barriers.length - 1];
    if (newest !== undefined && !this.#sealed) {
      newest.refs.push(ref);
      newest.index = Math.max(newest.index, index);
      return;
    }
    this.#latest += 1;
    this.#sealed = false;
    this.#barriers.push({ seq: this.#latest, refs: [ref], index });
  }

  /** From here on acknowledgements may come, and they say nothing about reads that begin later. */
  seal(): void {
    this.#sealed = true;
  }

  /** Takes every read that a quorum has confirmed and whose index is committed, in order. */
  take(confirmed: ReadSeq, committed: LogIndex): readonly ReadableRef[] {
    const readable: ReadableRef[] = [];
    let count = 0;
    for (const barrier of this.#barriers) {
      if (barrier.seq > confirmed || barrier.index > committed) break;
      for (const ref of barrier.refs) readable.push({ ref, index: barrier.index });
      count += 1;
    }
    if (count > 0) this.#barriers.splice(0, count);
    return readable;
  }

  /** Leadership is over: nobody will confirm these. */
  abandon(): readonly Ref[] {
    return this.#barriers.splice(0).flatMap((barrier) => barrier.refs);
  }
}
