/** Rows 10 to 20: who cannot hear whom. */
import type { FaultNode } from '../faults/vocabulary.ts';
import { E_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** How long a cut lasts: long enough that a minority's clients are refused, and ask again. */
const CUT_MS = 3_000;

export const leaderIsolated: Scenario = {
  row: 10,
  name: 'the leader isolated',
  promise:
    'it acknowledges nothing and steps down within 2 E; the others serve within 2 E; after the heal all within 2 E',
  nodes: 3,
  needs: ['isolate'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const sinceMs = stage.now;
    await stage.cluster.isolate(leader);
    const cutMs = stage.now;
    stage.proveApart([leader], followers);
    stage.measureMs('another led after', await stage.ledByAnother(sinceMs, leader), { atMost: 2 * E_MS });
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 2 * E_MS });
    stage.measureMs('stepped down after', await stage.steppedDown(sinceMs, leader), { atMost: 2 * E_MS });
    await minorityRefuses(stage, [leader], cutMs);
    await healed(stage);
  },
};

export const leaderInMinority: Scenario = {
  row: 11,
  name: 'the leader in a minority of two of five',
  promise: 'the minority refuses reads and writes in time and never hangs; the majority serves within 2 E',
  nodes: 5,
  needs: ['partition'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [companion, ...majority] = stage.some(followers, 4);
    const minority = [leader, companion];
    const sinceMs = stage.now;
    await stage.cluster.partition(minority, majority);
    const cutMs = stage.now;
    stage.proveApart(minority, majority);
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 2 * E_MS });
    await minorityRefuses(stage, minority, cutMs);
    await healed(stage);
  },
};

export const noMajority: Scenario = {
  row: 12,
  name: 'no majority anywhere: 2 / 2 / 1',
  promise: 'nothing is acknowledged; served within 2 E of the heal',
  nodes: 5,
  needs: ['partition'],
  operationsMin: 40,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [b, c, d, e] = stage.some(followers, 4);
    await stage.cluster.partition([leader, b], [c, d], [e]);
    const cutMs = stage.now;
    stage.proveApart([leader, b], [c, d, e]);
    await minorityRefuses(stage, stage.cluster.nodes, cutMs);
    await healed(stage);
  },
};

export const leaderDeaf: Scenario = {
  row: 13,
  name: 'one way: the leader sends and receives nothing',
  promise: 'it steps down within 2 E (CheckQuorum), and another leads',
  nodes: 3,
  needs: ['oneWay'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const sinceMs = stage.now;
    for (const follower of followers) await stage.cluster.oneWay(leader, follower);
    const cutMs = stage.now;
    stage.proveStopped(followers, [leader]);
    stage.measureMs('stepped down after', await stage.steppedDown(sinceMs, leader), { atMost: 2 * E_MS });
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await minorityRefuses(stage, [leader], cutMs);
    await healed(stage);
  },
};

export const leaderMute: Scenario = {
  row: 14,
  name: 'one way: the leader receives and sends nothing',
  promise: 'another leads within 3 E, and the two never serve at once',
  nodes: 3,
  needs: ['oneWay'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const sinceMs = stage.now;
    for (const follower of followers) await stage.cluster.oneWay(follower, leader);
    const cutMs = stage.now;
    stage.proveStopped([leader], followers);
    stage.measureMs('another led after', await stage.ledByAnother(sinceMs, leader), { atMost: 3 * E_MS });
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await minorityRefuses(stage, [leader], cutMs);
    await healed(stage);
  },
};

export const bridged: Scenario = {
  row: 15,
  name: 'two halves joined by one node',
  promise: 'one stable leader: at most one change, and writes go on within 5 E',
  nodes: 5,
  needs: ['bridge'],
  operationsMin: 60,
  async play(stage) {
    const { followers } = await stage.roles();
    const [bridge] = stage.some(followers, 1);
    const [a, b, c, d] = stage.some(
      stage.cluster.nodes.filter((node) => node !== bridge),
      4,
    );
    const sinceMs = stage.now;
    await stage.cluster.bridge(bridge);
    stage.proveApart([a, b], [c, d]);
    await stable(stage, sinceMs, { servedWithinMs: 5 * E_MS, changesMax: 1 });
    await healed(stage);
  },
};

