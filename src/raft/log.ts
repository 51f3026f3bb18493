import { invariant } from './assert.ts';
import type { Entry } from './entry.ts';
import { EntryTail } from './entry-tail.ts';
import type { DurableState } from './io.ts';
import type { Membership } from './membership.ts';
import { MembershipHistory } from './membership-history.ts';
import { TermRuns } from './term-runs.ts';
import type { LogIndex, Position, Term } from './types.ts';

/** What the log owes the disk: cut from `truncateFrom`, then append. */
export interface Unwritten {
  readonly truncateFrom: LogIndex | null;
  readonly append: readonly Entry[];
}

/**
 * One node's log: terms and memberships of all of it, the entries of its newest part.
 *
 *   1 ────────────── tail.first ─────────── written ─────────── last
 *   on disk only     on disk and in memory  in memory only
 */
export class RaftLog {
  readonly #terms: TermRuns;
  readonly #memberships: MembershipHistory;
  readonly #tail: EntryTail;
  /** The last index that storage has been told of; the disk may be older still. */
  #written: LogIndex;
  #truncateFrom: LogIndex | null = null;

  constructor(durable: DurableState) {
    this.#terms = new TermRuns(durable.terms, durable.last.index);
    invariant(this.#terms.lastTerm === durable.last.term, 'storage agrees with itself about the last term');
    this.#memberships = new MembershipHistory(durable.memberships);
    this.#tail = new EntryTail(durable.last.index + 1);
    this.#written = durable.last.index;
  }

  get lastIndex(): LogIndex {
    return this.#terms.lastIndex;
  }

  get lastTerm(): Term {
    return this.#terms.lastTerm;
  }

  get last(): Position {
    return { index: this.#terms.lastIndex, term: this.#terms.lastTerm };
  }

  /** The first index whose entry is in memory. */
  get tailFirst(): LogIndex {
    return this.#tail.first;
  }

  get tailBytes(): number {
    return this.#tail.bytes;
  }

  /** In force now, committed or not (Raft §6). */
  get membership(): Membership {
    return this.#memberships.latest;
  }

  membershipAt(index: LogIndex): Membership {
    return this.#memberships.at(index);
  }

  termAt(index: LogIndex): Term | null {
    return this.#terms.termAt(index);
  }

  /** The position at `index`, which must be in the log. */
  positionAt(index: LogIndex): Position {
    const term = this.#terms.termAt(index);
    invariant(term !== null, 'the position is in the log');
    return { index, term };
  }

  lastWithTermAtMost(index: LogIndex, term: Term): Position {
    return this.#terms.lastWithTermAtMost(index, term);
  }

  /** At least as up to date as ours: the later term wins, then the longer log (Raft §5.4.1). */
  isUpToDate(other: Position): boolean {
    if (other.term !== this.lastTerm) return other.term > this.lastTerm;
    return other.index >= this.lastIndex;
  }

  /** Ours is at least as up to date as theirs. */
  isAtLeast(other: Position): boolean {
    if (other.term !== this.lastTerm) return other.term < this.lastTerm;
    return other.index <= this.lastIndex;
  }

  append(entry: Entry): void {
    invariant(entry.index === this.lastIndex + 1, 'the log has no gap');
    this.#terms.append(entry.term);
    this.#tail.push(entry);
    if (entry.kind === 'membership') this.#memberships.push(entry);
  }

  truncateFrom(index: LogIndex): void {
    this.#terms.truncateFrom(index);
    this.#memberships.truncateFrom(index);
    this.#tail.truncateFrom(index);
    if (index > this.#written) return;
    this.#written = index - 1;
    this.#truncateFrom = Math.min(index, this.#truncateFrom ?? index);
  }

  /** Entries [from, to] from memory, at least one, at most `bytesMax` unless the first is larger. */
  slice(from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[] {
    return this.#tail.slice(from, to, bytesMax);
  }

  evict(through: LogIndex, bytesMax: number): void {
    if (this.#tail.bytes > bytesMax) this.#tail.evict(through, bytesMax);
  }

  hasUnwritten(): boolean {
    return this.#written < this.lastIndex || this.#truncateFrom !== null;
  }

  /** Hands over what storage has not been told yet; after it, storage has been told everything. */
  takeUnwritten(): Unwritten {
    const from = this.#written + 1;
    const append = from <= this.lastIndex ? this.#tail.slice(from, this.lastIndex, Infinity) : [];
    const truncateFrom = this.#truncateFrom;
    this.#written = this.lastIndex;
    this.#truncateFrom = null;
    return { truncateFrom, append };
  }
}
