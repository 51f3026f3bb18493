/** Rows 26 to 35: what happens below a process, to its clock and its disk. */
import { LeaseAudit } from './lease-audit.ts';
import { E_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const HOUR_MS = 3_600_000;
const STROBES = 20;
/** src/cli/exit-codes.ts */
const EXIT_UNHEALTHY = 7;

export const clocksJump: Scenario = {
  row: 26,
  name: 'all wall clocks jump by an hour, forth and back, ten times a second',
  promise: 'no effect at all: no change of leader, no write waits longer than E, no lease ends early or late',
  nodes: 3,
  needs: ['clockJump'],
  operationsMin: 60,
  async play(stage) {
    const { nodes } = stage.cluster;
    const sinceMs = stage.now;
    const audit = await LeaseAudit.begin(stage, { holders: 6 });
    for (let strobe = 0; strobe < STROBES; strobe += 1) {
      const [node] = stage.some(nodes.slice(strobe % nodes.length), 1);
      // Each node in turn, an hour ahead, back, an hour behind, back.
      const round = Math.floor(strobe / nodes.length) % 4;
      await stage.cluster.clockJump(node, round === 0 || round === 3 ? HOUR_MS : -HOUR_MS);
      await stage.pass(100);
    }
    stage.proveHarm(STROBES);
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
    stage.measureMs('longest gap', stage.gapSince(sinceMs), { atMost: E_MS });
    await audit.end(6);
  },
};

export const suspended: Scenario = {
  row: 28,
  name: 'the machine of the leader is suspended for 2 s and wakes an hour later by its wall clock',
  promise: 'no stale read: reads confirm a quorum, and trust no clock; no lease ends early or late',
  nodes: 3,
  needs: ['pause', 'resume', 'clockJump'],
  operationsMin: 60,
  async play(stage) {
    const { leader } = await stage.roles();
    const audit = await LeaseAudit.begin(stage, { holders: 6 });
    await stage.pass(500);
    const sinceMs = stage.now;
    audit.failover();
    await stage.cluster.pause(leader);
    await stage.cluster.clockJump(leader, HOUR_MS);
    stage.provePauses(1);
    stage.proveHarm(1);
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await stage.pass(2_000 - (stage.now - sinceMs));
    await stage.cluster.resume(leader);
    await stage.pass(1_000);
    await audit.end(6);
  },
};

export const syncFails: Scenario = {
  row: 32,
  name: 'EIO on a sync of the leader',
  promise: 'the process ends with its exit code and syncs nothing again; served within 3 E',
  nodes: 3,
  needs: ['failSync', 'restart'],
  operationsMin: 60,
  async play(stage) {
    const { leader } = await stage.roles();
    const sinceMs = stage.now;
    await stage.cluster.failSync(leader);
    await stage.untilDown(leader);
    stage.proveHarm(1);
    stage.prove(`${leader.id} ended with ${EXIT_UNHEALTHY}`, (_, { nodes }) =>
      nodes.some(({ id, exitCode }) => id === leader.id && exitCode === EXIT_UNHEALTHY),
    );
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await stage.pass(1_500);
  },
};

export const syncStalls: Scenario = {
  row: 33,
  name: 'a sync of the leader takes 3 s',
  promise: 'never two leaders; the others take over within 3 E',
  nodes: 3,
  needs: ['stallSync'],
  operationsMin: 40,
  async play(stage) {
    const { leader } = await stage.roles();
    await stage.cluster.stallSync(leader, 3_000);
    stage.proveHarm(1);
    await stage.pass(100);
    const sinceMs = stage.now;
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 3 * E_MS });
    await stage.pass(3_000);
    await stage.cluster.heal();
    await stage.pass(1_000);
  },
};

export const powerCutAll: Scenario = {
  row: 35,
  name: 'a power cut of all nodes: whatever was not synced is gone',
  promise: 'no acknowledged write lost',
  nodes: 3,
  needs: ['powerCut', 'restart'],
  operationsMin: 40,
  async play(stage) {
    const { nodes } = stage.cluster;
    await Promise.all(nodes.map((node) => stage.cluster.powerCut(node)));
    stage.proveHarm(nodes.length);
    const sinceMs = stage.now;
    await Promise.all(nodes.map((node) => stage.cluster.restart(node)));
    stage.measureMs('served again after', await stage.servedAfter(sinceMs), { atMost: 10_000 });
    await stage.pass(500);
  },
};

/** A machine that lies: what the audit must notice. No row of the matrix, but the proof that row 35 can fail. */
export const powerCutAfterLies: Scenario = {
  ...powerCutAll,
  name: 'the same on disks that only say that they synced',
  promise: 'acknowledged writes are lost, and the audit says so',
  needs: ['lieAboutSync', 'powerCut', 'restart'],
  async play(stage) {
    for (const node of stage.cluster.nodes) await stage.cluster.lieAboutSync(node);
    await stage.pass(500);
    await powerCutAll.play(stage);
  },
};
