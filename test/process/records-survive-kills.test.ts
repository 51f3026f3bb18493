import { expect, test } from 'vitest';

import { caughtUp, stateOf } from '../support/agreement.ts';
import { startCluster, type Cluster, type Database } from '../support/cluster.ts';
import type { Milestone } from '../support/milestones.ts';
import { differences, loadRecords, MIME_RECORDS, type LoadResult } from '../support/record-load.ts';
import { milliseconds, report } from '../support/report.ts';

const IN_FLIGHT = 64;

test('three nodes, the leader killed twice under load: every acknowledged record stays, at its revision', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const db = await cluster.connect();
  const terms: number[] = [];
  const load = await loadRecords(db, MIME_RECORDS, {
    inFlight: IN_FLIGHT,
    milestones: [0.3, 0.6].map((share) => killLeader(cluster, share, terms, { restart: true })),
  });
  await verify(cluster, db, load, terms);
});

test('five nodes, two leaders killed and left dead: every acknowledged record stays, at its revision', async () => {
  await using cluster = await startCluster({ nodes: 5 });
  const db = await cluster.connect();
  const terms: number[] = [];
  const load = await loadRecords(db, MIME_RECORDS, {
    inFlight: IN_FLIGHT,
    milestones: [0.3, 0.6].map((share) => killLeader(cluster, share, terms, { restart: false })),
  });
  expect(cluster.local.alive).toHaveLength(3);
  expect(await differences(db, load)).toEqual([]);
  await cluster.local.startAll();
  await verify(cluster, db, load, terms);
});

/** SIGKILL to whoever leads now, under load. Over once another one leads, and the dead one is back if it may be. */
function killLeader(
  cluster: Cluster,
  share: number,
  terms: number[],
  { restart }: { readonly restart: boolean },
): Milestone {
  return {
    share,
    async act() {
      const leader = await cluster.leader();
      terms.push((await leader.status()).term);
      await leader.kill9();
      await cluster.leader();
      if (restart) await leader.start();
    },
  };
}

async function verify(
  cluster: Cluster,
  db: Database,
  load: LoadResult,
  terms: readonly number[],
): Promise<void> {
  report(
    `${load.revisions.size} records, ${IN_FLIGHT} in flight, ${milliseconds(load.elapsedMs)}; leaders of terms ` +
      `${terms.join(' and ')} killed at ${load.reachedAt.join(' and ')} acknowledgements; ` +
      `longest gap ${milliseconds(load.longestGapMs)}; ${load.unknown} unknown settled, ${load.refused} refused`,
  );
  const total = MIME_RECORDS.size;
  expect(total).toBeGreaterThan(2_400);
  expect(load.reachedAt).toEqual([Math.ceil(0.3 * total), Math.ceil(0.6 * total)]);
  expect(terms[1]).toBeGreaterThan(terms[0] ?? Infinity);
  expect(load.revisions.size).toBe(total);
  expect(new Set(load.revisions.values()).size).toBe(total);
  expect(await differences(db, load)).toEqual([]);
  const states = (await caughtUp(cluster)).map(stateOf);
  expect(new Set(states).size, states.join('\n')).toBe(1);

  // Power cut: nobody says goodbye, everybody comes back with what the disk holds.
  await Promise.all(cluster.nodes.map((node) => node.kill9()));
  await cluster.local.startAll();
  expect(await differences(db, load)).toEqual([]);
  const after = (await caughtUp(cluster)).map(stateOf);
  expect(new Set([...states, ...after]).size, [...states, ...after].join('\n')).toBe(1);
}
