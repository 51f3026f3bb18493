/** Reads of the past at revisions of every age, and compactions, the impossible ones too. */
import type { CompactOperation, PastQuery, Revision } from '../../kv/operation.ts';
import type { RandomStream } from '../kernel/random.ts';
import { drawGet, drawScan } from './keys.ts';
import type { Seen } from './memory.ts';

/** How far back clients look, in revisions: now and then beyond what is kept, or ahead of what is there. */
const PAST_REVISIONS = [5, 20, 20, 120] as const;
const FUTURE_REVISIONS = 3;

export function drawPast(draws: RandomStream, seen: Seen): PastQuery {
  const read = draws.chance(50) ? drawGet(draws) : drawScan(draws);
  return { type: 'past', revision: drawRevision(draws, seen), read };
}

function drawRevision(draws: RandomStream, { revision, floor }: Seen): Revision {
  // Right at the floor, and on both sides of it.
  if (floor > 0 && draws.chance(20)) return Math.max(1, floor + draws.between(-1, 1));
  return Math.max(1, revision - draws.between(-FUTURE_REVISIONS, draws.pick(PAST_REVISIONS)));
}

export function drawCompact(draws: RandomStream, { revision, floor }: Seen): CompactOperation {
  const kind = draws.below(100);
  // Beyond the present, and at or below the floor: both are refused.
  if (kind < 15) return { type: 'compact', revision: revision + draws.between(1, 300) };
  if (kind < 25) return { type: 'compact', revision: Math.max(1, floor - draws.below(3)) };
  return { type: 'compact', revision: Math.max(1, revision - draws.below(60)) };
}
