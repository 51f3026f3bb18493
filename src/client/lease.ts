import { QuorateError } from '../wire/errors.ts';

/** What a lease needs of the client that holds it. */
export interface LeaseHolder {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  schedule(delayMs: number, run: () => void): () => void;
  renew(lease: bigint, options: { readonly timeoutMs: number }): Promise<unknown>;
  revoke(lease: bigint): Promise<number>;
  /** It is not kept alive any more. */
  ended(lease: Lease): void;
}

export interface Granted {
  readonly id: bigint;
  readonly ttlMs: number;
  /** When it was asked for. */
  readonly askedAt: number;
}

/** Renewals in a time to live: two may fail before it is over. */
export const RENEWALS_PER_TTL = 3;
/** Between attempts after one that failed, as a share of the time to live. */
const AGAIN_PER_TTL = 10;

/**
 * A lease that is kept alive. It lives at least until its time to live has passed since the last renewal that succeeded
 * was sent, by this program's clock; when that moment comes without another, `lost` says so, although the cluster may
 * keep it a little longer.
 *
 *   granted ──► renewed every third of its time ──► revoked, or lost
 */
export class Lease implements AsyncDisposable {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly #holder: LeaseHolder;
  readonly #lost = new AbortController();
  #livesUntil: number;
  #cancelTimer: () => void = () => {};
  /** Of the last attempt, if it failed. */
  #failure: QuorateError | null = null;
  #ended = false;

  /** Programs use `db.lease`. */
  constructor({ id, ttlMs, askedAt }: Granted, holder: LeaseHolder) {
    this.id = id;
    this.ttlMs = ttlMs;
    this.#holder = holder;
    this.#livesUntil = askedAt + ttlMs;
    this.#renewIn(ttlMs / RENEWALS_PER_TTL);
  }

  /** Aborts when the lease can no longer be relied on; its reason is a QuorateError. Not when it was revoked here. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Ends it and deletes its keys; gives how many there were. */
  async revoke(): Promise<number> {
    this.#end();
    return await this.#holder.revoke(this.id);
  }

  /** Revokes it. When that fails, it ends by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    await this.revoke().catch((error: unknown) => {
      if (!QuorateError.is(error)) throw error;
    });
  }

  /** Is not kept alive from now on. */
  abandon(reason: QuorateError): void {
    if (this.#ended) return;
    this.#end();
    this.#lost.abort(reason);
  }

  #end(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#holder.ended(this);
  }

  #renewIn(delayMs: number): void {
    const leftMs = this.#livesUntil - this.#holder.now();
    this.#cancelTimer = this.#holder.schedule(
      Math.max(1, Math.min(delayMs, leftMs)),
      () => void this.#renew(),
    );
  }

  async #renew(): Promise<void> {
    const askedAt = this.#holder.now();
    const timeoutMs = this.#livesUntil - askedAt;
    if (timeoutMs <= 0) return this.abandon(notRenewed(this.id, this.#failure));
    try {
      await this.#holder.renew(this.id, { timeoutMs });
      this.#livesUntil = askedAt + this.ttlMs;
      this.#failure = null;
      if (!this.#ended) this.#renewIn(this.ttlMs / RENEWALS_PER_TTL);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#ended) return;
    const told = QuorateError.is(error)
      ? error
      : new QuorateError('INTERNAL', String(error), { cause: error });
    if (told.code === 'LEASE_NOT_FOUND') return this.abandon(told);
    if (!told.retryable || this.#holder.now() >= this.#livesUntil) {
      return this.abandon(notRenewed(this.id, told));
    }
    this.#failure = told;
    this.#renewIn(this.ttlMs / AGAIN_PER_TTL);
  }
}

function notRenewed(id: bigint, cause: QuorateError | null): QuorateError {
  const why = cause === null ? 'this program did not run for too long' : cause.message;
  const message = `lease ${id} could not be renewed in time: ${why}`;
  return new QuorateError(cause?.code ?? 'TIMEOUT', message, { cause: cause ?? undefined });
}