export const inRing: Scenario = {
  row: 16,
  name: 'a ring: each node sees another majority',
  promise: 'safe, and a stable leader within 5 E',
  nodes: 5,
  needs: ['ring'],
  operationsMin: 60,
  async play(stage) {
    const [a, b, c, d, e] = stage.some(stage.cluster.nodes, 5);
    const sinceMs = stage.now;
    await stage.cluster.ring();
    stage.proveApart([a], [c, d]);
    stage.proveApart([b], [d, e]);
    await stable(stage, sinceMs, { servedWithinMs: 5 * E_MS, changesMax: 2 });
    await healed(stage);
  },
};

export const quorumLost: Scenario = {
  row: 17,
  name: 'Omni-Paxos quorum loss: everybody hears only A, and C leads',
  promise: 'C gives up, and A leads and serves within 4 E',
  nodes: 5,
  needs: ['partition'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [a, ...rest] = stage.some(followers, 4);
    const sinceMs = stage.now;
    await stage.cluster.partition(...[leader, ...rest].map((node) => [a, node]));
    stage.proveApart([leader], rest);
    stage.measureMs('A led after', await stage.ledBy(sinceMs, a), { atMost: 4 * E_MS });
    await stable(stage, sinceMs, { servedWithinMs: 4 * E_MS, changesMax: 2 });
    await healed(stage);
  },
};

export const constrainedElection: Scenario = {
  row: 18,
  name: 'Omni-Paxos constrained election: C is gone, all others hear only A, and A is behind',
  promise: 'A pulls what it lacks, and leads and serves within 4 E',
  nodes: 5,
  needs: ['partition'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [a, ...rest] = stage.some(followers, 4);
    await stage.cluster.partition([leader, ...rest], [a]);
    stage.proveApart([a], [leader]);
    // The others go on without A.
    await stage.servedAfter(stage.now);
    await stage.pass(500);
    const sinceMs = stage.now;
    await stage.cluster.partition(...rest.map((node) => [a, node]));
    stage.proveApart([leader], rest);
    stage.measureMs('A led after', await stage.ledBy(sinceMs, a), { atMost: 4 * E_MS });
    await stable(stage, sinceMs, { servedWithinMs: 4 * E_MS, changesMax: 2 });
    await healed(stage);
  },
};

export const chained: Scenario = {
  row: 19,
  name: 'a chain of three: the leader and C do not hear each other, both hear A',
  promise: 'at most one change of leader, and writes go on',
  nodes: 3,
  needs: ['chain'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [a, c] = stage.some(followers, 2);
    const sinceMs = stage.now;
    await stage.cluster.chain(leader, a, c);
    stage.proveApart([leader], [c]);
    await stable(stage, sinceMs, { servedWithinMs: 2 * E_MS, changesMax: 1 });
    await healed(stage);
  },
};

export const rejoined: Scenario = {
  row: 20,
  name: 'a follower back after a long isolation',
  promise: 'nothing is disturbed: no change of leader (PreVote)',
  nodes: 3,
  needs: ['isolate'],
  operationsMin: 80,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    const sinceMs = stage.now;
    await stage.cluster.isolate(follower);
    stage.proveApart([follower], [leader]);
    await stage.pass(CUT_MS);
    await stage.cluster.heal();
    await stage.pass(2 * E_MS);
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
  },
};

/** After the cut has had time to show, whoever asks only the cut-off is refused. */
/** From the moment when the last cut was made: until then somebody may have heard a majority. */
async function minorityRefuses(stage: Stage, nodes: readonly FaultNode[], cutMs: number): Promise<void> {
  await stage.pass(CUT_MS - (stage.now - cutMs));
  stage.requireRefusals(nodes, cutMs, stage.now);
}

/** "After a heal, service within 2 E", for every node's own clients. */
async function healed(stage: Stage): Promise<void> {
  const sinceMs = stage.now;
  await stage.cluster.heal();
  stage.measureMs('served after the heal in', await stage.servedAfter(sinceMs), { atMost: 2 * E_MS });
  await stage.pass(2 * E_MS);
}

interface Stability {
  readonly servedWithinMs: number;
  readonly changesMax: number;
}

/** Served in time, and then for the rest of the cut the same leader. */
async function stable(
  stage: Stage,
  sinceMs: number,
  { servedWithinMs, changesMax }: Stability,
): Promise<void> {
  stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: servedWithinMs });
  const settledMs = stage.now + E_MS;
  await stage.pass(E_MS + CUT_MS);
  stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: changesMax });
  stage.measure('changes once settled', stage.trace.termsLedAfter(settledMs), { atMost: 0 });
  stage.measureMs('longest gap once settled', stage.gapSince(settledMs), { atMost: 2 * E_MS });
}
