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
import type { Scenario } from '../support/scenarios/scenario.ts';

export type Place = 'process' | 'container' | 'both';

export type Row =
  | { readonly type: 'scenario'; readonly on: Place; readonly scenario: Scenario }
  | { readonly type: 'waits'; readonly row: number; readonly name: string; readonly waitsFor: string };

export const ROWS: readonly Row[] = [
  both(followerKilled),
  both(leaderKilled),
  both(allKilled),
  processes(crashedAtEachSync),
  both(crashLoop),
  both(leaderPaused),
  both(majorityPaused),
  processes(leaderBusy),
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
  processes(late),
  both(cutMidFrame),
  both(halfOpen),
  both(clocksJump),
  both(suspended),
  both(syncFails),
  both(syncStalls),
  both(powerCutAll),
  processes(directoryTwice),
  processes(nodeTwice),
  processes(wrongCluster),
  processes(settingsDiffer),
  both(tooMuch),
  processes(nonsense),
  both(atOnce),
];

function both(scenario: Scenario): Row {
  return { type: 'scenario', on: 'both', scenario };
}

function processes(scenario: Scenario): Row {
  return { type: 'scenario', on: 'process', scenario };
}
