/**
 * A client that holds one lease after the other, and audits them (SPEC 4): by true time, no lease ends before its time to
 * live has passed since the last renewal that succeeded was sent. It renews in good time, or at the last moment; takes a
 * key back from the lease, or gives the lease up; stops renewing, as if it had died, and looks on until the keys are gone.
 *
 *   grant ─► put keys with it ─► renew, renew, … ─► silence ─► the keys are gone, at once and not too early
 *
 * What it does to its keys is recorded: the checkers see from the log which keys there must be.
 */
import { isLeaseResult } from '../../kv/lease-operation.ts';
import type { Driver } from '../../client/driver.ts';
import type { Answer, Work } from '../../client/engine/request.ts';
import type { Operation, TxnStep } from '../../kv/operation.ts';
import { QuorateError } from '../../wire/errors.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import { LawBroken } from '../laws/law.ts';
import type { RandomStream } from '../kernel/random.ts';
import { RecordedCaller } from './recorded-caller.ts';
import type { Recording } from './recorded-caller.ts';

const TTLS_MS = [150, 600, 2_000] as const;
const CALL_MS = 3_000;
const RENEWALS_MAX = 6;
const KEYS = ['a', 'b', 'c', 'd'] as const;
/** A renewal at the last moment comes so much before the end, or after it. */
const LAST_MOMENT_MS = 60;
/** A look before the end comes so close to it. */
const CLOSE_MS = 8;

export interface HolderWorld {
  readonly driver: Driver;
  /** Between two looks at most. */
  readonly lookMsMax: number;
  /** By how much leaders' clocks may have run ahead of true time in between. */
  aheadMs(this: void, fromMs: number, toMs: number): number;
}

/** A lease whose keys were there, until when it lives for sure. */
interface Held {
  readonly id: bigint;
  readonly ttlMs: number;
  /** Those that hang on it. */
  keys: readonly Uint8Array[];
  /** When the last renewal that succeeded was sent. */
  renewedAt: number;
}

export class LeaseHolder {
  readonly #name: string;
  readonly #world: HolderWorld;
  readonly #caller: RecordedCaller;
  readonly #draws: RandomStream;
  readonly #recording: Recording;
  #working = false;
  #busy = false;
  /** After a write that nobody heard of, other keys: it may come late. */
  #lives = 0;
  #values = 0;

  constructor(name: string, world: HolderWorld, draws: RandomStream, recording: Recording) {
    this.#name = name;
    this.#world = world;
    this.#caller = new RecordedCaller(`${name}l`, world.driver, recording);
    this.#draws = draws;
    this.#recording = recording;
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

  get open(): number {
    return this.#caller.open;
  }

  async #holdOneAfterTheOther(): Promise<void> {
    while (this.#working) {
      const held = await this.#take();
      if (held === null) await this.#pause(200);
      else await this.#live(held);
    }
  }

