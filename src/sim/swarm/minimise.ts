/**
 * The shortest schedule of faults that still breaks the same law (delta debugging, Zeller and Hildebrandt 2002). Draws
 * are counted by concern, so that leaving a fault out leaves everything else of the history as it can be.
 */
import { LawBroken } from '../laws/law.ts';
import type { Plan } from './plan.ts';
import { runPlan } from './simulation.ts';

/** What a run broke: the law by name, or the first line of what was thrown. */
export function breachOf(error: unknown): string {
  if (error instanceof LawBroken) return error.law;
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}

/** The plan with only these faults, by their place in its list. */
export function withFaults(plan: Plan, places: readonly number[]): Plan {
  return { ...plan, faults: plan.faults.filter((_, place) => places.includes(place)) };
}

export interface Minimal {
  /** Places in the list of faults of the plan. */
  readonly places: readonly number[];
  readonly runs: number;
}

/** At most `runsMax` runs; what is found by then is returned. `run` rejects with the breach. */
export async function minimise(
  plan: Plan,
  breach: string,
  runsMax: number,
  run: (plan: Plan) => Promise<unknown> = runPlan,
): Promise<Minimal> {
  let runs = 0;
  const breaks = async (places: readonly number[]): Promise<boolean> => {
    runs += 1;
    try {
      await run(withFaults(plan, places));
      return false;
    } catch (error) {
      return breachOf(error) === breach;
    }
  };
  let places: readonly number[] = plan.faults.map((_, place) => place);
  let parts = 2;
  const mayGoOn = (): boolean => runs < runsMax;
  while (places.length > 0 && mayGoOn()) {
    const shorter = await firstThatBreaks(without(places, parts), breaks, mayGoOn);
    if (shorter !== null) {
      places = shorter;
      parts = Math.max(2, parts - 1);
    } else if (parts >= places.length) {
      break;
    } else {
      parts = Math.min(places.length, parts * 2);
    }
  }
  return { places, runs };
}

/** The list without each of so many parts of it. */
function without(places: readonly number[], parts: number): readonly (readonly number[])[] {
  const size = Math.ceil(places.length / parts);
  return Array.from({ length: Math.ceil(places.length / size) }, (_, part) =>
    places.filter((_place, at) => Math.floor(at / size) !== part),
  );
}

async function firstThatBreaks(
  candidates: readonly (readonly number[])[],
  breaks: (places: readonly number[]) => Promise<boolean>,
  mayGoOn: () => boolean,
): Promise<readonly number[] | null> {
  for (const candidate of candidates) {
    if (!mayGoOn()) return null;
    if (await breaks(candidate)) return candidate;
  }
  return null;
}
