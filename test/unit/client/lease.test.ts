import { expect, test } from 'vitest';
import { Lease } from '../../../src/client/lease.ts';
import { QuorateError } from '../../../src/wire/errors.ts';

type Renewal = 'renewed' | QuorateError;

const NO_QUORUM = new QuorateError('NO_QUORUM', 'nobody leads');
const GONE = new QuorateError('LEASE_NOT_FOUND', 'it is gone');

/** Time by hand, and a cluster that says what the test says. */
class Cluster {
  time = 0;
  renewals: number[] = [];
  revoked = 0;
  ended = 0;
  word: Renewal = 'renewed';
  /** How long an answer takes. */
  answerMs = 0;
  #timer: { readonly at: number; readonly run: () => void } | null = null;

  hold(ttlMs: number, askedAt = 0): Lease {
    return new Lease(
      { id: 5n, ttlMs, askedAt },
      {
        now: () => this.time,
        schedule: (delayMs, run) => {
          const timer = { at: this.time + delayMs, run };
          this.#timer = timer;
          return () => {
            if (this.#timer === timer) this.#timer = null;
          };
        },
        renew: async () => {
          this.renewals.push(this.time);
          this.time += this.answerMs;
          if (this.word !== 'renewed') throw this.word;
        },
        revoke: async () => {
          this.revoked += 1;
          return 2;
        },
        ended: () => {
          this.ended += 1;
        },
      },
    );
  }

  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    while (this.#timer !== null && this.#timer.at <= until) {
      const { at, run } = this.#timer;
      this.#timer = null;
      this.time = Math.max(this.time, at);
      run();
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
    this.time = Math.max(this.time, until);
  }
}

test('a lease is renewed three times in its time to live, until it is revoked', async () => {
  const cluster = new Cluster();
  const lease = cluster.hold(3_000);
  await cluster.pass(3_500);
  expect(cluster.renewals).toEqual([1_000, 2_000, 3_000]);
  expect(await lease.revoke()).toBe(2);
  await cluster.pass(10_000);
  expect(cluster.renewals).toHaveLength(3);
  expect(lease.lost.aborted).toBe(false);
  expect(cluster.ended).toBe(1);
});

test('a renewal that fails is tried again; when none succeeds in time, the lease is lost before it may end', async () => {
  const cluster = new Cluster();
  const lease = cluster.hold(3_000);
  await cluster.pass(1_500);
  cluster.word = NO_QUORUM;
  await cluster.pass(2_400);
  expect(lease.lost.aborted).toBe(false);
  expect(cluster.renewals.length).toBeGreaterThan(5);
  // Renewed last at 1,000: it lives until 4,000 at least.
  await cluster.pass(110);
  expect(lease.lost.aborted).toBe(true);
  expect(lease.lost.reason).toMatchObject({ code: 'NO_QUORUM' });
  expect(cluster.time).toBeLessThanOrEqual(4_010);
});

test('its time counts from when a renewal was sent, not from its answer', async () => {
  const cluster = new Cluster();
  cluster.answerMs = 700;
  const lease = cluster.hold(3_000);
  await cluster.pass(1_000);
  cluster.word = NO_QUORUM;
  cluster.answerMs = 0;
  await cluster.pass(2_290);
  expect(lease.lost.aborted).toBe(false);
  await cluster.pass(50);
  expect(lease.lost.aborted).toBe(true);
});

test('a lease that the cluster has ended is lost at once', async () => {
  const cluster = new Cluster();
  const lease = cluster.hold(3_000);
  cluster.word = GONE;
  await cluster.pass(1_000);
  expect(lease.lost.reason).toBe(GONE);
  await lease[Symbol.asyncDispose]();
  expect(cluster.revoked).toBe(0);
});

test('a program that did not run for longer than the lease lives hears that it is lost, and asks nobody', async () => {
  const cluster = new Cluster();
  const lease = cluster.hold(3_000);
  cluster.time = 60_000;
  await cluster.pass(1);
  expect(cluster.renewals).toEqual([]);
  expect(lease.lost.reason).toMatchObject({ code: 'TIMEOUT' });
});
