/** The committed log, replayed: every request in it with the reply it must have had and its place in the order. */
import type { LeaseOperation, Operation, Reply, Revision } from '../../../kv/operation.ts';
import type { ClientOperation, CommittedLog } from '../history.ts';
import { compareRead } from './reads.ts';
import type { AnsweredRead } from './reads.ts';
import { Replay } from './replay.ts';
import type { Ended } from './replay.ts';
import { SessionReplay } from './session-replay.ts';
import type { Findings } from './violation.ts';

/** The log as it must have gone. */
export interface Replayed {
  readonly slots: Slot[];
  /** Leases that ended without a slot and took keys with them, and where. */
  readonly leaseEnds: readonly LeaseEnd[];
  /** After all of it: leases that ended last make revisions beyond the last slot's. */
  readonly revision: Revision;
}

export interface ReplayOptions {
  readonly sessionsMax: number;
  readonly isRecorded: (operation: LeaseOperation) => boolean;
}

export interface LeaseEnd extends Ended {
  readonly position: number;
  readonly revision: Revision;
}

/** One request of the log. */
export interface Slot {
  readonly index: number;
  readonly ordinal: number;
  readonly operation: Operation;
  readonly reply: Reply;
  readonly position: number;
  /** Took a revision. */
  readonly changed: boolean;
  /** Who did it, once that is known. */
  owner: ClientOperation | null;
}

/**
 * Positions order all that can be told apart by revision:
 *
 *   revision           1      2      3
 *   the change                4      6
 *   seen at it         3      5      7      reads, refusals, no-ops: among themselves in any order
 */
export function positionOfChange(revision: number): number {
  return 2 * revision;
}

export function positionSeenAt(revision: number): number {
  return 2 * revision + 1;
}

/**
 * Replays the log and compares each read with the state it shows. `isRecorded`: of operations on leases only those are
 * slots that their clients write down.
 */
export function replayLog(
  log: CommittedLog,
  reads: readonly AnsweredRead[],
  findings: Findings,
  { sessionsMax, isRecorded }: ReplayOptions,
): Replayed {
  const replay = new Replay();
  const slots: Slot[] = [];
  const leaseEnds: LeaseEnd[] = [];
  const due = reads.filter(({ shown }) => shown !== null).toSorted((a, b) => shownBy(a) - shownBy(b));
  let compared = 0;
  const compareUpTo = (revision: number): void => {
    for (let read = due[compared]; read !== undefined && shownBy(read) <= revision; read = due[compared]) {
      compareRead(replay, read, findings);
      compared += 1;
    }
  };
  const sessions = new SessionReplay(sessionsMax);
  for (const { index, term, clusterTimeMs, requests } of log) {
    sessions.entryBegins(clusterTimeMs);
    replay.leases.entryBegins(clusterTimeMs);
    for (const [ordinal, request] of requests.entries()) {
      const before = replay.revision;
      // The state stays as it is up to the next change, so what was read at this revision is due by now.
      compareUpTo(before);
      const { operation } = request;
      if (!sessions.isDone(request, { index, term }, ordinal)) continue;
      if (isLease(operation)) {
        for (const single of oneByOne(operation)) {
          compareUpTo(replay.revision);
          const { ended, reply } = replay.applyLease(single, { index, term, ordinal });
          if (reply !== null && isRecorded(single)) {
            slots.push(slotOf({ index, ordinal, operation: single, reply }, before));
            continue;
          }
          const { revision } = replay;
          const position = positionOfChange(revision);
          const visible = ended.filter(({ deleted }) => deleted > 0);
          leaseEnds.push(...visible.map((each) => ({ ...each, revision, position })));
        }
        continue;
      }
      const reply = replay.apply(operation);
      slots.push(slotOf({ index, ordinal, operation, reply }, before));
    }
  }
  compareUpTo(Infinity);
  return { slots, leaseEnds, revision: replay.revision };
}

/** A reply bears the revision that its operation made, or the one it met. */
function slotOf(done: Pick<Slot, 'index' | 'ordinal' | 'operation' | 'reply'>, before: Revision): Slot {
  const { revision } = done.reply;
  const changed = revision > before;
  const position = changed ? positionOfChange(revision) : positionSeenAt(before);
  return { ...done, position, changed, owner: null };
}

function isLease(operation: Operation): operation is LeaseOperation {
  return operation.type.startsWith('lease');
}

/** Each lease that ends makes a revision of its own, which can be read as the past. */
function oneByOne(operation: LeaseOperation): readonly LeaseOperation[] {
  if (operation.type !== 'leaseExpire') return [operation];
  return operation.ids.map((id) => ({ ...operation, ids: [id] }));
}

function shownBy({ shown }: AnsweredRead): number {
  return shown ?? 0;
}

export function checkLogOrder(log: CommittedLog, findings: Findings): void {
  for (const [at, entry] of log.entries()) {
    const before = log[at - 1];
    if (before === undefined) continue;
    const inOrder =
      entry.index > before.index && entry.term >= before.term && entry.clusterTimeMs >= before.clusterTimeMs;
    if (inOrder) continue;
    const places = [before, entry].map(
      (place) => `(${place.index}, ${place.term}, ${place.clusterTimeMs} ms)`,
    );
    findings.add('log in order', `index, term and cluster time do not go up: ${places.join(' then ')}`);
  }
}
