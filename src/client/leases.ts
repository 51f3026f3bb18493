/** Leases without a handle: whoever knows the id may ask, renew and revoke. */
import type { LeaseInfo, Operation } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import { callLimits, checkNames, int64, leaseId, wholeNumber } from './checked-options.ts';
import type { Driver } from './driver.ts';
import { keyText } from './keys.ts';
import { Lease } from './lease.ts';
import type { CallOptions, GrantOptions } from './options.ts';
import { answerOf, replyOf } from './replies.ts';

/** A lease as it stood when the question was answered. */
export interface LeaseState {
  readonly id: bigint;
  readonly ttlMs: number;
  /** 0: it ends unless it is renewed first. */
  readonly remainingMs: number;
  /** How many keys hang on it. */
  readonly keyCount: number;
}

export interface LeaseDetails extends LeaseState {
  /** The first thousand of its keys, in key order. */
  readonly keys: readonly string[];
}

const NO_OPTIONS = {};

export class Leases {
  readonly #driver: Driver;
  readonly #timeoutMs: number;
  readonly #kept = new Set<Lease>();

  /** Programs use `db.leases`. */
  constructor(driver: Driver, timeoutMs: number) {
    this.#driver = driver;
    this.#timeoutMs = timeoutMs;
  }

  /** The same as `db.lease`. */
  async keep(options: GrantOptions): Promise<Lease> {
    const askedAt = this.#driver.now();
    const id = await this.grant(options);
    const lease = new Lease(
      { id, ttlMs: options.ttlMs, askedAt },
      {
        now: () => this.#driver.now(),
        schedule: (delayMs, run) => this.#driver.schedule(delayMs, run),
        renew: (...call) => this.renew(...call),
        revoke: (...call) => this.revoke(...call),
        ended: (ended) => this.#kept.delete(ended),
      },
    );
    this.#kept.add(lease);
    return lease;
  }

  /** The client is closed: nobody renews them from now on. */
  abandonAll(): void {
    const closed = new QuorateError('CLOSED', 'the client was closed');
    for (const lease of this.#kept) lease.abandon(closed);
  }

  /** A lease that nobody renews by itself; gives its id. `db.lease` keeps one alive. */
  async grant(options: GrantOptions): Promise<bigint> {
    checkNames('grant', options);
    // In the operation 0 says that one is to be made; nobody may choose it.
    const id = options.id === undefined ? 0n : leaseId('id', options.id);
    const ttlMs = wholeNumber('ttlMs', options.ttlMs, 1);
    const operation = encodeOperation({ type: 'leaseGrant', id, ttlMs });
    const answer = await this.#driver.call(
      { kind: 'write', operation },
      callLimits(options, this.#timeoutMs),
    );
    return replyOf('leaseGrant', answer).lease;
  }

  /** Gives it all of its time again, and says how long that is. Rejects with LEASE_NOT_FOUND when it is gone. */
  async renew(lease: bigint, options: CallOptions = NO_OPTIONS): Promise<number> {
    checkNames('call', options);
    const operation: Operation = { type: 'leaseRenew', ids: [int64('a lease', lease)] };
    const work = { kind: 'repeat', operation: encodeOperation(operation) } as const;
    const answer = await this.#driver.call(work, callLimits(options, this.#timeoutMs));
    const ttlMs = replyOf('leaseRenew', answer).ttlsMs[0] ?? 0;
    if (ttlMs === 0) throw leaseNotFound(lease);
    return ttlMs;
  }

  /** Ends it and deletes its keys, all as one revision; gives how many there were. */
  async revoke(lease: bigint, options: CallOptions = NO_OPTIONS): Promise<number> {
    checkNames('call', options);
    const operation = encodeOperation({ type: 'leaseRevoke', id: int64('a lease', lease) });
    const answer = await this.#driver.call(
      { kind: 'write', operation },
      callLimits(options, this.#timeoutMs),
    );
    return replyOf('leaseRevoke', answer).deleted;
  }

  /** Undefined when there is no such lease (any more). */
  async get(lease: bigint, options: CallOptions = NO_OPTIONS): Promise<LeaseDetails | undefined> {
    checkNames('call', options);
    const query = { type: 'leaseInspect', id: int64('a lease', lease) } as const;
    const { result } = answerOf('leaseInspect', await this.#read(query, options));
    return result.lease === null ? undefined : { ...result.lease, keys: result.keys.map(keyText) };
  }

  /** All of them, in the order of their ids; fetched page by page while they are consumed. */
  async *list(options: CallOptions = NO_OPTIONS): AsyncGenerator<LeaseState, void, undefined> {
    checkNames('call', options);
    let after: bigint | null = null;
    for (;;) {
      const answer = await this.#read({ type: 'leaseList', after, limit: 0 }, options);
      const { leases, more }: { leases: readonly LeaseInfo[]; more: boolean } = answerOf(
        'leaseList',
        answer,
      ).result;
      yield* leases;
      after = leases.at(-1)?.id ?? null;
      if (!more || after === null) return;
    }
  }

  #read(
    query: { type: 'leaseInspect'; id: bigint } | { type: 'leaseList'; after: bigint | null; limit: number },
    options: CallOptions,
  ): ReturnType<Driver['call']> {
    const work = { kind: 'read', level: 'linearizable', minRevision: 0, query } as const;
    return this.#driver.call(work, callLimits(options, this.#timeoutMs));
  }
}

function leaseNotFound(lease: bigint): QuorateError {
  return new QuorateError('LEASE_NOT_FOUND', `there is no lease ${lease} any more`);
}
