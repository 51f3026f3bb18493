/** Reads: what each shows of which revision, and all that is asked of it beside the contents. */
import type { Revision } from '../../../kv/operation.ts';
import { MalformedHistory } from '../assumptions.ts';
import { describeOperation } from '../describe.ts';
import { UNSTATED } from '../history.ts';
import type { Answer, History, ReadOperation } from '../history.ts';
import { notModelled } from '../not-modelled.ts';
import { agreeOnAnswer } from './agreement.ts';
import { lowerBoundOf } from './lower-bound.ts';
import type { Replay } from './replay.ts';
import type { Slot } from './slots.ts';
import type { Findings } from './violation.ts';

export interface AnsweredRead {
  readonly read: ReadOperation;
  readonly answer: Answer;
  /** Whose state the answer shows: its own revision, or the one of the past that was asked for; null: it shows none. */
  readonly shown: Revision | null;
}

export function answeredReads(history: History): AnsweredRead[] {
  const reads: AnsweredRead[] = [];
  for (const read of history) {
    if (read.type !== 'read' || read.outcome.type !== 'ok') continue;
    const answer = read.outcome.output;
    if (answer.revision === UNSTATED) {
      throw new MalformedHistory(
        `the witness needs the revision of every answer: ${describeOperation(read)}`,
      );
    }
    reads.push({ read, answer, shown: shownRevision(read, answer) });
  }
  return reads;
}

function shownRevision({ query }: ReadOperation, { result, revision }: Answer): Revision | null {
  // Why a transaction failed tells what it met.
  if (query.type === 'txn') return revision;
  if (result.type === 'failure') return null;
  if (query.type !== 'past') return revision;
  return query.filter === undefined ? query.revision : notModelled('a filter of revisions');
}

/** `replay` stands at the revision that the read shows, or at the last one before it. */
export function compareRead(replay: Replay, { read, answer, shown }: AnsweredRead, findings: Findings): void {
  if (shown === replay.revision && agreeOnAnswer(replay, read.query, answer.result)) return;
  const message = `at revision ${shown} the log has something else: ${describeOperation(read)}`;
  findings.add('read as replayed', message, [read.callId]);
}

export function checkContract({ read, answer }: AnsweredRead, findings: Findings): void {
  const own = (): string => describeOperation(read);
  if (read.level === 'linearizable' && answer.level !== 'linearizable') {
    findings.add('read contract', `answered with less than was asked: ${own()}`, [read.callId]);
  }
  if (answer.revision < read.minRevision) {
    findings.add('read contract', `revision ${read.minRevision} was the least: ${own()}`, [read.callId]);
  }
}

/** Whatever its level, a read answers from a state that existed: every change in it had been called by then. `last`: of the log. */
export function checkFuture(
  reads: readonly AnsweredRead[],
  slots: readonly Slot[],
  last: Revision,
  findings: Findings,
): void {
  const changes = slots.filter((slot) => slot.changed);
  const revisions = Float64Array.from(changes, ({ reply }) => reply.revision);
  const latestCalls = new Float64Array(changes.length);
  let latest = -Infinity;
  for (const [at, { owner }] of changes.entries()) {
    latest = Math.max(latest, owner?.callMs ?? -Infinity);
    latestCalls[at] = latest;
  }
  for (const { read, answer, shown } of reads) {
    const { revision } = answer;
    const callMs = latestCalls[lowerBoundOf(revisions, revision + 1) - 1] ?? -Infinity;
    if (revision <= last && (shown ?? 0) <= revision && callMs <= read.returnMs) continue;
    const message = `revision ${Math.max(revision, shown ?? 0)} was not there yet: ${describeOperation(read)}`;
    findings.add('nothing from the future', message, [read.callId]);
  }
}
