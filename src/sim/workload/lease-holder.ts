/**
 * A client that holds one lease after the other, and audits them (SPEC 4): by the kernel's clock, no lease ends before
 * its time to live has passed since the last renewal that succeeded was sent. It stops renewing now and then, as if it
 * had died, and then looks on until its key is gone.
 *
 *   grant ─► put keys with it ─► renew, renew, … ─► silence ─► the keys are gone, at once and not too early
 */
import { isLeaseResult } from '../../kv/lease-operation.ts';
import type { Driver } from '../../client/driver.ts';
import type { Answer, Work } from '../../client/engine/request.ts';
import type { Operation } from '../../kv/operation.ts';
import { QuorateError } from '../../wire/errors.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import { LawBroken } from '../laws/law.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { Recording } from './recorded-client.ts';

const TTLS_MS = [150, 600, 2_000] as const;
const CALL_MS = 3_000;
const LOOK_EVERY_MS = 60;
const RENEWALS_MAX = 6;

/** A lease whose keys were there, until when it lives for sure. */
interface Held {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly keys: readonly Uint8Array[];
  livesUntil: number;
}

export class LeaseHolder {
  readonly #name: string;
  readonly #driver: Driver;
  readonly #draws: RandomStream;
  readonly #recording: Recording;
  #working = false;
  #busy = false;
  /** Leases that were seen to end. */
  #ends = 0;

  constructor(name: string, driver: Driver, draws: RandomStream, recording: Recording) {
    this.#name = name;
    this.#driver = driver;
    this.#draws = draws;
    this.#recording = recording;
  }

  get ends(): number {
    return this.#ends;
  }

  work(): void {
    this.#working = true;
    if (this.#busy) return;
    this.#busy = true;
    this.#holdOneAfterTheOther()
      .catch((error: unknown) => this.#recording.broken(error))
      .finally(() => {
        this.#busy = false;
      });
  }

  rest(): void {
    this.#working = false;
  }

  async #holdOneAfterTheOther(): Promise<void> {
    for (let round = 1; this.#working; round += 1) {
      const held = await this.#take(round);
      if (held === null) await this.#pause(200);
      else await this.#live(held);
    }
  }

  async #take(round: number): Promise<Held | null> {
    const ttlMs = this.#draws.pick(TTLS_MS);
    const livesUntil = this.#now() + ttlMs;
    const granted = await this.#write({ type: 'leaseGrant', id: 0n, ttlMs });
    if (granted?.type !== 'written' || granted.reply.type !== 'leaseGrant') return null;
    const keys = ['a', 'b'].map((end) => Buffer.from(`l/${this.#name}/${round}${end}`));
    const { lease } = granted.reply;
    const held = { id: lease, ttlMs, keys, livesUntil };
    for (const key of keys) {
      const put = { type: 'put', key, value: key, conditions: [], returnPrevious: false, lease } as const;
      const answer = await this.#write(put);
      if (answer?.type !== 'written') return null;
      if (answer.reply.type === 'put') continue;
      this.#mayBeGone(held, 'a put was refused');
      return null;
    }
    return held;
  }

  async #live(held: Held): Promise<void> {
    for (let left = this.#draws.below(RENEWALS_MAX); left > 0 && this.#working; left -= 1) {
      await this.#pause(held.ttlMs / 3);
      if (!(await this.#renew(held))) return;
    }
    while (this.#working) {
      const there = await this.#isThere(held);
      if (there === false) {
        this.#mayBeGone(held, 'its key is gone');
        this.#ends += 1;
        return;
      }
      await this.#pause(LOOK_EVERY_MS);
    }
  }

  /** False when the lease is gone. */
  async #renew(held: Held): Promise<boolean> {
    const livesUntil = this.#now() + held.ttlMs;
    const operation = encodeOperation({ type: 'leaseRenew', ids: [held.id] });
    const answer = await this.#ask({ kind: 'repeat', operation });
    if (answer?.type !== 'written' || answer.reply.type !== 'leaseRenew') return true;
    if (answer.reply.ttlsMs[0] === 0) {
      this.#mayBeGone(held, 'a renewal was refused');
      return false;
    }
    held.livesUntil = Math.max(held.livesUntil, livesUntil);
    return true;
  }

  /** null when nobody answered. */
  async #isThere({ id, keys }: Held): Promise<boolean | null> {
    const query = { type: 'get', keys } as const;
    const answer = await this.#ask({ kind: 'read', level: 'linearizable', minRevision: 0, query });
    if (answer?.type !== 'answer' || isLeaseResult(answer.result) || answer.result.type !== 'get')
      return null;
    const there = answer.result.records.filter((record) => record !== null);
    if (there.length > 0 && there.length < keys.length) {
      const sentence = `${there.length} of ${keys.length} keys of lease ${id} are there`;
      throw new LawBroken('the keys of a lease go at once', null, this.#now(), sentence);
    }
    return there.length > 0;
  }

  #mayBeGone({ id, livesUntil, ttlMs }: Held, how: string): void {
    const earlyMs = livesUntil - this.#now();
    if (earlyMs <= 0) return;
    const sentence = `${how}: lease ${id} of ${ttlMs} ms ended ${earlyMs.toFixed(1)} ms early`;
    throw new LawBroken('a lease never ends early', null, this.#now(), sentence);
  }

  #write(operation: Operation): Promise<Answer | null> {
    return this.#ask({ kind: 'write', operation: encodeOperation(operation) });
  }

  async #ask(work: Work): Promise<Answer | null> {
    try {
      return await this.#driver.call(work, { timeoutMs: CALL_MS, signal: undefined });
    } catch (error) {
      if (QuorateError.is(error)) return null;
      throw error;
    }
  }

  #now(): number {
    return this.#recording.kernel.now();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#recording.kernel.schedule(ms, () => {
        this.#recording.kernel.promised();
        resolve();
      });
    });
  }
}
