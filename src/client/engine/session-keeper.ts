/**
 * The client's session: opened when the first write needs one, kept alive, opened anew when it is lost.
 *
 *   none ──► opening ──► open ──► none, when a node says that there is no such session
 *              │
 *              └► none, when opening failed: whoever still waits has another one opened
 *
 * These requests are its own; they may be repeated freely, on any node.
 */
import type { Reply } from '../../wire/client-protocol.ts';
import { QuorateError } from '../../wire/errors.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import type { Millis, Settlement, Work } from './request.ts';
import { Sequences } from './sequences.ts';
import { RENEW_AGAIN_MS, RENEWALS_PER_TTL, SESSION_REQUEST_MS, SESSION_TTL_MS } from './timing.ts';

export interface SessionRequests {
  /** Sends it on its way; the word on it comes once. */
  ask(work: Work, timeoutMs: Millis, now: Millis, heard: (settlement: Settlement) => void): number;
  /** Why the request has no answer yet. */
  telling(id: number): QuorateError | null;
  /** There will be no session. */
  refused(error: QuorateError): void;
}

export interface SessionOptions {
  readonly retry: boolean;
  /** @default SESSION_TTL_MS */
  readonly sessionTtlMs?: Millis;
}

type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly request: number }
  | { readonly kind: 'open'; readonly sequences: Sequences };

export class SessionKeeper {
  readonly #requests: SessionRequests;
  readonly #retry: boolean;
  readonly #ttlMs: Millis;
  #state: State = { kind: 'none' };
  #renewAt: Millis = Number.POSITIVE_INFINITY;

  constructor(requests: SessionRequests, { retry, sessionTtlMs = SESSION_TTL_MS }: SessionOptions) {
    this.#requests = requests;
    this.#retry = retry;
    this.#ttlMs = sessionTtlMs;
  }

  get #renewMs(): Millis {
    return this.#ttlMs / RENEWALS_PER_TTL;
  }

  get wakeAt(): Millis {
    return this.#renewAt;
  }

  /** What keeps writes waiting for a session, as far as anybody said. */
  get telling(): QuorateError | null {
    return this.#state.kind === 'opening' ? this.#requests.telling(this.#state.request) : null;
  }

  /** The session that new writes go into; null while there is none. */
  get current(): Sequences | null {
    return this.#state.kind === 'open' ? this.#state.sequences : null;
  }

  /**
   * The session's operation when the client is closed; null when there is none. One with a write whose outcome is
   * unknown is left to expire: until then another client can resolve that write.
   */
  farewell(): Uint8Array | null {
    if (this.#state.kind !== 'open') return null;
    this.#renewAt = Number.POSITIVE_INFINITY;
    if (this.#state.sequences.hasUnknown) return null;
    return encodeOperation({ type: 'sessionClose', id: this.#state.sequences.session });
  }

  /** Somebody was told that there is no such session. */
  lost(session: bigint): void {
    if (this.#state.kind !== 'open' || this.#state.sequences.session !== session) return;
    this.#state = { kind: 'none' };
    this.#renewAt = Number.POSITIVE_INFINITY;
  }

  /** Somebody was told that the session keeps too much that is not acknowledged. */
  crowded(session: bigint): void {
    if (this.#state.kind === 'open' && this.#state.sequences.session === session)
      this.#state.sequences.letGo();
  }

  /** What became of the write is known now. */
  resolved(session: bigint, sequence: number): void {
    if (this.#state.kind === 'open' && this.#state.sequences.session === session) {
      this.#state.sequences.settled(sequence);
    }
  }

  /** Opens a session if one is wanted, and keeps it alive. */
  advance(now: Millis, wanted: () => boolean): void {
    if (this.#state.kind === 'none' && wanted()) this.#open(now);
    if (this.#state.kind !== 'open' || now < this.#renewAt) return;
    const { session } = this.#state.sequences;
    this.#renewAt = Number.POSITIVE_INFINITY;
    const renew = encodeOperation({ type: 'sessionRenew', ids: [session] });
    this.#requests.ask({ kind: 'repeat', operation: renew }, SESSION_REQUEST_MS, now, (settlement) => {
      const reply = replyIn(settlement);
      if (reply?.type === 'sessionRenew' && reply.ttlsMs[0] === 0) return this.lost(session);
      if (this.#state.kind !== 'open' || this.#state.sequences.session !== session) return;
      const isRenewed = reply?.type === 'sessionRenew';
      this.#renewAt = now + (isRenewed ? this.#renewMs : Math.min(RENEW_AGAIN_MS, this.#renewMs));
    });
  }

  #open(now: Millis): void {
    const operation = encodeOperation({ type: 'sessionOpen', ttlMs: this.#ttlMs });
    const request = this.#requests.ask(
      { kind: 'repeat', operation },
      SESSION_REQUEST_MS,
      now,
      (settlement) => {
        const reply = replyIn(settlement);
        this.#state = { kind: 'none' };
        if (reply?.type === 'sessionOpen') {
          this.#state = { kind: 'open', sequences: new Sequences(reply.session) };
          this.#renewAt = now + this.#renewMs;
        } else if (settlement.ok) {
          this.#requests.refused(new QuorateError('FRAME_INVALID', 'the answer is not that to sessionOpen'));
        } else if (!this.#retry || !settlement.error.retryable) {
          this.#requests.refused(settlement.error);
        }
      },
    );
    // It may have been refused before this line, because the client's queue is full.
    if (this.#state.kind === 'none') this.#state = { kind: 'opening', request };
  }
}

function replyIn(settlement: Settlement): Reply | null {
  return settlement.ok && settlement.answer.type === 'written' ? settlement.answer.reply : null;
}
