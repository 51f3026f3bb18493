/** The committed log, replayed: every request in it with the reply it must have had and its place in the order. */
import type { Operation, Reply } from '../../../kv/operation.ts';
import type { Answer, ClientOperation, CommittedLog, ReadOperation } from '../history.ts';
import { describeOperation } from '../describe.ts';
import { agreeOnAnswer } from './agreement.ts';
import { Replay } from './replay.ts';
import type { Findings } from './violation.ts';

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

export interface AnsweredRead {
  readonly read: ReadOperation;
  readonly answer: Answer;
  /** Of the state that the answer shows: the revision it was answered at, unless it was a read of the past. */
  readonly shownRevision: number;
}

/** Replays the log and compares each read with the state it shows. */
export function replayLog(log: CommittedLog, reads: readonly AnsweredRead[], findings: Findings): Slot[] {
  const replay = new Replay();
  const slots: Slot[] = [];
  const due = reads.toSorted((a, b) => a.shownRevision - b.shownRevision).values();
  let next = due.next();
  const compareUpTo = (revision: number): void => {
    for (; next.done !== true && next.value.shownRevision <= revision; next = due.next()) {
      compare(replay, next.value, findings);
    }
  };
  for (const { index, requests } of log) {
    for (const [ordinal, { operation }] of requests.entries()) {
      const before = replay.revision;
      // The state stays as it is up to the next change, so what was read at this revision is due by now.
      compareUpTo(before);
      const reply = replay.apply(operation);
      const changed = replay.revision > before;
      const position = changed ? positionOfChange(replay.revision) : positionSeenAt(before);
      slots.push({ index, ordinal, operation, reply, position, changed, owner: null });
    }
  }
  compareUpTo(Infinity);
  return slots;
}

function compare(replay: Replay, answered: AnsweredRead, findings: Findings): void {
  const { read, answer, shownRevision } = answered;
  if (answer.revision > replay.revision && shownRevision > replay.revision) {
    const message = `revision ${answer.revision} is not in the log, which ends at ${replay.revision}`;
    findings.add('nothing from the future', `${message}: ${describeOperation(read)}`, [read.callId]);
  } else if (
    shownRevision > answer.revision ||
    shownRevision !== replay.revision ||
    !agrees(replay, answered)
  ) {
    const message = `at revision ${shownRevision} the log has something else: ${describeOperation(read)}`;
    findings.add('read as replayed', message, [read.callId]);
  }
}

/** A floor goes up and takes no revision: one that was passed while this was the revision may have been told. */
function agrees(replay: Replay, { read: { query }, answer }: AnsweredRead): boolean {
  const { result, revision } = answer;
  if (result.type !== 'failure') return agreeOnAnswer(replay, query, result);
  if (query.type !== 'past') return false;
  const { failure } = result;
  if (failure.code === 'FUTURE_REVISION') return failure.revision === revision && query.revision > revision;
  return failure.code === 'COMPACTED' && query.revision < failure.floor && failure.floor <= replay.floor;
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
