/** Many seeds, one after the other, and what they came to. */
import { breachOf } from './minimise.ts';
import { drawPlan } from './plan.ts';
import type { Plan, PlanOptions } from './plan.ts';
import { runPlan } from './simulation.ts';
import type { RunResult } from './simulation.ts';

export type Verdict =
  | { readonly type: 'held'; readonly result: RunResult }
  | { readonly type: 'broken'; readonly plan: Plan; readonly breach: string; readonly error: unknown }
  /** Two runs of one seed differed: nothing that this seed says can be replayed. */
  | { readonly type: 'not repeatable'; readonly seed: number; readonly hashes: readonly string[] };

export interface CampaignOptions {
  readonly plan: PlanOptions;
  /** Runs every seed a second time and compares. */
  readonly twice?: boolean;
}

export async function runSeed(
  seed: number,
  { plan: options, twice = false }: CampaignOptions,
): Promise<Verdict> {
  const plan = drawPlan(seed, options);
  try {
    const result = await runPlan(plan);
    if (!twice) return { type: 'held', result };
    const again = await runPlan(plan);
    if (again.hash === result.hash) return { type: 'held', result };
    return { type: 'not repeatable', seed, hashes: [result.hash, again.hash] };
  } catch (error) {
    return { type: 'broken', plan, breach: breachOf(error), error };
  }
}

/** Sums over runs. */
export class Tally {
  runs = 0;
  simulatedMs = 0;
  operations = 0;
  unknown = 0;
  committed = 0;
  events = 0;
  readonly faults = new Map<string, number>();

  add(result: RunResult): void {
    this.runs += 1;
    this.simulatedMs += result.simulatedMs;
    this.operations += result.operations;
    this.unknown += result.unknown;
    this.committed += result.committed;
    this.events += result.events;
    for (const [kind, count] of Object.entries(result.faults)) {
      this.faults.set(kind, (this.faults.get(kind) ?? 0) + count);
    }
  }

  get simulatedHours(): number {
    return this.simulatedMs / 3_600_000;
  }
}
