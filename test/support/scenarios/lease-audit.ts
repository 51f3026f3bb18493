/**
 * Holders of leases that check SPEC 4 from outside, by the one clock of this process:
 *
 *   grant ─► put two keys with it ─► renew, renew, … ─► silence ─► both keys are gone, at once
 *
 *   not before    its time to live after the last renewal that succeeded was sent
 *   not after     its time to live, one failover and a second after the last renewal was answered
 *
 * What is put is recorded, so that the checkers see from the log which keys there must be.
 */
import { QuorateError } from '../../../src/client/index.ts';
import type { Condition, Operation } from '../../../src/kv/operation.ts';
import type { Database } from '../cluster.ts';
import type { RecordingClient } from './recording-client.ts';
import { E_MS } from './scenario.ts';
import type { Stage } from './stage.ts';

/** "One failover" of SPEC 1, and the second that comes on top. */
export const FAILOVER_MS: number = 2 * E_MS;
export const LATE_MS_MAX: number = FAILOVER_MS + 1_000;
const TTLS_MS = [300, 800, 1_500] as const;
const RENEWALS_MAX = 5;
const LOOK_EVERY_MS = 30;
const CALL_MS = 3_000;
/** A lease that lives on for so long is not going to end. */
const PATIENCE_MS = 20_000;

interface Held {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly keys: readonly string[];
  livesUntilMs: number;
  /** When its last renewal had been decided for sure. */
  renewedByMs: number;
}

export interface AuditOptions {
  readonly holders: number;
  /** By how much it may end later than its time, beside failovers and the second, as a share of it. @default 0 */
  readonly lateShare?: number;
}

export class LeaseAudit {
  readonly #stage: Stage;
  readonly #db: Database;
  readonly #lateShare: number;
  readonly #failoversMs: number[] = [];
  #holding: readonly Promise<void>[] = [];
  #open = true;
  #granted = 0;
  #clients = 0;
  #ends = 0;
  #latestMs = 0;

  private constructor(stage: Stage, db: Database, { lateShare = 0 }: Pick<AuditOptions, 'lateShare'>) {
    this.#stage = stage;
    this.#db = db;
    this.#lateShare = lateShare;
  }

  /** Each holder has one lease after the other, until the audit ends. */
  static async begin(stage: Stage, options: AuditOptions): Promise<LeaseAudit> {
    const db = await stage.cluster.connect({ timeoutMs: CALL_MS });
    const audit = new LeaseAudit(stage, db, options);
    audit.#holding = Array.from({ length: options.holders }, (_, place) => audit.#hold(place));
    return audit;
  }

  /** Now nobody can lead for a while. */
  failover(): void {
    this.#failoversMs.push(this.#stage.now);
  }

  /** A lease that nobody renews, from its grant to its end; null when it could not be granted. */
  async one(ttlMs: number): Promise<null | 'ended'> {
    const client = this.#client();
    const held = await this.#take(client, ttlMs);
    await client.close();
    if (held === null) return null;
    await this.#watchEnd(held);
    return 'ended';
  }

  /** What was seen, once all holders have seen the last of their leases end. */
  async end(endsMin: number): Promise<void> {
    this.#open = false;
    await Promise.all(this.#holding);
    this.#stage.measure('leases that ended', this.#ends, { atLeast: endsMin });
    this.#stage.measureMs('latest end, after its time', this.#latestMs, { atMost: LATE_MS_MAX });
  }

  async #hold(place: number): Promise<void> {
    const client = this.#client();
    let round = place;
    while (this.#open) {
      round += 1;
      const held = await this.#take(client, TTLS_MS[round % TTLS_MS.length] ?? 0);
      if (held === null) continue;
      let alive = true;
      for (let renewals = round % RENEWALS_MAX; renewals > 0 && alive && this.#open; renewals -= 1) {
        await this.#stage.pass(held.ttlMs / 3);
        alive = await this.#renew(held);
      }
      if (alive) await this.#watchEnd(held);
    }
    await client.close();
  }

