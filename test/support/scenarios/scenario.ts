/** What a scenario is, and what a run of it reports. */
import type { FaultableCluster, FaultName } from '../faults/vocabulary.ts';
import type { Stage } from './stage.ts';
import type { WorkloadOptions } from './workload.ts';

export interface Scenario {
  /** In reliability.md 2.2. */
  readonly row: number;
  readonly name: string;
  /** One sentence, for the published table. */
  readonly promise: string;
  readonly nodes: 3 | 5;
  readonly needs: readonly FaultName[];
  /** With fewer, the run has shown nothing. */
  readonly operationsMin: number;
  /** What a run may take, where the tier's time is not enough. */
  readonly secondsMax?: number;
  readonly load?: Partial<WorkloadOptions>;
  /** More arguments for every `quorate start`. */
  readonly args?: readonly string[];
  readonly play: (stage: Stage) => Promise<void>;
}

export interface ClusterPlan {
  readonly nodes: number;
  readonly args: readonly string[];
}

export type StartCluster = (plan: ClusterPlan) => Promise<FaultableCluster>;

export interface Measure {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | '%' | '';
  readonly atMost: number | null;
  readonly atLeast: number | null;
}

/** The cluster cannot do what the scenario needs. */
export interface Skipped {
  readonly type: 'skipped';
  readonly why: string;
}

export interface Report {
  readonly type: 'played';
  readonly scenario: Scenario;
  readonly operations: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** The longest time in which nobody was told that a write took effect, from the first such time to the last. */
  readonly longestGapMs: number;
  /** Terms in which somebody led, the first one not counted. */
  readonly leaderChanges: number;
  /** How late this machine ran a timer, at worst; a promise in milliseconds is given some of it (stage.ts). */
  readonly machineLateMs: number;
  readonly measures: readonly Measure[];
  /** What the run broke, a sentence each; none: it passed. */
  readonly complaints: readonly string[];
  readonly seconds: number;
}

/** Election timeout, upper bound, by default: what the matrix counts in (DESIGN.md, head). */
export const E_MS = 600;
