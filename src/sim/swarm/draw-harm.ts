/** One fault of a kind, with its particulars. */
import type { RandomStream } from '../kernel/random.ts';
import type { Harm, HarmKind, Whom } from './faults.ts';

export function drawHarm(
  kind: HarmKind,
  draws: RandomStream,
  size: number,
  whom: Whom = drawWhom(draws, size),
): Harm {
  switch (kind) {
    case 'crash':
      return { kind, whom, death: draws.pick(['kill', 'power cut']) };
    case 'crash at step':
      return { kind, whom, death: draws.pick(['kill', 'power cut']), steps: draws.between(1, 40) };
    case 'crash in truncation':
      return {
        kind,
        whom: 'leader',
        death: draws.pick(['kill', 'power cut']),
        steps: draws.between(1, 3),
        downMs: draws.pick([1, 100, 1_000]),
      };
    case 'partition':
      return { kind, group: drawGroup(draws, size), clientsToo: draws.chance(40) };
    case 'isolate':
      return { kind, whom, way: draws.pick(['both', 'both', 'in', 'out']) };
    case 'stale leader':
      return {
        kind,
        whom: 'leader',
        rate: draws.pick([0.05, 0.2, 0.5]),
        slowMs: draws.pick([0, 50, 400]),
        companions: draws.below((size - 1) >> 1),
      };
    case 'bridge': {
      const bridge = draws.below(size);
      return { kind, bridge, group: drawGroup(draws, size).filter((node) => node !== bridge) };
    }
    case 'one-way':
      return { kind, pairs: drawPairs(draws, size) };
    case 'slow links':
      return {
        kind,
        pairs: drawPairs(draws, size),
        lateMs: draws.pick([50, 200, 500, 1_500]),
        clientsToo: draws.chance(50),
      };
    case 'late farewell':
      return { kind, whom: 'leader', group: drawGroup(draws, size), lateMs: draws.pick([50, 200, 500]) };
    case 'late copies':
      return { kind, percent: draws.pick([5, 20, 50]), lateMs: draws.pick([50, 300, 2_000]) };
    case 'lost answers':
      return { kind, percent: draws.pick([5, 30, 60]) };
    case 'flap':
      return { kind, whom, everyMs: draws.pick([20, 100, 400, 1_500]) };
    case 'climate':
      return { kind, climate: drawClimate(draws) };
    case 'slow disk':
      return {
        kind,
        whom,
        faults: {
          slowSyncPercent: draws.pick([5, 30, 100]),
          slowSyncMs: { minMs: 5, maxMs: draws.pick([50, 400, 2_000]) },
        },
      };
    case 'failing disk':
      return {
        kind,
        whom,
        faults: draws.chance(50) ? { full: true } : { writeErrorPercent: 20, readErrorPercent: 10 },
      };
    case 'clock':
      return { kind, whom, rate: draws.pick([0.5, 0.9, 1.1, 2]) };
    case 'clock jump':
      return { kind, whom, aheadMs: draws.pick([100, 1_000, 60_000, 3_600_000]) };
    case 'damage':
      return { kind, whom, ...drawDamage(draws) };
    case 'stop':
    case 'sleep':
    case 'clog':
    case 'stuck disk':
      return { kind, whom };
    case 'ring':
      return { kind };
  }
}

function drawWhom(draws: RandomStream, size: number): Whom {
  if (draws.chance(40)) return 'leader';
  return draws.chance(20) ? 'follower' : draws.below(size);
}

/** At least one in it, and one outside. */
function drawGroup(draws: RandomStream, size: number): readonly number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  const group = all.filter(() => draws.chance(50));
  if (group.length === 0 || group.length === size) return [draws.below(size)];
  return group;
}

function drawPairs(draws: RandomStream, size: number): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  const percent = draws.pick([10, 30, 60]);
  for (let from = 0; from < size; from += 1) {
    for (let to = 0; to < size; to += 1) {
      if (from !== to && draws.chance(percent)) pairs.push([from, to]);
    }
  }
  return pairs;
}

function drawClimate(draws: RandomStream): Extract<Harm, { kind: 'climate' }>['climate'] {
  return {
    delayLeastMs: draws.pick([0.3, 5, 30]),
    delaySpreadMs: draws.pick([1, 20, 100]),
    lossPercent: draws.pick([0, 0, 5, 30]),
    messages: {
      dropped: draws.pick([0, 2, 20]),
      doubled: draws.pick([0, 2, 20]),
      delayed: draws.pick([0, 2, 20]),
      replayed: draws.pick([0, 2, 10]),
    },
  };
}

function drawDamage(draws: RandomStream): Pick<Extract<Harm, { kind: 'damage' }>, 'damage' | 'moment'> {
  const damage = draws.pick([
    { kind: 'bit flip', of: 'record' },
    { kind: 'bit flip', of: 'record' },
    { kind: 'bit flip', of: 'newest block' },
    { kind: 'bit flip', of: 'newest block' },
    { kind: 'bit flip', of: 'file' },
    { kind: 'lost record' },
    { kind: 'hole' },
    { kind: 'lost batches', behind: 1 },
    { kind: 'lost batches', behind: 1 },
    { kind: 'lost batches', behind: 4 },
    { kind: 'lost file' },
    { kind: 'lost log' },
    { kind: 'wiped' },
  ] as const);
  if (damage.kind === 'lost batches' && damage.behind === 1) return { damage, moment: 'after a promise' };
  const isOfNewest = damage.kind === 'bit flip' && damage.of === 'newest block';
  return { damage, moment: isOfNewest ? 'before the watermark' : 'at once' };
}
