/** Rows 21 to 25: links that are bad rather than gone. */
import type { FaultNode, Link } from '../faults/vocabulary.ts';
import { link } from '../faults/vocabulary.ts';
import { E_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const SECOND_MS = 1_000;
const REPLAYS = 6;
const CUTS = 10;
/** Five heartbeats of silence (src/transport/link-tuning.ts), and as much again until a status says so. */
const SILENCE_MS = 500;

export const flapping: Scenario = {
  row: 21,
  name: 'the link between leader and one follower flaps, 0.7 s down and 0.7 s up',
  promise: 'at least 90 % of the seconds have acknowledged writes',
  nodes: 3,
  needs: ['flap'],
  operationsMin: 120,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    const sinceMs = stage.now;
    await stage.cluster.flap(link(leader, follower), { downMs: 700, upMs: 700 });
    stage.proveApart([leader], [follower]);
    await stage.pass(7 * SECOND_MS);
    stage.measurePercent('seconds with acknowledged writes', stage.servedSeconds(sinceMs), { atLeast: 90 });
  },
};

export const lossy: Scenario = {
  row: 22,
  name: '20 % loss on all links',
  promise: 'safe; at least 20 % of the throughput; at most one election',
  nodes: 3,
  needs: ['lose'],
  operationsMin: 60,
  async play(stage) {
    const usual = await throughput(stage);
    const sinceMs = stage.now;
    for (const each of linksAmong(stage.cluster.nodes)) await stage.cluster.lose(each, 20);
    stage.proveSlowed();
    const lossyRate = await throughput(stage);
    stage.measurePercent('throughput', (lossyRate / usual) * 100, { atLeast: 20 });
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 1 });
    await stage.cluster.heal();
    stage.measureMs('served after the heal in', await stage.servedAfter(stage.now), { atMost: 2 * E_MS });
  },
};

export const slow: Scenario = {
  row: 23,
  name: 'a round trip of 200 ± 100 ms',
  promise: 'safe; a write takes no more than a few round trips; no election once settled',
  nodes: 3,
  needs: ['delay'],
  operationsMin: 30,
  async play(stage) {
    for (const each of linksAmong(stage.cluster.nodes)) await stage.cluster.delay(each, 100, 50);
    stage.proveSlowed();
    await stage.pass(SECOND_MS);
    const sinceMs = stage.now;
    await stage.pass(3 * SECOND_MS);
    stage.measureMs('median write', stage.medianWriteMs(sinceMs), { atMost: 1_000 });
    stage.measure('leader changes once settled', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
  },
};

export const narrow: Scenario = {
  row: 23,
  name: '1 Mbit/s on all links',
  promise: 'safe; writes go on, and no election',
  nodes: 3,
  needs: ['throttle'],
  // As many bytes as the links can carry, so that they are what everybody waits for.
  load: { valueBytes: 8_000 },
  operationsMin: 60,
  async play(stage) {
    const sinceMs = stage.now;
    for (const each of linksAmong(stage.cluster.nodes)) await stage.cluster.throttle(each, 125_000);
    stage.proveSlowed();
    await stage.pass(3 * SECOND_MS);
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
    stage.measureMs('median write', stage.medianWriteMs(sinceMs), { atMost: 250 });
  },
};

export const late: Scenario = {
  row: 24,
  name: `frames of ${REPLAYS} given-up connections arrive late, after their successors`,
  promise: 'nothing is applied twice or out of order; late replies count for nothing',
  nodes: 3,
  needs: ['isolate'],
  operationsMin: 80,
  async play(stage) {
    const { nodes } = stage.cluster;
    for (let replay = 0; replay < REPLAYS; replay += 1) {
      const [victim] = stage.some(nodes.slice(replay % nodes.length), 1);
      const others = nodes.filter((node) => node !== victim);
      await stage.cluster.isolate(victim);
      stage.proveApart([victim], others);
      // Longer than a silent link lives: both sides have given the connection up when what it held arrives.
      await stage.pass(SILENCE_MS - 100);
      await stage.cluster.heal();
      await stage.pass(SILENCE_MS - 200);
    }
    stage.measureMs('served after the last in', await stage.servedAfter(stage.now), { atMost: 2 * E_MS });
  },
};

export const cutMidFrame: Scenario = {
  row: 25,
  name: `connections reset inside a frame, ${CUTS} times`,
  promise: 'nothing is applied in part, and each is connected again within E',
  nodes: 3,
  needs: ['throttle', 'cut'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    const broken = link(leader, follower);
    // So slow that something is always half-way when the cut comes.
    await stage.cluster.throttle(broken, 8_000);
    for (let cut = 0; cut < CUTS; cut += 1) {
      await stage.pass(250);
      await stage.cluster.cut(broken);
    }
    stage.prove(`${CUTS} connections were cut`, (before, after) => cuts(after) - cuts(before) >= CUTS);
    await stage.cluster.heal();
    stage.measureMs('linked again after', await stage.untilLinked(leader, follower, true), { atMost: E_MS });
    await stage.pass(500);
  },
};

export const halfOpen: Scenario = {
  row: 25,
  name: 'a half-open connection between leader and follower',
  promise: 'each finds the other dead after five heartbeats, and again alive within E of the heal',
  nodes: 3,
  needs: ['halfOpen'],
  operationsMin: 60,
  async play(stage) {
    const { leader, followers } = await stage.roles();
    const [follower] = stage.some(followers, 1);
    await stage.cluster.halfOpen(link(leader, follower));
    stage.proveApart([leader], [follower]);
    stage.measureMs('found dead after', await stage.untilLinked(leader, follower, false), {
      atMost: SILENCE_MS,
    });
    await stage.pass(SECOND_MS);
    await stage.cluster.heal();
    stage.measureMs('linked again after', await stage.untilLinked(leader, follower, true), { atMost: E_MS });
    await stage.pass(500);
  },
};

function linksAmong(nodes: readonly FaultNode[]): readonly Link[] {
  return nodes.flatMap((one, place) => nodes.slice(place + 1).map((other) => link(one, other)));
}

/** Answers a second, over two. */
async function throughput(stage: Stage): Promise<number> {
  const fromMs = stage.now;
  await stage.pass(2 * SECOND_MS);
  return stage.answeredWithin(fromMs, stage.now) / 2;
}

function cuts(proof: { readonly links: readonly { readonly cuts: number }[] }): number {
  return proof.links.reduce((sum, each) => sum + each.cuts, 0);
}