  async #take(): Promise<Held | null> {
    const ttlMs = this.#draws.pick(TTLS_MS);
    const renewedAt = this.#now();
    const operation = encodeOperation({ type: 'leaseGrant', id: 0n, ttlMs });
    const granted = await this.#unrecorded({ kind: 'write', operation });
    if (granted?.type !== 'written' || granted.reply.type !== 'leaseGrant') return null;
    const { lease } = granted.reply;
    const keys = KEYS.slice(0, this.#draws.between(1, KEYS.length)).map((end) => this.#key(end));
    const held = { id: lease, ttlMs, keys, renewedAt };
    const puts = keys.map((key) => this.#put(key, lease));
    const txn = { type: 'txn', when: [], do: puts, otherwise: [] } as const;
    for (const write of this.#draws.chance(30) ? [txn] : puts) {
      if (!(await this.#writeTo(held, write))) return null;
    }
    return held;
  }

  async #live(held: Held): Promise<void> {
    for (let left = this.#draws.below(RENEWALS_MAX); left > 0 && this.#working; left -= 1) {
      await this.#pause(this.#draws.chance(60) ? held.ttlMs / 3 : this.#untilLastMoment(held));
      if (!(await this.#renew(held))) return;
    }
    if (this.#draws.chance(40) && !(await this.#putAgain(held))) return;
    if (this.#draws.chance(40) && !(await this.#takeBack(held))) return;
    if (this.#draws.chance(15) && !(await this.#revoke(held))) return;
    if (this.#draws.chance(50)) {
      await this.#pause(held.renewedAt + held.ttlMs - this.#now() - this.#draws.between(1, CLOSE_MS));
    }
    while (this.#working && (await this.#isThere(held)) !== false) {
      await this.#pause(this.#draws.below(this.#world.lookMsMax));
    }
  }

  #untilLastMoment({ renewedAt, ttlMs }: Held): number {
    return renewedAt + ttlMs - this.#now() + this.#draws.between(-LAST_MOMENT_MS, LAST_MOMENT_MS);
  }

  /** False when the lease is gone. */
  async #renew(held: Held): Promise<boolean> {
    const sentAt = this.#now();
    const operation = encodeOperation({ type: 'leaseRenew', ids: [held.id] });
    const answer = await this.#unrecorded({ kind: 'repeat', operation });
    if (answer?.type !== 'written' || answer.reply.type !== 'leaseRenew') return true;
    if (answer.reply.ttlsMs[0] === 0) {
      this.#mayBeGone(held, 'a renewal was refused');
      return false;
    }
    held.renewedAt = Math.max(held.renewedAt, sentAt);
    return true;
  }

  /** A key is put once more, and keeps its lease. False when nobody knows. */
  async #putAgain(held: Held): Promise<boolean> {
    const key = this.#draws.pick(held.keys);
    return await this.#writeTo(held, { ...this.#put(key), conditions: [{ type: 'present' }], lease: 'keep' });
  }

  /** One key hangs on the lease no more, or is gone before it. False when nobody knows. */
  async #takeBack(held: Held): Promise<boolean> {
    const key = this.#draws.pick(held.keys);
    const target = { start: key, end: null };
    const remove = { type: 'delete', target, conditions: [], returnPrevious: false } as const;
    if (!(await this.#writeTo(held, this.#draws.chance(70) ? this.#put(key) : remove))) return false;
    held.keys = held.keys.filter((each) => each !== key);
    return true;
  }

  /** False when the lease is gone, and when nobody knows. */
  async #revoke({ id }: Held): Promise<boolean> {
    const operation = encodeOperation({ type: 'leaseRevoke', id });
    const answer = await this.#unrecorded({ kind: 'write', operation });
    if (answer?.type !== 'written') return false;
    // What is there now, the checkers judge.
    await this.#look();
    return false;
  }

  /** Of the keys that hang on it; null when nobody answered. */
  async #isThere(held: Held): Promise<boolean | null> {
    const found = await this.#look();
    if (found === null) return null;
    const there = found.filter((lease) => lease === held.id).length;
    if (there === 0) this.#mayBeGone(held, 'its keys are gone');
    if (there === 0 || there === held.keys.length) return there > 0;
    const sentence = `${there} of ${held.keys.length} keys of lease ${held.id} are there`;
    throw new LawBroken('the keys of a lease go at once', null, this.#now(), sentence);
  }

  /** The leases of its own keys that there are. */
  async #look(): Promise<readonly bigint[] | null> {
    const query = { type: 'get', keys: KEYS.map((end) => this.#key(end)) } as const;
    const asked = { type: 'read', query, level: 'linearizable', minRevision: 0 } as const;
    const answer = await this.#caller.ask(asked, CALL_MS);
    if (answer?.type !== 'answer' || isLeaseResult(answer.result) || answer.result.type !== 'get')
      return null;
    return answer.result.records.flatMap((record) => (record === null ? [] : [record.lease]));
  }

  #mayBeGone({ id, renewedAt, ttlMs, keys }: Held, how: string): void {
    const nowMs = this.#now();
    const earlyMs = renewedAt + ttlMs - nowMs - this.#world.aheadMs(renewedAt, nowMs);
    if (earlyMs <= 0 || keys.length === 0) return;
    const sentence = `${how}: lease ${id} of ${ttlMs} ms ended ${earlyMs.toFixed(1)} ms early`;
    throw new LawBroken('a lease never ends early', null, nowMs, sentence);
  }

  /** False when it was refused, because the lease is gone, or when nobody knows. */
  async #writeTo(held: Held, operation: Operation): Promise<boolean> {
    const answer = await this.#caller.ask({ type: 'write', operation }, CALL_MS);
    if (answer?.type !== 'written') {
      this.#lives += 1;
      return false;
    }
    if (answer.reply.type !== 'failure') return true;
    this.#mayBeGone(held, `a ${operation.type} was refused`);
    return false;
  }

  async #unrecorded(work: Work): Promise<Answer | null> {
    try {
      return await this.#world.driver.call(work, { timeoutMs: CALL_MS, signal: undefined });
    } catch (error) {
      if (QuorateError.is(error)) return null;
      throw error;
    }
  }

  #key(end: string): Uint8Array {
    return Buffer.from(`l/${this.#name}/${this.#lives}${end}`);
  }

  /** Without a lease, it hangs on none. */
  #put(key: Uint8Array, lease?: bigint): Extract<TxnStep, { type: 'put' }> {
    this.#values += 1;
    const value = Buffer.from(`${this.#name}.${this.#values}`);
    const put = { type: 'put', key, value, conditions: [], returnPrevious: false } as const;
    return lease === undefined ? put : { ...put, lease };
  }

  #now(): number {
    return this.#recording.kernel.now();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#recording.kernel.schedule(Math.max(0, ms), () => {
        this.#recording.kernel.promised();
        resolve();
      });
    });
  }
}
