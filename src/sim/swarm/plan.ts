/**
 * What a seed decides: the cluster, its timing, its load, and every fault, before anything runs. Each seed turns on a
 * part of the faults only (swarm testing, Groce et al. 2012): what never happens together hides what does.
 */
import { SESSION_LIMITS } from '../../kv/session-table.ts';
import type { SessionLimits } from '../../kv/session-table.ts';
import type { CoreTuning } from '../../server/node-core.ts';
import { RandomSource } from '../kernel/random.ts';
import type { RandomStream } from '../kernel/random.ts';
import { CALM } from '../network/weather.ts';
import type { Climate } from '../network/weather.ts';
import { drawHarm } from './draw-harm.ts';
import { HARM_KINDS } from './faults.ts';
import type { Fault, HarmKind } from './faults.ts';

export interface Timing {
  readonly heartbeatMs: number;
  readonly electionTimeoutMinMs: number;
  readonly electionTimeoutMaxMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly size: number;
  readonly timing: Timing;
  /** Machines, each with a few callers. */
  readonly clients: number;
  readonly thinkMsMax: number;
  readonly climate: Climate;
  /** Small windows fill, and a short tail sends readers to the disk. */
  readonly coreTuning: Partial<CoreTuning>;
  /** Few places for sessions are taken from others; few replies kept make clients wait. */
  readonly sessionLimits: SessionLimits;
  readonly rounds: readonly Round[];
  readonly faults: readonly Fault[];
}

/** Trouble, then a time in which nothing fails and everything must come right. */
export interface Round {
  readonly fromMs: number;
  readonly calmFromMs: number;
  readonly untilMs: number;
}

export interface PlanOptions {
  /** @default drawn from 3 and 5 */
  readonly size?: number;
  /** @default 120,000 */
  readonly durationMs?: number;
  /**
   * `light`: few questions and slow heartbeats, so that most of a run is faults and what follows from them; an hour of it
   * costs a quarter.
   * @default 'full': about 50 questions a second
   */
  readonly load?: 'full' | 'light';
  /** @default all there are */
  readonly kinds?: readonly HarmKind[];
}

const DURATION_MS = 120_000;
const ROUNDS = 3;
const CALM_SHARE = 0.3;

const TIMINGS: readonly Timing[] = [
  { heartbeatMs: 50, electionTimeoutMinMs: 300, electionTimeoutMaxMs: 600 },
  { heartbeatMs: 50, electionTimeoutMinMs: 300, electionTimeoutMaxMs: 600 },
  { heartbeatMs: 30, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300 },
  { heartbeatMs: 100, electionTimeoutMinMs: 400, electionTimeoutMaxMs: 1_000 },
];

const SLOW_TIMINGS: readonly Timing[] = [
  { heartbeatMs: 100, electionTimeoutMinMs: 400, electionTimeoutMaxMs: 1_000 },
  { heartbeatMs: 200, electionTimeoutMinMs: 800, electionTimeoutMaxMs: 1_600 },
];
/** So much rarer are questions under a light load. */
const LIGHT = 8;

/** All invariants of the core look at its whole tail after every step: only where that is short. */
const TUNINGS: readonly Partial<CoreTuning>[] = [
  {},
  { tailBytesMax: 2_048, checkInvariants: 'all' },
  { windowMessages: 1, appendBytesMax: 256, tailBytesMax: 1_024, checkInvariants: 'all' },
  { windowMessages: 3, windowBytes: 1_024, appendBytesMax: 512 },
];

/** In place of 10,000: visitors leave some behind, so that somebody is evicted. */
const FEW_SESSIONS: readonly Partial<SessionLimits>[] = [{}, { sessionsMax: 8 }, { sessionsMax: 5 }];

