import { expect, test } from 'vitest';

import { QuorateError } from '../../src/client/index.ts';
import { caughtUp, stateOf } from '../support/agreement.ts';
import { startCluster, type Cluster, type LocalNode } from '../support/cluster.ts';
import { Milestones, type Milestone } from '../support/milestones.ts';
import { milliseconds, report } from '../support/report.ts';
import { WireClient } from '../support/wire-client.ts';
import { get, increment, valueIn } from '../support/wire-requests.ts';

const ROUNDS = 10_000;
const LANES = 16;
const KEY = 'hits';
const PATIENCE_MS = 20_000;

test('ten thousand times: what one node acknowledged, a linearizable get through another one sees', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const nodes = new Connections(cluster.nodes);
  const faults = new Milestones([killLeader(cluster, 1 / 3), killLeader(cluster, 2 / 3)], ROUNDS, LANES);
  const acknowledged = new Set<number>();
  const violations: string[] = [];
  let issued = 0;
  let unknown = 0;
  let highest = 0;
  const startedAt = performance.now();

  /** One increment through one node, tried until one is acknowledged; `through` is that node's number. */
  const incrementOnce = async (
    round: number,
  ): Promise<{ readonly value: number; readonly through: number }> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (let through = round; ; through += 1) {
      try {
        const { reply } = await (await nodes.connection(through)).write(increment(KEY));
        if (reply.type !== 'increment') throw new Error(`answered with ${reply.type}`);
        return { value: Number(reply.value), through };
      } catch (error) {
        if (!QuorateError.is(error) || performance.now() > deadline) throw error;
        if (error.outcome === 'unknown') unknown += 1;
      }
    }
  };

  const readThroughAnother = async (writer: number): Promise<number> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const reader = await nodes.connection(writer + 1 + (attempt % (cluster.nodes.length - 1)));
        return Number(valueIn(await reader.read(get(KEY))));
      } catch (error) {
        if (!QuorateError.is(error) || performance.now() > deadline) throw error;
      }
    }
  };

  const lane = async (): Promise<void> => {
    while (issued < ROUNDS) {
      issued += 1;
      const round = issued;
      await faults.before(round);
      const { value, through } = await incrementOnce(round);
      if (acknowledged.has(value)) violations.push(`round ${round}: ${value} was acknowledged twice`);
      acknowledged.add(value);
      highest = Math.max(highest, value);
      faults.acknowledged(acknowledged.size);
      const floor = highest;
      const seen = await readThroughAnother(through);
      if (seen < floor) violations.push(`round ${round}: read ${seen} after ${floor} was acknowledged`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await faults.done();

  report(
    `${ROUNDS} increments and gets in ${milliseconds(performance.now() - startedAt)}, leader killed at ` +
      `${faults.reachedAt.join(' and ')}, ${unknown} unknown outcomes, counter at ${highest}`,
  );
  expect(violations).toEqual([]);
  expect(acknowledged.size).toBe(ROUNDS);
  const final = await readThroughAnother(0);
  expect(final).toBeGreaterThanOrEqual(ROUNDS);
  expect(final).toBeLessThanOrEqual(ROUNDS + unknown);
  const states = (await caughtUp(cluster)).map(stateOf);
  expect(new Set(states).size, states.join('\n')).toBe(1);
  nodes.close();
});

function killLeader(cluster: Cluster, share: number): Milestone {
  return {
    share,
    async act() {
      const leader = await cluster.leader();
      await leader.kill9();
      await cluster.leader();
      await leader.start();
    },
  };
}

/** One connection a node, opened when first needed and again when it broke. */
class Connections {
  readonly #nodes: readonly LocalNode[];
  readonly #open = new Map<LocalNode, Promise<WireClient>>();

  constructor(nodes: readonly LocalNode[]) {
    this.#nodes = nodes;
  }

  /** Consecutive numbers give different nodes. */
  async connection(number: number): Promise<WireClient> {
    const node = this.#nodes[number % this.#nodes.length];
    if (node === undefined) throw new Error('no nodes');
    const current = this.#open.get(node);
    const known = await current?.catch(() => null);
    if (known?.open) return known;
    // Another lane may have found it broken first.
    if (this.#open.get(node) !== current) return await this.connection(number);
    const fresh = WireClient.open(node);
    this.#open.set(node, fresh);
    return await fresh;
  }

  close(): void {
    for (const client of this.#open.values()) void client.then((each) => each.close()).catch(() => {});
  }
}
