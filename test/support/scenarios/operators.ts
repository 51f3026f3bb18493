/**
 * Rows 45 to 48: what an operator gets wrong when starting nodes. Only processes: a second process on a directory, a
 * copy of it, another start line.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { waitFor } from '../../../scripts/support/wait-for.mjs';
import { ProcessCluster } from '../faults/process-cluster.ts';
import type { FaultNode } from '../faults/vocabulary.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const REFUSED_WITHIN_MS = 5_000;

export const directoryTwice: Scenario = {
  row: 45,
  name: 'a second process on the data directory of a node that runs',
  promise: 'it ends with DATA_LOCKED, and the first one goes on',
  nodes: 3,
  needs: ['kill9'],
  operationsMin: 30,
  async play(stage) {
    const cluster = processesOf(stage);
    const { leader } = await stage.roles();
    const sinceMs = stage.now;
    const second = await cluster.launchBeside(leader, { data: cluster.process(leader).dataDir });
    const { code } = await second.exit;
    stage.measureMs('it ended after', stage.now - sinceMs, { atMost: REFUSED_WITHIN_MS });
    stage.prove('it said DATA_LOCKED', () => second.log.some((line) => line.includes('DATA_LOCKED')));
    if (code === 0) stage.complain('it ended as if all were well');
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
    await stage.pass(300);
  },
};

export const nodeTwice: Scenario = {
  row: 46,
  name: 'the same node on two machines: a copy of its directory, started beside it',
  promise: 'the others notice and name it, and nothing acknowledged is lost',
  nodes: 3,
  needs: ['stop', 'restart'],
  operationsMin: 30,
  async play(stage) {
    const cluster = processesOf(stage);
    // The smallest id dials the others, so both the node and its copy will.
    const [original, ...others] = cluster.nodes;
    if (original === undefined) throw new Error('there are nodes');
    const folder = await mkdtemp(path.join(tmpdir(), 'quorate-copy-'));
    try {
      await cluster.stop(original);
      await cp(cluster.process(original).dataDir, folder, { recursive: true });
      await cluster.restart(original);
      const copy = await cluster.launchBeside(original, { data: folder });
      await untilSaid(cluster, others, 'WRONG_NODE');
      stage.prove('a copy ran', () => copy.log.length > 1);
      if (copy.alive) await copy.kill9();
      await stage.servedAfter(stage.now);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

export const wrongCluster: Scenario = {
  row: 47,
  name: 'a node started with the name of another cluster',
  promise: 'refused with WRONG_CLUSTER before any message of Raft; the others go on',
  nodes: 3,
  needs: ['wipe', 'kill9'],
  operationsMin: 30,
  async play(stage) {
    const cluster = processesOf(stage);
    const { followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    await cluster.stop(follower);
    const sinceMs = stage.now;
    const stranger = await cluster.launchBeside(follower, { cluster: 'another', inPlace: true });
    await untilSaid(cluster, [follower], 'WRONG_CLUSTER', stranger.log);
    stage.prove('it was refused', () => stranger.log.some((line) => line.includes('WRONG_CLUSTER')));
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
    if (stranger.alive) await stranger.kill9();
    await cluster.restart(follower);
    await stage.pass(300);
  },
};

export const settingsDiffer: Scenario = {
  row: 48,
  name: 'a node restarted with another election timeout',
  promise: 'it serves, and every node names the setting that differs',
  nodes: 3,
  needs: ['stop', 'restart'],
  operationsMin: 30,
  async play(stage) {
    const cluster = processesOf(stage);
    const { leader, followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    await cluster.stop(follower);
    await cluster.process(follower).startWith(['--election-timeout-max-ms', '700']);
    await waitFor('the leader names the setting', async () => {
      const { settingsDiffer: named } = await cluster.status(leader);
      return named.some((each) => each.includes('electionTimeoutMaxMs')) ? true : undefined;
    });
    const { settingsDiffer: named } = await cluster.status(leader);
    stage.prove(`${leader.id} says so`, () => named.length > 0);
    await stage.servedAfter(stage.now);
    await cluster.stop(follower);
    await cluster.restart(follower);
  },
};

function processesOf({ cluster }: Stage): ProcessCluster {
  if (cluster instanceof ProcessCluster) return cluster;
  throw new Error('only processes can be started beside each other');
}

async function untilSaid(
  cluster: ProcessCluster,
  nodes: readonly FaultNode[],
  code: string,
  also: readonly string[] = [],
): Promise<void> {
  await waitFor(`somebody says ${code}`, async () => {
    const said = await Promise.all(nodes.map((node) => cluster.said(node)));
    return [...said, also].flat().some((line) => line.includes(code)) ? true : undefined;
  });
}
