/** What is told of a law that a seed broke. */
import { breachOf, LawBroken, minimise, runPlan, withFaults } from '../../sim/index.ts';
import type { Plan } from '../../sim/index.ts';
import type { SimFlags } from '../sim-command.ts';
import { scheduleTable } from './schedule.ts';

/** Runs of a whole seed: this may take as long as so many seeds. */
const MINIMISE_RUNS_MAX = 40;
const STORY_LINES = 60;

export interface Breach {
  readonly seed: number;
  /** The law by name, or the first line of what was thrown. */
  readonly law: string;
  readonly message: string;
  readonly plan: Plan;
  /** Places of the faults that are enough to break it. */
  readonly places: readonly number[];
  readonly runs: number;
  readonly replay: string;
  /** The end of the story of the run with those faults alone. */
  readonly story: readonly string[];
}

/** Runs the seed again, several times. `places`: the faults that were left in when it broke. */
export async function investigate(
  whole: Plan,
  places: readonly number[],
  error: unknown,
  flags: SimFlags,
): Promise<Breach> {
  const law = breachOf(error);
  const before = places.filter((place) => begunBefore(whole, place, error));
  const minimal = await minimise(withFaults(whole, before), law, MINIMISE_RUNS_MAX);
  const kept = minimal.places.flatMap((place) => before[place] ?? []);
  const { seed } = whole;
  return {
    seed,
    law,
    message: error instanceof Error ? error.message : String(error),
    plan: whole,
    places: kept,
    runs: minimal.runs,
    replay: replayCommand(seed, kept, flags),
    story: await endOfStory(withFaults(whole, kept)),
  };
}

/** What had not begun yet cannot be a cause. */
function begunBefore(plan: Plan, place: number, error: unknown): boolean {
  const fault = plan.faults[place];
  return fault !== undefined && (!(error instanceof LawBroken) || fault.atMs <= error.atMs);
}

/** What draws a plan, and nothing else. */
export function replayCommand(seed: number, places: readonly number[] | null, flags: SimFlags): string {
  const { minutes, nodes, load, faults } = flags;
  return [
    `quorate sim --seed ${seed}`,
    ...(minutes === undefined ? [] : [`--minutes ${minutes}`]),
    ...(nodes === undefined ? [] : [`--nodes ${nodes}`]),
    ...(load === undefined ? [] : [`--load ${load}`]),
    ...(faults === undefined
      ? []
      : [`--faults ${faults.map((each) => each.replaceAll(' ', '-')).join(',')}`]),
    ...(places === null ? [] : [`--only ${places.length === 0 ? 'none' : places.join(',')}`]),
  ].join(' ');
}

async function endOfStory(plan: Plan): Promise<readonly string[]> {
  let lines: string[] = [];
  const note = (line: string): void => {
    lines.push(line);
    if (lines.length > 10 * STORY_LINES) lines = lines.slice(-STORY_LINES);
  };
  try {
    await runPlan(plan, { note });
  } catch (error) {
    // With fewer faults the same law may break at another time, or by another node.
    lines.push(`!! ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`);
  }
  return lines.slice(-STORY_LINES);
}

export function breachJson(breach: Breach): Readonly<Record<string, unknown>> {
  const { seed, law, message, plan, places, runs, replay, story } = breach;
  const faults = places.map((place) => ({ place, ...plan.faults[place] }));
  return {
    type: 'breach',
    seed,
    law,
    message,
    size: plan.size,
    faults,
    of: plan.faults.length,
    runs,
    replay,
    story,
  };
}

export function breachText(breach: Breach): string {
  const { seed, law, message, plan, places, runs, replay, story } = breach;
  const many = `${places.length} of ${plan.faults.length} faults ${places.length === 1 ? 'is' : 'are'} enough`;
  return [
    `seed ${seed} broke: ${law}`,
    `  ${message.replaceAll('\n', '\n  ')}`,
    '',
    places.length === 0
      ? `no fault is needed (${plan.size} nodes)`
      : `${many} (${plan.size} nodes; found in ${runs} runs)`,
    ...(places.length === 0 ? [] : scheduleTable(plan, places).map((line) => `  ${line}`)),
    '',
    `the end of the story`,
    ...story.map((line) => `  ${line}`),
    '',
    `replay: ${replay}`,
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}
