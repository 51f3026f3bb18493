import type { RaftOptions } from '../../../src/raft/index.ts';
import type { Random } from './random.ts';

/** How bad this seed's world is; a swarm of moods finds more than one mean mood. */
export interface Mood {
  readonly lossPercent: number;
  readonly repeatPercent: number;
  readonly delayMaxMs: number;
  readonly diskMaxMs: number;
  readonly faultEveryMs: number;
  readonly workEveryMs: number;
  readonly pauses: boolean;
  readonly crashes: boolean;
  readonly cuts: boolean;
  readonly linkEvents: boolean;
  readonly transfers: boolean;
}

export function moodOf(random: Random): Mood {
  const calm = random.chance(10);
  return {
    lossPercent: calm ? 0 : random.pick([0, 0, 2, 10, 30]),
    repeatPercent: calm ? 0 : random.pick([0, 2, 10, 40]),
    delayMaxMs: calm ? 3 : random.pick([3, 10, 40, 150]),
    diskMaxMs: random.pick([1, 5, 20, 100]),
    faultEveryMs: calm ? 5_000 : random.pick([150, 400, 1_500]),
    workEveryMs: random.pick([10, 40, 150]),
    pauses: random.chance(50),
    crashes: random.chance(80),
    cuts: random.chance(60),
    linkEvents: random.chance(60),
    transfers: random.chance(50),
  };
}

export function optionsOf(random: Random): Omit<RaftOptions, 'id'> {
  return {
    heartbeatMs: 50,
    electionTimeoutMinMs: 300,
    electionTimeoutMaxMs: random.pick([400, 600, 600, 1_000]),
    writesInFlightMax: random.pick([1, 2, 8]),
    windowMessages: random.pick([1, 2, 8, 64]),
    windowBytes: random.pick([1, 200, 100_000]),
    appendBytesMax: random.pick([1, 100, 100_000]),
    uncommittedBytesMax: random.pick([1, 30, 100_000]),
    tailBytesMax: random.pick([0, 300, 100_000]),
    random: random.uint32,
    checkInvariants: 'all',
  };
}
