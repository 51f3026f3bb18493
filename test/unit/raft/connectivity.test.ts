import { describe, expect, test } from 'vitest';
import { RandomSource } from '../../../src/sim/kernel/random.ts';
import { allLinks, hasHub, linksByBits, star } from '../../support/connectivity.ts';
import type { Links } from '../../support/connectivity.ts';
import { Cluster } from './cluster.ts';

const E_MS = 600;
const SETTLED_MS = 4 * E_MS;
const STABLE_MS = 10 * E_MS;

/** `leader` leads, and has brought entries to all but those in `behind`, when the links become `graph`. */
function settleInto(names: string, graph: Links, leader: string, behind: string): Cluster {
  const cluster = new Cluster(names).start();
  cluster.run(E_MS);
  const to = cluster.status(leader).id;
  cluster.input('A', { type: 'transfer', ref: 1, to });
  cluster.settle();
  cluster.run(E_MS);
  for (const name of behind) if (name !== leader) cluster.cut(`${leader}-${name}`);
  cluster.propose(leader, 'x', 'y');
  cluster.settle();
  cluster.heal();
  cluster.cut(...[...allLinks(names.split(''))].filter((link) => !graph.has(link)));
  return cluster;
}

/** Whoever leads in the highest term, and can commit. */
function leading(names: string, cluster: Cluster): string | null {
  let best: string | null = null;
  for (const name of names) {
    const { role, term } = cluster.status(name);
    if (role === 'leader' && (best === null || term > cluster.status(best).term)) best = name;
  }
  return best;
}

function expectOneStableLeader(names: string, cluster: Cluster, what: string): void {
  cluster.run(SETTLED_MS);
  const leader = leading(names, cluster);
  expect(leader, `${what}: nobody leads after 4 E\n${cluster.story().slice(-6_000)}`).not.toBeNull();
  if (leader === null) return;
  const { term } = cluster.status(leader);
  cluster.propose(leader, 'new');
  cluster.run(STABLE_MS);
  const status = cluster.status(leader);
  expect(status, `${what}: leadership moves on`).toMatchObject({ role: 'leader', term });
  expect(status.committed, `${what}: nothing commits`).toBe(status.last.index);
  const others = names.split('').filter((name) => name !== leader && cluster.status(name).role === 'leader');
  expect(others, `${what}: others lead too`).toEqual([]);
}

const THREE = ['A', 'B', 'C'];
const FIVE = ['A', 'B', 'C', 'D', 'E'];

/** A second alone; many times that beside other work. */
const LONG = { timeout: 60_000 };

describe('one stable leader within four election timeouts', LONG, () => {
  test.each(['A', 'B', 'C'])(
    'in every graph of three nodes in which two speak with each other, after %s',
    (leader) => {
      let graphs = 0;
      for (let bits = 0; bits < 64; bits += 1) {
        const graph = linksByBits(THREE, bits);
        if (!hasHub(THREE, graph)) continue;
        graphs += 1;
        for (const behind of ['', 'A', 'B', 'C']) {
          const cluster = settleInto('ABC', graph, leader, behind);
          expectOneStableLeader('ABC', cluster, `${[...graph].join(' ')} after ${leader}, ${behind} behind`);
        }
      }
      expect(graphs).toBe(37);
    },
  );

  test('in sampled graphs of five nodes in which somebody speaks with two others', () => {
    const random = new RandomSource(3).stream('graphs');
    const names = 'ABCDE';
    for (let count = 0; count < 60; ) {
      const density = random.between(30, 80);
      const graph = new Set([...allLinks(FIVE)].filter(() => random.chance(density)));
      const leader = random.pick(names.split(''));
      const behind = names
        .split('')
        .filter((name) => name !== leader && random.chance(30))
        .slice(0, 2)
        .join('');
      if (!hasHub(FIVE, graph)) continue;
      count += 1;
      const cluster = settleInto(names, graph, leader, behind);
      expectOneStableLeader(names, cluster, `${[...graph].join(' ')} after ${leader}, ${behind} behind`);
    }
  });

  test('when the leader keeps only one link, to the one who sees everybody (quorum loss)', () => {
    for (const behind of ['', 'A', 'B', 'AB']) {
      const cluster = settleInto('ABCDE', star(FIVE, 'A'), 'C', behind);
      expectOneStableLeader('ABCDE', cluster, `quorum loss, ${behind} behind`);
      expect(leading('ABCDE', cluster)).toBe('A');
    }
  });

  test('when only one sees a quorum, and its log is the oldest (constrained election)', () => {
    for (const leader of ['B', 'C', 'D', 'E']) {
      const cluster = settleInto('ABCDE', star(FIVE, 'A'), leader, 'A');
      cluster.cut(`A-${leader}`);
      expectOneStableLeader('ABCDE', cluster, `constrained election, ${leader} gone`);
      expect(leading('ABCDE', cluster)).toBe('A');
    }
  });

  test('when the links make a chain', () => {
    for (const leader of ['A', 'B', 'C']) {
      for (const behind of ['', 'A', 'B', 'C']) {
        const cluster = settleInto('ABC', star(THREE, 'B'), leader, behind);
        expectOneStableLeader('ABC', cluster, `chain, ${leader} led, ${behind} behind`);
      }
    }
  });

  test('when the disk of the leader is stuck, and when its process is', () => {
    const stuckDisk = settleInto('ABC', allLinks(THREE), 'A', '');
    stuckDisk.stallDisk('A');
    stuckDisk.propose('A', 'z');
    expectOneStableLeader('ABC', stuckDisk, 'stuck disk');
    expect(leading('ABC', stuckDisk)).not.toBe('A');

    const stuckLoop = settleInto('ABC', allLinks(THREE), 'A', '');
    stuckLoop.pause('A');
    stuckLoop.run(SETTLED_MS);
    expect(['B', 'C'].filter((name) => stuckLoop.status(name).role === 'leader')).toHaveLength(1);
    stuckLoop.resume('A');
    expectOneStableLeader('ABC', stuckLoop, 'stuck loop');
    expect(leading('ABC', stuckLoop)).not.toBe('A');
  });
});
