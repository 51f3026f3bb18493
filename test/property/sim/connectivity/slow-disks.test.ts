/** Whole nodes whose every sync takes about as long as an election timeout, or longer (an overloaded machine). */
import { describe, expect, test } from 'vitest';
import type { Span } from '../../../../src/sim/disk/index.ts';
import { LinkedCluster } from './linked-cluster.ts';

const DEFAULT = { heartbeatMs: 50, electionTimeoutMinMs: 300, electionTimeoutMaxMs: 600 };
const LOADED: Span = { minMs: 250, maxMs: 450 };
const OVERLOADED: Span = { minMs: 780, maxMs: 820 };
const SOUND: Span = { minMs: 0.3, maxMs: 3 };

/** Starting is a dozen syncs. */
const START_MS = 8_000;
/** The election timeout that src/raft/pace.ts makes of the default and of such syncs. */
const eMs = ({ maxMs }: Span): number => 600 + 4 * Math.min(600, Math.max(0, maxMs - DEFAULT.heartbeatMs));
const STABLE_MS = 10_000;

function isUp(cluster: LinkedCluster): boolean {
  return cluster.nodes.every((node) => (node.running?.core ?? null) !== null);
}

async function runUntil(cluster: LinkedCluster, done: () => boolean, withinMs: number): Promise<void> {
  const endMs = cluster.nowMs + withinMs;
  while (!done() && cluster.nowMs < endMs) await cluster.run(25);
}

/** Within 4 E of its start, and of the moment at which the first leader's process freezes, and for as long as we look. */
async function expectStableLeaders(
  seed: number,
  size: number,
  slowest: Span,
  syncMs: (place: number) => Span,
): Promise<void> {
  const cluster = new LinkedCluster(seed, size, { timing: DEFAULT, syncMs });
  const tell = (broken: string): string => `seed ${seed}: ${broken}\n${cluster.story}`;
  await runUntil(cluster, () => isUp(cluster), START_MS);
  await runUntil(cluster, () => cluster.leadership !== null, 4 * eMs(slowest));
  expect(cluster.leadership, tell('nobody leads after 4 E')).not.toBeNull();
  await expectToStay(cluster, tell);
  const first = cluster.leadership?.leader;
  const frozen = cluster.node(first ?? '');
  frozen.sleep(STABLE_MS);
  await runUntil(cluster, () => cluster.leaders.some(({ id }) => id !== first), 4 * eMs(slowest));
  expect(cluster.leadership?.leader, tell('nobody succeeds after 4 E')).not.toBe(first);
  await expectToStay(cluster, tell);
}

async function expectToStay(cluster: LinkedCluster, tell: (broken: string) => string): Promise<void> {
  const { leadership } = cluster;
  await cluster.run(STABLE_MS);
  expect(cluster.leadership, tell('leadership moves on')).toEqual(leadership);
  const last = cluster.served.at(-1)?.returnMs ?? 0;
  expect(cluster.nowMs - last, tell('clients are not served any more')).toBeLessThan(4 * eMs(OVERLOADED));
}

describe.each([3, 5])('%i nodes have a leader within 4 E, and it stays', { timeout: 240_000 }, (size) => {
  test('when each sync takes 250 to 450 ms', async () => {
    for (const seed of [1, 2]) await expectStableLeaders(seed, size, LOADED, () => LOADED);
  });

  test('when each sync takes 800 ms', async () => {
    await expectStableLeaders(1, size, OVERLOADED, () => OVERLOADED);
  });

  test('when so do only those of a majority, and the others are quick to stand', async () => {
    const minority = (size - 1) / 2;
    await expectStableLeaders(2, size, OVERLOADED, (place) => (place < minority ? SOUND : OVERLOADED));
  });
});
