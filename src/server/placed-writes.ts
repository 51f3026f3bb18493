/**
 * Local clients' writes of which a leader has said where they stand: at (index, term), as the n-th of that entry. From
 * here on only the log can tell what becomes of them.
 *
 *   applied with that term       answered
 *   applied with another term    lost: no log that still counts holds it, so it may be offered again
 *   placed anew by a later term  lost as well: a later leader that has another entry there never had ours (Leader
 *                                Completeness, Raft §5.4)
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
  readonly #places = new Map<LogIndex, Place>();
  #applied: LogIndex = 0;

  constructor(owner: PlacedWritesOwner) {
    this.#owner = owner;
  }

  add(request: WriteRequest, term: Term, index: LogIndex, ordinal: number): void {
    if (index <= this.#applied) return this.#owner.missed(request);
    const place = this.#places.get(index);
    if (place !== undefined && place.term > term) return this.#owner.lost(request);
    if (place?.term === term) {
      place.waiters.push({ ordinal, request });
      return;
    }
    this.#places.set(index, { term, waiters: [{ ordinal, request }] });
    if (place !== undefined) this.#lost(place);
  }

  applied(entry: Entry, replies: readonly Reply[]): void {
    this.#applied = entry.index;
    const place = this.#places.get(entry.index);
    if (place === undefined) return;
    this.#places.delete(entry.index);
    if (place.term !== entry.term) return this.#lost(place);
    for (const { ordinal, request } of place.waiters) {
      const reply = replies[ordinal];
      if (reply === undefined) throw new Error(`entry ${entry.index} has no request ${ordinal}`);
      this.#owner.answered(request, entry.term, reply);
    }
  }

  /** Gives all of them up. */
  takeAll(): readonly WriteRequest[] {
    const requests = [...this.#places.values()].flatMap(({ waiters }) =>
      waiters.map(({ request }) => request),
    );
    this.#places.clear();
    return requests;
  }

  #lost(place: Place): void {
    for (const { request } of place.waiters) this.#owner.lost(request);
  }
}
