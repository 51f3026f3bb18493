/** Rows about leases: they end neither early nor late, whatever becomes of leaders and clocks. */
import type { FaultNode } from '../faults/vocabulary.ts';
import { LATE_MS_MAX, LeaseAudit, putWith } from './lease-audit.ts';
import { E_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const TTL_MS = 1_500;
const KILLS = 3;
const TOGETHER = 8;
/** So long before their end. */
const EPSILON_MS = 150;
/** A clock that runs at two thirds: a lease on it lives one and a half times. */
const SLOWER_PERCENT = -33;
const FASTER_PERCENT = 50;
const DRIFT_MS = 6_000;

export const clockDrifts: Scenario = {
  row: 27,
  name: "the leader's clocks run at two thirds, then a follower's one and a half times as fast, monotonic ones too",
  promise: 'no lease ends early; late by at most half its time, a failover and 1 s; no change of leader',
  nodes: 3,
  needs: ['clockDrift'],
  operationsMin: 100,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    const sinceMs = stage.now;
    for (const [node, percent] of [[leader, SLOWER_PERCENT] as const, [follower, FASTER_PERCENT] as const]) {
      await stage.cluster.clockDrift(node, percent);
      const audit = await LeaseAudit.begin(stage, { holders: 8, lateShare: percent < 0 ? 0.5 : 0 });
      await stage.pass(DRIFT_MS);
      await audit.end(16);
      await stage.cluster.clockDrift(node, 0);
    }
    stage.proveHarm(4);
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
  },
};

export const leasesAcrossFailover: Scenario = {
  row: 29,
  name: `kill -9 of the leader ${EPSILON_MS} ms before ${TOGETHER} leases end, ${KILLS} times, beside one that is kept alive`,
  promise:
    'none ends early, and all within a failover and 1 s of their time; the one that is kept alive is not lost',
  nodes: 3,
  needs: ['kill9', 'restart'],
  operationsMin: 100,
  async play(stage) {
    const db = await stage.cluster.connect({ timeoutMs: 3_000 });
    const kept = await db.lease({ ttlMs: 2 * TTL_MS });
    const audit = await LeaseAudit.begin(stage, { holders: 0 });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const leader = await stage.cluster.leader();
      const ends = Array.from({ length: TOGETHER }, () => audit.one(TTL_MS));
      await stage.pass(TTL_MS - EPSILON_MS);
      audit.failover();
      await stage.cluster.kill9(leader);
      await Promise.all(ends);
      await stage.cluster.restart(leader);
    }
    await audit.end(KILLS * TOGETHER);
    stage.proveKills(KILLS);
    if (kept.lost.aborted)
      stage.complain(`the lease that was kept alive is lost: ${String(kept.lost.reason)}`);
    stage.measure('keys of the lease that is kept alive', (await db.leases.get(kept.id))?.keyCount ?? -1, {
      atLeast: 0,
    });
    await kept.revoke();
  },
};

export const leasesUnderAll: Scenario = {
  row: 64,
  name: 'leases while leaders are killed, stopped for 1.5 s, and moved by an hour, in turns',
  promise: 'none ends early, and all within their time, the failovers in it and 1 s',
  nodes: 3,
  needs: ['kill9', 'restart', 'pause', 'resume', 'clockJump'],
  operationsMin: 200,
  async play(stage) {
    const audit = await LeaseAudit.begin(stage, { holders: 12 });
    const { cluster } = stage;
    for (const direction of [1, -1]) {
      const killed = await broken(stage, audit, (leader) => cluster.kill9(leader));
      await cluster.restart(killed);
      await stage.pass(1_500);
      const paused = await broken(stage, audit, (leader) => cluster.pause(leader));
      await stage.pass(1_500);
      await cluster.resume(paused);
      await stage.pass(1_000);
      await cluster.clockJump(await cluster.leader(), direction * HOUR_MS);
      await stage.pass(1_500);
    }
    await audit.end(24);
    stage.proveKills(2);
    stage.provePauses(2);
    stage.proveHarm(2);
  },
};

/** The leader, and another leads by now. */
async function broken(
  stage: Stage,
  audit: LeaseAudit,
  fault: (leader: FaultNode) => Promise<void>,
): Promise<FaultNode> {
  const leader = await stage.cluster.leader();
  const sinceMs = stage.now;
  audit.failover();
  await fault(leader);
  await stage.ledByAnother(sinceMs, leader);
  return leader;
}

const CROWD = 20_000;
const CROWD_LANES = 256;
const PUTTING_LANES = 16;
/** Time enough to grant them all on a slow machine. */
const CROWD_LIVES_MS = 30_000;
/** Each so many-th has a key. */
const KEY_EVERY = 10;

export const leasesTogether: Scenario = {
  row: 65,
  name: `${CROWD} leases, each tenth with a key, that end in the same moment`,
  promise: 'no write waits longer than E, and all are gone within a failover and 1 s',
  nodes: 3,
  needs: [],
  operationsMin: 100,
  async play(stage) {
    const db = await stage.cluster.connect({ timeoutMs: 5_000 });
    const endMs = stage.now + CROWD_LIVES_MS;
    let begun = 0;
    const leases: bigint[] = [];
    const granting = async (): Promise<void> => {
      while (begun < CROWD) {
        begun += 1;
        leases.push(await db.leases.grant({ ttlMs: Math.max(100, Math.round(endMs - stage.now)) }));
      }
    };
    await Promise.all(Array.from({ length: CROWD_LANES }, granting));
    const withKeys = leases.filter((_, place) => place % KEY_EVERY === 0);
    const putting = async (_: unknown, lane: number): Promise<void> => {
      const client = stage.client({ name: `crowd-${lane}`, timeoutMs: 5_000, sessions: true });
      for (let lease = withKeys.pop(); lease !== undefined; lease = withKeys.pop())
        await client.ask({ type: 'write', operation: putWith(lease, `crowd/${lease}`) });
      await client.close();
    };
    await Promise.all(Array.from({ length: PUTTING_LANES }, putting));
    const grantedMs = stage.now;
    stage.prove('all were granted before the first could end', () => grantedMs < endMs);
    stage.measure('keys before', await keysOfCrowd(db), { atLeast: CROWD / KEY_EVERY });
    const sinceMs = endMs - 100;
    await stage.pass(endMs - stage.now);
    while (await someLease(db)) await stage.pass(20);
    stage.measureMs('all gone after', stage.now - endMs, { atMost: LATE_MS_MAX });
    stage.measureMs('longest gap', stage.gapSince(sinceMs), { atMost: E_MS });
    stage.measure('keys after', await keysOfCrowd(db), { atMost: 0 });
  },
};

type Database = Awaited<ReturnType<Stage['cluster']['connect']>>;

async function someLease(db: Database): Promise<boolean> {
  for await (const lease of db.leases.list()) return lease.id !== 0n;
  return false;
}

async function keysOfCrowd(db: Database): Promise<number> {
  let count = 0;
  for await (const entry of db.scan({ prefix: 'crowd/' }, { keysOnly: true }))
    count += entry.key === '' ? 0 : 1;
  return count;
}
