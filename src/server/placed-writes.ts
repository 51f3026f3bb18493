/**
 * Local clients' writes of which a leader has said where they stand: at (index, term), as the n-th of that entry. From
 * here on only the log can tell what becomes of them.
 *
 *   applied with that term       answered
 *   applied with another term    lost: no log that still counts holds it, so it may be offered again
 *   placed anew by a later term  nothing is known yet: that leader may be lost before it commits, and one that still
 *                                holds the older entry may be elected after it (Raft §5.4.2, Figure 8)
 */
import type { Reply } from '../kv/operation.ts';
import type { Entry } from '../raft/entry.ts';
import type { LogIndex, Term } from '../raft/types.ts';
import type { WriteRequest } from './requests.ts';

interface Waiter {
  readonly ordinal: number;
  readonly request: WriteRequest;
}

interface Place {
  readonly term: Term;
  readonly waiters: Waiter[];
}

export interface PlacedWritesOwner {
  answered(request: WriteRequest, term: Term, reply: Reply): void;
  lost(request: WriteRequest): void;
  /** The entry had been applied before its place was known. */
  missed(request: WriteRequest): void;
}

export class PlacedWrites {
  readonly #owner: PlacedWritesOwner;
  /** At most one place per term and index. */
  readonly #places = new Map<LogIndex, Place[]>();
  #applied: LogIndex = 0;

  constructor(owner: PlacedWritesOwner) {
    this.#owner = owner;
  }

  add(request: WriteRequest, term: Term, index: LogIndex, ordinal: number): void {
    if (index <= this.#applied) return this.#owner.missed(request);
    const places = this.#places.get(index) ?? [];
    if (places.length === 0) this.#places.set(index, places);
    const place = places.find((other) => other.term === term);
    if (place === undefined) places.push({ term, waiters: [{ ordinal, request }] });
    else place.waiters.push({ ordinal, request });
  }

  applied(entry: Entry, replies: readonly Reply[]): void {
    this.#applied = entry.index;
    const places = this.#places.get(entry.index);
    if (places === undefined) return;
    this.#places.delete(entry.index);
    for (const { term, waiters } of places) {
      if (term === entry.term) this.#answer(entry, waiters, replies);
      else for (const { request } of waiters) this.#owner.lost(request);
    }
  }

  /** Gives all of them up. */
  takeAll(): readonly WriteRequest[] {
    const places = [...this.#places.values()].flat();
    this.#places.clear();
    return places.flatMap(({ waiters }) => waiters.map(({ request }) => request));
  }

  #answer(entry: Entry, waiters: readonly Waiter[], replies: readonly Reply[]): void {
    for (const { ordinal, request } of waiters) {
      const reply = replies[ordinal];
      if (reply === undefined) throw new Error(`entry ${entry.index} has no request ${ordinal}`);
      this.#owner.answered(request, entry.term, reply);
    }
  }
}
