/**
 * What clients feel when the leader goes: one trial each of the violent and of the graceful way. The node is started
 * again and the cluster whole when a trial ends.
 *
 * @typedef {import('./local-cluster.mjs').LocalCluster} LocalCluster
 * @typedef {{ put(key: string, value: string): Promise<unknown> }} Writer
 */
import { waitFor } from './wait-for.mjs';

const WRITERS = 8;
/** How much traffic is watched before and after a graceful stop. */
const WRITES_AROUND = 200;
const PATIENCE_MS = 20_000;

/**
 * Milliseconds from SIGKILL of the leader to the first acknowledgement of a write begun after it.
 * @param {LocalCluster} cluster @param {Writer} db @returns {Promise<number>}
 */
export async function killLeaderTrial(cluster, db) {
  const leader = await cluster.leader();
  const killedAt = performance.now();
  const gone = leader.kill9();
  await firstAcknowledged(db, killedAt + PATIENCE_MS);
  const failoverMs = performance.now() - killedAt;
  await gone;
  await leader.start();
  await wholeAgain(cluster);
  return failoverMs;
}

/** @param {Writer} db @param {number} deadline */
async function firstAcknowledged(db, deadline) {
  for (;;) {
    try {
      return await db.put('failover/kill', 'x');
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

/**
 * SIGTERM to the leader while writers never rest: the slowest write, the longest time without any acknowledgement,
 * and every error that a caller saw.
 * @param {LocalCluster} cluster @param {Writer} db
 * @returns {Promise<{ slowestWriteMs: number, longestGapMs: number, writes: number, errors: string[] }>}
 */
export async function stopLeaderTrial(cluster, db) {
  const leader = await cluster.leader();
  const traffic = new Traffic(db);
  await traffic.acknowledge(WRITES_AROUND);
  traffic.watch();
  await leader.stop();
  await traffic.acknowledge(WRITES_AROUND);
  const felt = await traffic.end();
  await leader.start();
  await wholeAgain(cluster);
  return felt;
}

/** Writers that write one after the other without rest, and what they felt since `watch`. */
class Traffic {
  #running = true;
  #writes = 0;
  #slowestWriteMs = 0;
  #longestGapMs = 0;
  #lastAt = performance.now();
  /** @type {string[]} */
  #errors = [];
  #lanes;

  /** @param {Writer} db */
  constructor(db) {
    this.#lanes = Array.from({ length: WRITERS }, (_, lane) => this.#write(db, `failover/stop/${lane}`));
  }

  watch() {
    this.#writes = 0;
    this.#slowestWriteMs = 0;
    this.#longestGapMs = 0;
    this.#errors = [];
  }

  /** Until so many more writes are acknowledged. @param {number} count */
  async acknowledge(count) {
    const goal = this.#writes + count;
    await waitFor(`${count} writes`, () => (this.#writes >= goal ? true : undefined), PATIENCE_MS);
  }

  async end() {
    this.#running = false;
    await Promise.all(this.#lanes);
    return {
      slowestWriteMs: this.#slowestWriteMs,
      longestGapMs: this.#longestGapMs,
      writes: this.#writes,
      errors: this.#errors,
    };
  }

  /** @param {Writer} db @param {string} key */
  async #write(db, key) {
    while (this.#running) {
      const begunAt = performance.now();
      try {
        await db.put(key, 'x');
        this.#acknowledged(begunAt, performance.now());
      } catch (error) {
        this.#errors.push(String(error));
      }
    }
  }

  /** @param {number} begunAt @param {number} now */
  #acknowledged(begunAt, now) {
    this.#writes += 1;
    this.#slowestWriteMs = Math.max(this.#slowestWriteMs, now - begunAt);
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAt);
    this.#lastAt = now;
  }
}

/** Every node follows the same leader and has applied what it has. @param {LocalCluster} cluster */
async function wholeAgain(cluster) {
  await waitFor('the cluster whole again', async () => {
    const statuses = await Promise.all(cluster.nodes.map((node) => node.status()));
    const leaders = new Set(statuses.map((status) => status.leader));
    const applied = new Set(statuses.map((status) => status.appliedIndex));
    return leaders.size === 1 && !leaders.has(null) && applied.size === 1 ? true : undefined;
  });
}
