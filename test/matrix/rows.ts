/** The fault matrix: each row of reliability.md 2.2 is a scenario, or says what it waits for. */
import {
  allKilled,
  crashedAtEachSync,
  crashLoop,
  followerKilled,
  leaderBusy,
  leaderKilled,
  leaderPaused,
  majorityPaused,
  rollingRestart,
} from '../support/scenarios/processes.ts';
import {
  bridged,
  chained,
  constrainedElection,
  inRing,
  leaderDeaf,
  leaderInMinority,
  leaderIsolated,
  leaderMute,
  noMajority,
  quorumLost,
  rejoined,
} from '../support/scenarios/partitions.ts';
import { cutMidFrame, flapping, halfOpen, late, lossy, narrow, slow } from '../support/scenarios/links.ts';
import { clocksJump, powerCutAll, suspended, syncFails, syncStalls } from '../support/scenarios/machines.ts';
import { atOnce, nonsense, tooMuch } from '../support/scenarios/hostile-clients.ts';
import { directoryTwice, nodeTwice, settingsDiffer, wrongCluster } from '../support/scenarios/operators.ts';
import {
  clockDrifts,
  leasesAcrossFailover,
  leasesTogether,
  leasesUnderAll,
} from '../support/scenarios/leases.ts';
import { holderPaused } from '../support/scenarios/locks.ts';
import { exactlyOnce } from '../support/scenarios/sessions.ts';
import type { ClusterKind } from '../support/scenarios/results.ts';
import type { Scenario } from '../support/scenarios/scenario.ts';

export interface ScenarioRow {
  readonly type: 'scenario';
  readonly scenario: Scenario;
  /** Absent: on every cluster that has the words for it. */
  readonly only?: { readonly on: ClusterKind; readonly why: string };
}

export type Row =
  | ScenarioRow
  | { readonly type: 'waits'; readonly row: number; readonly name: string; readonly waitsFor: string };

const LATE = 'a packet filter holds nothing back';
const PEER_PORTS = 'the ports of peers are inside';
const BESIDE = 'each host runs one node';

export const ROWS: readonly Row[] = [
  both(followerKilled),
  both(leaderKilled),
  both(allKilled),
  both(crashedAtEachSync),
  both(crashLoop),
  both(leaderPaused),
  both(majorityPaused),
  both(leaderBusy),
  waits(9, 'OOM kill under load', 'containers with a memory limit'),
  both(leaderIsolated),
  both(leaderInMinority),
  both(noMajority),
  both(leaderDeaf),
  both(leaderMute),
  both(bridged),
  both(inRing),
  both(quorumLost),
  both(constrainedElection),
  both(chained),
  both(rejoined),
  both(flapping),
  both(lossy),
  both(slow),
  both(narrow),
  processes(late, LATE),
  both(cutMidFrame),
  both(halfOpen),
  both(clocksJump),
  both(clockDrifts),
  both(suspended),
  both(leasesAcrossFailover),
  both(holderPaused),
  waits(31, 'ENOSPC on one and all nodes', 'refusals before the disk is full'),
  both(syncFails),
  both(syncStalls),
  waits(34, 'a slow disk under a follower', 'the load generator'),
  both(powerCutAll),
  waits(36, 'a lying disk and a power cut', 'RECOVERING'),
  waits(37, 'a torn last write', 'the storage fault tests'),
  waits(38, 'a bit flip in the log', 'RECOVERING'),
  waits(39, 'a bit flip in the state', 'the comparison of digests between nodes'),
  waits(40, 'a bit flip in a snapshot', 'snapshots'),
  waits(41, 'damaged term or vote', 'RECOVERING'),
  waits(42, 'a data directory deleted, the same id back', 'membership changes'),
  waits(43, 'an old backup copied back', 'floors that peers remember'),
  waits(44, 'a restore of the whole cluster', 'backups'),
  processes(directoryTwice, BESIDE),
  processes(nodeTwice, BESIDE),
  processes(wrongCluster, BESIDE),
  processes(settingsDiffer, BESIDE),
  waits(49, 'a membership change during a partition', 'membership changes'),
  waits(50, 'removing the leader, a dead node, all in turn', 'membership changes'),
  both(rollingRestart),
  waits(52, 'mixed versions', 'a second released version'),
  waits(53, 'a snapshot interrupted', 'snapshots'),
  waits(54, 'compaction racing with reads', 'compaction'),
  waits(55, 'a stalled watcher', 'watches'),
  waits(56, 'ten thousand idle connections', 'watches'),
  waits(57, 'five times the load, then back', 'admission control'),
  waits(58, 'a retry storm after an outage', 'admission control'),
  both(tooMuch),
  processes(nonsense, PEER_PORTS),
  waits(61, 'slow lorises', 'TLS'),
  both(atOnce),
  // From here on ours: the catalogue ends at 62.
  both(exactlyOnce(10_000)),
  both(leasesUnderAll),
  both(leasesTogether),
];

function both(scenario: Scenario): Row {
  return { type: 'scenario', scenario };
}

function processes(scenario: Scenario, why: string): Row {
  return { type: 'scenario', scenario, only: { on: 'processes', why } };
}

function waits(row: number, name: string, waitsFor: string): Row {
  return { type: 'waits', row, name, waitsFor };
}
