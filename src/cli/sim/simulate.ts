/** `quorate sim`: seeds one after the other, until there are enough, the time is over, or somebody asks it to stop. */
import { randomInt } from 'node:crypto';
import { QuorateError } from '../../server/terms.ts';
import { drawPlan, runPlan, Tally, withFaults } from '../../sim/index.ts';
import type { Plan, PlanOptions } from '../../sim/index.ts';
import { outputFor } from '../client-session.ts';
import { EXIT } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Output } from '../output.ts';
import type { SimFlags } from '../sim-command.ts';
import { Stopping } from '../stopping.ts';
import { breachJson, breachText, investigate, replayCommand } from './breach-report.ts';
import { faultKinds } from './fault-names.ts';
import { CpuProfile } from './profile.ts';
import { Progress } from './progress.ts';
import { summaryJson, summaryText } from './summary.ts';

const SEEDS = 10;
const MINUTES = 2;
/** More say little that the first ones did not. */
const BREACHES_MAX = 5;

export async function simulate(flags: SimFlags, io: Io): Promise<ExitCode> {
  const campaign = new Campaign(flags, io);
  return await campaign.run();
}

class Campaign {
  readonly #flags: SimFlags;
  readonly #io: Io;
  readonly #out: Output;
  readonly #options: PlanOptions;
  readonly #firstSeed: number;
  readonly #total: number | null;
  readonly #progress: Progress;
  readonly #tally = new Tally();
  #seeds = 0;
  #broken = 0;
  #isStopping = false;

  constructor(flags: SimFlags, io: Io) {
    this.#flags = flags;
    this.#io = io;
    this.#out = outputFor(io, flags.output);
    this.#options = planOptions(flags);
    // Fresh, and short enough to be said aloud.
    this.#firstSeed = flags.seed ?? randomInt(1_000_000_000);
    this.#total = seedCount(flags);
    this.#progress = new Progress(io.stderr);
  }

  async run(): Promise<ExitCode> {
    using stopping = new Stopping();
    void this.#stopWhenAsked(stopping);
    const profile = this.#flags.profile === true ? new CpuProfile() : null;
    await profile?.start();
    let cpuMs = 0;
    for (let place = 1; this.#mayBegin(place); place += 1) {
      const seed = (this.#firstSeed + place - 1) >>> 0;
      this.#progress.begins(seed, place, { total: this.#total, tally: this.#tally, breaches: this.#broken });
      cpuMs += await this.#runSeed(seed);
    }
    this.#progress.clear();
    await this.#conclude(cpuMs, profile);
    if (this.#isStopping) return EXIT.interrupted;
    return this.#broken === 0 ? EXIT.ok : EXIT.failed;
  }

  /** The seed that runs is run to its end. */
  async #stopWhenAsked(stopping: Stopping): Promise<void> {
    await stopping.asked;
    this.#isStopping = true;
  }

  #mayBegin(place: number): boolean {
    if (this.#isStopping) return false;
    if (this.#broken >= (this.#flags.failFast === true ? 1 : BREACHES_MAX)) return false;
    if (this.#flags.until !== undefined && this.#progress.elapsedMs >= this.#flags.until) return false;
    return this.#total === null || place <= this.#total;
  }

  /** Returns the processor time of the seed itself, in milliseconds. */
  async #runSeed(seed: number): Promise<number> {
    const whole = drawPlan(seed, this.#options);
    const places = placesOf(whole, this.#flags);
    const plan = withFaults(whole, places);
    this.#seeds += 1;
    const before = process.cpuUsage();
    const used = (): number => {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    try {
      await this.#runPlan(plan);
      return used();
    } catch (error) {
      const cpuMs = used();
      await this.#tell(whole, places, error);
      return cpuMs;
    }
  }

  async #runPlan(plan: Plan): Promise<void> {
    const { stderr } = this.#io;
    const told = this.#flags.trace === true ? { note: (line: string) => void stderr.write(`${line}\n`) } : {};
    const result = await runPlan(plan, told);
    if (this.#flags.twice === true) {
      const { hash } = await runPlan(plan);
      if (hash !== result.hash)
        throw new Error(`the same seed is the same history: one run is ${result.hash}, another ${hash}`);
    }
    this.#tally.add(result);
    if (this.#out.format === 'json') await this.#line({ type: 'seed', ...result });
  }

  async #tell(plan: Plan, places: readonly number[], error: unknown): Promise<void> {
    this.#broken += 1;
    const what = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    this.#progress.say(`seed ${plan.seed} broke: ${what}`);
    this.#progress.say(
      `looking for the faults that matter; it is ${replayCommand(plan.seed, null, this.#flags)}`,
    );
    const breach = await investigate(plan, places, error, this.#flags);
    if (this.#out.format === 'json') return await this.#line(breachJson(breach));
    await this.#out.write(breachText(breach));
  }

  async #conclude(cpuMs: number, profile: CpuProfile | null): Promise<void> {
    const summary = {
      firstSeed: this.#firstSeed,
      seeds: this.#seeds,
      broken: this.#broken,
      tally: this.#tally,
      cpuMs,
      elapsedMs: this.#progress.elapsedMs,
      rooms: profile === null ? null : await profile.stop(),
    };
    if (this.#out.format === 'json') return await this.#line(summaryJson(summary));
    await this.#out.write(summaryText(summary));
  }

  async #line(json: unknown): Promise<void> {
    await this.#out.write(`${JSON.stringify(json)}\n`);
  }
}

function planOptions({ nodes, load, minutes = MINUTES, faults }: SimFlags): PlanOptions {
  return {
    durationMs: minutes * 60_000,
    ...(nodes === undefined ? {} : { size: nodes }),
    ...(load === undefined ? {} : { load }),
    ...(faults === undefined ? {} : { kinds: faultKinds(faults) }),
  };
}

/** null: as many as there is time for. */
function seedCount({ seed, seeds, only, until }: SimFlags): number | null {
  if (only !== undefined && (seed === undefined || (seeds ?? 1) !== 1)) {
    throw new QuorateError('INVALID_ARGUMENT', '--only speaks of the faults of one seed', {
      details: { hint: 'give --seed, and no --seeds' },
    });
  }
  if (seeds !== undefined) return seeds;
  if (until !== undefined && only === undefined) return null;
  return seed === undefined ? SEEDS : 1;
}

function placesOf(plan: Plan, { only }: SimFlags): readonly number[] {
  const all = plan.faults.map((_, place) => place);
  if (only === undefined) return all;
  const missing = only.find((place) => !all.includes(place));
  if (missing === undefined) return all.filter((place) => only.includes(place));
  throw new QuorateError('INVALID_ARGUMENT', `seed ${plan.seed} has no fault ${missing}`, {
    details: { hint: `its faults are numbered from 0 to ${all.length - 1}` },
  });
}
