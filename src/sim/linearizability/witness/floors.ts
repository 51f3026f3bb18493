/**
 * What of the past could be read when. A compaction takes no revision, so a read at the revision at which one was made
 * may have met the floor before it or the one after it; at any later revision there is no doubt.
 */
import type { Failure, Revision } from '../../../kv/operation.ts';
import { describeOperation } from '../describe.ts';
import { lowerBoundOf } from './lower-bound.ts';
import type { AnsweredRead } from './reads.ts';
import type { Slot } from './slots.ts';
import type { Findings } from './violation.ts';

export function checkPast(reads: readonly AnsweredRead[], slots: readonly Slot[], findings: Findings): void {
  const floors = new Floors(slots);
  for (const answered of reads) {
    const fault = faultOf(answered, floors);
    if (fault === null) continue;
    const { read } = answered;
    findings.add('read as replayed', `${fault}: ${describeOperation(read)}`, [read.callId]);
  }
}

function faultOf({ read: { query }, answer }: AnsweredRead, floors: Floors): string | null {
  const { result, revision } = answer;
  if (result.type === 'failure') {
    return isJustified(query, result.failure, revision, floors) ? null : 'nothing was in the way';
  }
  if (query.type !== 'past' || query.revision >= floors.surelyAt(revision)) return null;
  return `all below revision ${floors.surelyAt(revision)} was compacted by then`;
}

/** Only the past can be refused: above the present, or below a floor that the log had set by then. */
function isJustified(
  query: AnsweredRead['read']['query'],
  failure: Failure,
  revision: Revision,
  floors: Floors,
): boolean {
  if (query.type === 'txn') {
    if (failure.code !== 'TXN_FAILED') return false;
    // Which step failed and why, the replay has seen; from the answer it took the floor alone.
    return failure.cause.code !== 'COMPACTED' || floors.wasSet(failure.cause.floor, revision);
  }
  if (query.type !== 'past') return false;
  if (failure.code === 'FUTURE_REVISION') return failure.revision === revision && query.revision > revision;
  if (failure.code !== 'COMPACTED') return false;
  return query.revision < failure.floor && floors.wasSet(failure.floor, revision);
}

class Floors {
  readonly #setAt = new Map<Revision, Revision>();
  /** In the order of the log both go up. */
  readonly #revisions: Float64Array;
  readonly #floors: readonly Revision[];

  constructor(slots: readonly Slot[]) {
    const set = slots.flatMap(({ reply }) => (reply.type === 'compact' ? [reply] : []));
    for (const { floor, revision } of set) this.#setAt.set(floor, revision);
    this.#revisions = Float64Array.from(set, ({ revision }) => revision);
    this.#floors = set.map(({ floor }) => floor);
  }

  /** Whether a state of that revision can have this floor. */
  wasSet(floor: Revision, revision: Revision): boolean {
    return (this.#setAt.get(floor) ?? Infinity) <= revision;
  }

  /** The floor that every state of that revision has, or one below it. */
  surelyAt(revision: Revision): Revision {
    return this.#floors[lowerBoundOf(this.#revisions, revision) - 1] ?? 0;
  }
}