  #client(): RecordingClient {
    this.#clients += 1;
    return this.#stage.client({ name: `holder-${this.#clients}`, timeoutMs: CALL_MS, sessions: true });
  }

  async #take(client: RecordingClient, ttlMs: number): Promise<Held | null> {
    const name = `audit/lease/${(this.#granted += 1)}`;
    const keys = [`${name}/a`, `${name}/b`];
    const livesUntilMs = this.#stage.now + ttlMs;
    const id = await told(() => this.#db.leases.grant({ ttlMs }));
    if (id instanceof QuorateError) return null;
    const held = { id, ttlMs, keys, livesUntilMs, renewedByMs: this.#stage.now };
    for (const key of keys) {
      const heard = await client.ask({ type: 'write', operation: putWith(id, key) });
      if (heard.type !== 'written') return null;
      if (heard.reply.type === 'put') continue;
      this.#isGone(held, 'a put was refused');
      return null;
    }
    return held;
  }

  /** False when the lease is gone. */
  async #renew(held: Held): Promise<boolean> {
    const livesUntilMs = this.#stage.now + held.ttlMs;
    const renewed = await told(() => this.#db.leases.renew(held.id));
    held.renewedByMs = this.#stage.now;
    if (!(renewed instanceof QuorateError)) held.livesUntilMs = livesUntilMs;
    else if (renewed.code === 'LEASE_NOT_FOUND') this.#isGone(held, 'a renewal was refused');
    // It may still be decided by a leader that has it.
    else held.renewedByMs += FAILOVER_MS;
    return !(renewed instanceof QuorateError && renewed.code === 'LEASE_NOT_FOUND');
  }

  async #watchEnd(held: Held): Promise<void> {
    const untilMs = this.#stage.now + held.ttlMs + PATIENCE_MS;
    while (this.#stage.now < untilMs) {
      const records = await told(() => this.#db.getMany(held.keys));
      if (!(records instanceof QuorateError)) {
        const there = records.filter((record) => record !== undefined).length;
        if (there === 0) return this.#ended(held);
        if (there < held.keys.length) this.#stage.complain(`${there} keys of lease ${held.id} were left`);
      }
      await this.#stage.pass(LOOK_EVERY_MS);
    }
    this.#stage.complain(`lease ${held.id} of ${held.ttlMs} ms did not end`);
  }

  #ended(held: Held): void {
    this.#isGone(held, 'its keys were gone');
    this.#ends += 1;
    const nowMs = this.#stage.now;
    const dueMs = held.renewedByMs + held.ttlMs * (1 + this.#lateShare);
    const failovers = this.#failoversMs.filter(
      (at) => at > held.renewedByMs - FAILOVER_MS && at < nowMs,
    ).length;
    // One is in the promise; in the time of each further one it cannot end either.
    const lateMs = nowMs - dueMs - Math.max(0, failovers - 1) * FAILOVER_MS;
    this.#latestMs = Math.max(this.#latestMs, lateMs);
  }

  #isGone({ id, ttlMs, livesUntilMs }: Held, how: string): void {
    const earlyMs = livesUntilMs - this.#stage.now;
    if (earlyMs > 0)
      this.#stage.complain(`${how}: lease ${id} of ${ttlMs} ms ended ${Math.ceil(earlyMs)} ms early`);
  }
}

export function putWith(lease: bigint, name: string, conditions: readonly Condition[] = []): Operation {
  const key = new TextEncoder().encode(name);
  return { type: 'put', key, value: key, conditions, returnPrevious: false, lease };
}

async function told<Answer>(call: () => Promise<Answer>): Promise<Answer | QuorateError> {
  try {
    return await call();
  } catch (error) {
    if (QuorateError.is(error)) return error;
    throw error;
  }
}
