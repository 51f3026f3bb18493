/** What is kept of a scenario of a soak: one line of JSON, read by scripts/soak.mjs. */
import type { Report } from '../scenarios/scenario.ts';
import type { SoakPlan } from './plan.ts';
import type { SoakScenario } from './play.ts';

export interface Account {
  readonly seed: number;
  readonly nodes: number;
  readonly cluster: string;
  readonly endedAt: string;
  /** From the first fault to the last heal. */
  readonly faultSeconds: number;
  readonly seconds: number;
  readonly operations: number;
  readonly answered: number;
  readonly refused: number;
  readonly unknown: number;
  readonly leaderChanges: number;
  readonly longestGapMs: number;
  readonly servedAfterHealMs: number;
  readonly machineLateMs: number;
  readonly faults: Readonly<Record<string, { readonly made: number; readonly shown: number }>>;
  readonly violations: readonly string[];
}

export function accountOf(
  { seed, nodes }: SoakPlan,
  cluster: string,
  { counts, seconds }: SoakScenario,
  report: Report,
): Account {
  const healed = report.measures.filter(({ unit }) => unit === 'ms').map(({ value }) => value);
  return {
    seed,
    nodes,
    cluster,
    endedAt: new Date().toISOString(),
    faultSeconds: seconds(),
    seconds: report.seconds,
    operations: report.operations,
    answered: report.acknowledged,
    refused: report.refused,
    unknown: report.unknown,
    leaderChanges: report.leaderChanges,
    longestGapMs: Math.round(report.longestGapMs),
    servedAfterHealMs: Math.round(Math.max(0, ...healed)),
    machineLateMs: Math.round(report.machineLateMs),
    faults: Object.fromEntries(counts),
    violations: report.complaints,
  };
}
