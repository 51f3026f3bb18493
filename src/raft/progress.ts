import type { Entry } from './entry.ts';
import type { LogIndex, Millis, NodeId, ReadSeq } from './types.ts';
import { Window } from './window.ts';

export interface WindowLimits {
  readonly windowMessages: number;
  readonly windowBytes: number;
}

/**
 * What the leader knows of one peer.
 *
 *             accepted at next - 1
 *    Probe ──────────────────────────▶ Replicate
 *      ▲                                   │
 *      └───────────────────────────────────┘
 *        rejected above match, or the link came back
 *
 * Probe: where the logs meet is a guess, so one append is out at a time. Replicate: `next` runs ahead, optimistic,
 * inside the window. Law: match < next.
 */
export class Progress {
  readonly id: NodeId;
  readonly #limits: WindowLimits;
  #state: 'probe' | 'replicate' = 'probe';
  #match: LogIndex = 0;
  #next: LogIndex;
  #window: Window;
  /** In probe: the one append with entries (or without, when there are none) has been sent. */
  #probed = false;
  /** In probe: the last index that this append carried. */
  #probedThrough: LogIndex = 0;

  /** When the newest append that it answered was sent, on our clock: proof of contact as of then. */
  contactAt: Millis;
  /** When it was last sent an append. */
  sentAt: Millis = -Infinity;
  /** The newest read barrier that it confirmed, and that it was sent. */
  readSeq: ReadSeq = 0;
  readSeqSent: ReadSeq = 0;
  /** The newest commit index that it was sent; 0 when the peer may have missed it. */
  commitSent: LogIndex = 0;
  /** The log range ordered from storage for it, and the answer that waits for drain. */
  fetch: number | null = null;
  fetched: readonly Entry[] | null = null;

  /** A new peer counts as heard, so that it gets an election timeout to answer (edge case B11). */
  constructor(id: NodeId, next: LogIndex, limits: WindowLimits, now: Millis) {
    this.id = id;
    this.#next = next;
    this.#limits = limits;
    this.#window = new Window(limits.windowMessages, limits.windowBytes);
    this.contactAt = now;
  }

  get state(): 'probe' | 'replicate' {
    return this.#state;
  }

  /** Durable there, and equal to our log. */
  get match(): LogIndex {
    return this.#match;
  }

  /** The next index to send. */
  get next(): LogIndex {
    return this.#next;
  }

  get inFlight(): number {
    return this.#window.messages;
  }

  /** For fingerprint.ts: all but times and storage orders. */
  inside(): unknown {
    const { id, match, next, state, readSeq, readSeqSent, commitSent } = this;
    const probe = [this.#probed, this.#probedThrough];
    return [id, match, next, state, readSeq, readSeqSent, commitSent, probe, this.#window.inside()];
  }

  get canSendEntries(): boolean {
    return this.#state === 'probe' ? !this.#probed : !this.#window.full;
  }

  /** Entries `next` to `last` are on their way. */
  sent(last: LogIndex, bytes: number): void {
    if (last >= this.#next) this.#window.add(last, bytes);
    if (this.#state === 'replicate') {
      this.#next = last + 1;
      return;
    }
    this.#probed = true;
    this.#probedThrough = Math.max(this.#probedThrough, last);
  }

  accepted(match: LogIndex): void {
    this.#match = Math.max(this.#match, match);
    this.#window.release(this.#match);
    if (this.#state === 'probe' && match >= this.#next - 1) {
      this.#state = 'replicate';
      this.#next = Math.max(this.#next, this.#probedThrough + 1);
    }
    this.#next = Math.max(this.#next, this.#match + 1);
  }

  /**
   * A rejection is stale when it denies what is matched, or asks about what was sent before the last probe began; in
   * probe, when it is not about the probe itself (edge case C20).
   */
  isStaleRejection(prevIndex: LogIndex): boolean {
    if (this.#state === 'probe') return prevIndex !== this.#next - 1;
    return prevIndex <= this.#match || prevIndex >= this.#next;
  }

  /** Look for the meeting point again, from `next`; never below what is known to match. */
  probe(next: LogIndex): void {
    this.#state = 'probe';
    this.#next = Math.max(next, this.#match + 1);
    this.#window = new Window(this.#limits.windowMessages, this.#limits.windowBytes);
    this.#probed = false;
    this.#probedThrough = 0;
    this.commitSent = 0;
    this.fetch = null;
    this.fetched = null;
  }
}