export function drawPlan(seed: number, options: PlanOptions = {}): Plan {
  const source = new RandomSource(seed);
  const shape = source.stream('shape');
  const size = options.size ?? shape.pick([3, 3, 5]);
  const rounds = roundsOf(options.durationMs ?? DURATION_MS);
  const kinds = drawKinds(source.stream('kinds'), options.kinds ?? HARM_KINDS);
  const isLight = options.load === 'light';
  const clients = shape.between(2, isLight ? 2 : 4);
  return {
    seed,
    size,
    timing: shape.pick(isLight ? SLOW_TIMINGS : TIMINGS),
    clients,
    // About 50 operations a second from all of them; two callers share a machine, more or less.
    thinkMsMax: 2 * clients * shape.pick([20, 40, 40, 80]) * (isLight ? LIGHT : 1),
    climate: { ...CALM, delayLeastMs: shape.pick([0.1, 0.3, 2]), delaySpreadMs: shape.pick([0.2, 1, 8]) },
    coreTuning: source.stream('tuning').pick(TUNINGS),
    sessionLimits: { ...SESSION_LIMITS, ...source.stream('sessions').pick(FEW_SESSIONS) },
    rounds,
    faults: drawFaults(source.stream('faults'), kinds, rounds, size),
  };
}

function roundsOf(durationMs: number): readonly Round[] {
  const eachMs = durationMs / ROUNDS;
  return Array.from({ length: ROUNDS }, (_, i) => ({
    fromMs: i * eachMs,
    calmFromMs: (i + 1 - CALM_SHARE) * eachMs,
    untilMs: (i + 1) * eachMs,
  }));
}

function drawKinds(draws: RandomStream, all: readonly HarmKind[]): readonly HarmKind[] {
  const kinds = all.filter(() => draws.chance(40));
  return kinds.length > 0 ? kinds : [draws.pick(all)];
}

function drawFaults(
  draws: RandomStream,
  kinds: readonly HarmKind[],
  rounds: readonly Round[],
  size: number,
): readonly Fault[] {
  const everyMs = draws.pick([400, 1_500, 4_000]);
  const lastsMs = draws.pick([300, 2_000, 8_000]);
  const faults: Fault[] = [];
  for (const [i, { fromMs, calmFromMs }] of rounds.entries()) {
    // A cluster is given time to found itself, mostly.
    const startMs = i === 0 && draws.chance(60) ? fromMs + 3_000 : fromMs;
    if (startMs === 0) faults.push(...drawFounding(draws, kinds, size));
    for (
      let atMs = startMs + draws.below(everyMs * 2);
      atMs < calmFromMs;
      atMs += 1 + draws.below(everyMs * 2)
    ) {
      faults.push({
        atMs,
        // What is clogged arrives when it was drawn to, so no clog may outlast the trouble.
        forMs: Math.min(1 + draws.below(lastsMs * 2), calmFromMs - atMs),
        harm: drawHarm(draws.pick(kinds), draws, size),
      });
    }
  }
  return faults;
}

/** What can happen to a node that nobody leads yet, and makes a difference then. */
const FOUNDING_KINDS: ReadonlySet<HarmKind> = new Set<HarmKind>([
  'crash',
  'crash at step',
  'stop',
  'sleep',
  'slow disk',
  'stuck disk',
  'failing disk',
]);

/** A cluster is made in its first milliseconds, once: a fault that is to meet it comes then, and most come together. */
function drawFounding(draws: RandomStream, all: readonly HarmKind[], size: number): readonly Fault[] {
  const kinds = all.filter((kind) => FOUNDING_KINDS.has(kind));
  if (kinds.length === 0) return [];
  return Array.from({ length: draws.between(2, 8) }, (): Fault => {
    const kind = draws.pick(kinds);
    const whom = draws.below(size);
    const forMs = draws.between(1, 400);
    // From the first step on: they are few, and each of them may be the last.
    const death = draws.pick(['kill', 'power cut'] as const);
    if (kind === 'crash at step')
      return { atMs: 0, forMs, harm: { kind, whom, death, steps: draws.between(1, 20) } };
    const atMs = draws.below(draws.pick([10, 30, 100, 400]));
    return { atMs, forMs, harm: drawHarm(kind, draws, size, whom) };
  });
}
