/** Rows 1 to 8: what happens to a process. */
import { E_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const KILLS_IN_THE_LOOP = 6;
const CRASH_POINTS = 6;

export const followerKilled: Scenario = {
  row: 1,
  name: 'kill -9 of a follower',
  promise: 'no effect: no write waits longer than E',
  nodes: 3,
  needs: ['kill9', 'restart'],
  operationsMin: 60,
  async play(stage) {
    const { followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    const sinceMs = stage.now;
    await stage.cluster.kill9(follower);
    stage.proveKills(1);
    await stage.pass(1_500);
    stage.measureMs('longest gap', stage.gapSince(sinceMs), { atMost: E_MS });
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
    await stage.cluster.restart(follower);
    await stage.pass(500);
  },
};

export const leaderKilled: Scenario = {
  row: 2,
  name: 'kill -9 of the leader',
  promise: 'no acknowledged write lost; served again within 3 E',
  nodes: 3,
  needs: ['kill9', 'restart'],
  operationsMin: 60,
  async play(stage) {
    const { leader } = await stage.roles();
    const sinceMs = stage.now;
    await stage.cluster.kill9(leader);
    stage.proveKills(1);
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await stage.pass(500);
    await stage.cluster.restart(leader);
    await stage.pass(500);
  },
};

export const allKilled: Scenario = {
  row: 3,
  name: 'kill -9 of all, and a restart',
  promise: 'every acknowledged write is there; ready within 5 s of the last start',
  nodes: 3,
  needs: ['kill9', 'restart'],
  operationsMin: 40,
  async play(stage) {
    const { nodes } = stage.cluster;
    await Promise.all(nodes.map((node) => stage.cluster.kill9(node)));
    stage.proveKills(nodes.length);
    const sinceMs = stage.now;
    await Promise.all(nodes.map((node) => stage.cluster.restart(node)));
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 5_000 });
    await stage.pass(500);
  },
};

export const crashedAtEachSync: Scenario = {
  row: 4,
  name: 'a crash right before and right after a sync, again and again',
  promise: 'a restart always succeeds, and what was acknowledged is there',
  nodes: 3,
  needs: ['crashAtSync', 'restart'],
  operationsMin: 80,
  async play(stage) {
    const { nodes } = stage.cluster;
    for (let point = 1; point <= CRASH_POINTS; point += 1) {
      const [victim] = stage.some([...nodes.slice(point % nodes.length), ...nodes], 1);
      await stage.cluster.crashAtSync(victim, point, point % 2 === 0 ? 'after' : 'before');
      await stage.untilDown(victim);
      await stage.cluster.restart(victim);
    }
    stage.prove(`${CRASH_POINTS} crashes at a sync`, (before, after) => {
      const starts = (proof: typeof before): number =>
        proof.nodes.reduce((sum, node) => sum + node.starts, 0);
      const kills = (proof: typeof before): number => proof.nodes.reduce((sum, node) => sum + node.kills, 0);
      return starts(after) - starts(before) === CRASH_POINTS && kills(after) === kills(before);
    });
    await stage.pass(300);
  },
};

export const crashLoop: Scenario = {
  row: 5,
  name: `a node that crashes ${KILLS_IN_THE_LOOP} times in a row`,
  promise: 'the term grows no faster than the crashes, and each gap is at most 3 E',
  nodes: 3,
  needs: ['kill9', 'restart'],
  operationsMin: 120,
  async play(stage) {
    const { leader } = await stage.roles();
    const termBefore = (await stage.cluster.status(leader)).term;
    const sinceMs = stage.now;
    for (let kill = 0; kill < KILLS_IN_THE_LOOP; kill += 1) {
      await stage.cluster.kill9(leader);
      await stage.cluster.restart(leader);
    }
    stage.proveKills(KILLS_IN_THE_LOOP);
    const { leader: last } = await stage.roles();
    const { term } = await stage.cluster.status(last);
    stage.measure('terms', term - termBefore, { atMost: KILLS_IN_THE_LOOP });
    stage.measureMs('longest gap', stage.gapSince(sinceMs), { atMost: 3 * E_MS });
  },
};

export const rollingRestart: Scenario = {
  row: 51,
  name: 'a rolling restart: each node in turn is stopped and started again',
  promise: 'no call of a client with a session fails, and no write waits longer than 500 ms',
  nodes: 3,
  needs: ['stop', 'restart'],
  operationsMin: 60,
  async play(stage) {
    const sinceMs = stage.now;
    const before = stage.recorded.length;
    for (const node of stage.cluster.nodes) {
      await stage.cluster.stop(node);
      await stage.cluster.restart(node);
    }
    stage.prove('all nodes were started again', (proof, after) =>
      after.nodes.every(
        ({ id, starts }) => starts > (proof.nodes.find((each) => each.id === id)?.starts ?? 0),
      ),
    );
    const failed = stage.recorded
      .slice(before)
      .filter(({ pinnedTo, code }) => pinnedTo === null && code !== null);
    stage.measure('failed calls', failed.length, { atMost: 0 });
    stage.measureMs('longest gap', stage.gapSince(sinceMs), { atMost: 500 });
  },
};

export const leaderPaused: Scenario = {
  row: 6,
  name: 'SIGSTOP of the leader for 2 s',
  promise: 'no stale read from the old leader; another leads within 2 E',
  nodes: 3,
  needs: ['pause', 'resume'],
  operationsMin: 60,
  async play(stage) {
    const { leader } = await stage.roles();
    const sinceMs = stage.now;
    await stage.cluster.pause(leader);
    stage.provePauses(1);
    stage.measureMs('another led after', await stage.ledByAnother(sinceMs, leader), { atMost: 2 * E_MS });
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await stage.pass(2_000 - (stage.now - sinceMs));
    await stage.cluster.resume(leader);
    await stage.pass(1_000);
  },
};

export const majorityPaused: Scenario = {
  row: 7,
  name: 'SIGSTOP of a majority for 2.5 s',
  promise: 'nothing is acknowledged meanwhile; served within 2 E of the resume',
  nodes: 3,
  needs: ['pause', 'resume'],
  operationsMin: 40,
  async play(stage) {
    const { followers } = await stage.roles();
    await Promise.all(followers.map((node) => stage.cluster.pause(node)));
    stage.provePauses(followers.length);
    const fromMs = stage.now;
    await stage.pass(2_500);
    requireSilence(stage, fromMs, stage.now);
    const sinceMs = stage.now;
    await Promise.all(followers.map((node) => stage.cluster.resume(node)));
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 2 * E_MS });
    await stage.pass(500);
  },
};

export const leaderBusy: Scenario = {
  row: 8,
  name: "the leader's event loop is busy for 2 s",
  promise: 'it confirms its quorum before it answers again: no stale read; another leads within 2 E',
  nodes: 3,
  needs: ['busyLoop'],
  operationsMin: 60,
  async play(stage) {
    const { leader } = await stage.roles();
    const sinceMs = stage.now;
    await stage.cluster.busyLoop(leader, 2_000);
    stage.proveHarm(1);
    stage.measureMs('another led after', await stage.ledByAnother(sinceMs, leader), { atMost: 2 * E_MS });
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await stage.pass(3_000 - (stage.now - sinceMs));
  },
};

/** Asked and answered within the time in which there was no majority. */
function requireSilence(stage: Stage, fromMs: number, toMs: number): void {
  const served = stage.answeredWithin(fromMs, toMs);
  if (served > 0) stage.complain(`${served} operations were served without a majority`);
}
