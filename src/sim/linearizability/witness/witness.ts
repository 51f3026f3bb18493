/**
 * The second checker: the committed log says in which order everything happened, the replies say where each
 * operation claims to stand in it, and a replay says what each must have been told. O(n log n), so it takes soaks of
 * any length. It believes no server: a claim that the replay does not bear out is a finding.
 *
 * The caller vouches that the log is whole: from the first entry to past whatever the history has seen.
 */
import { checkAssumptions, MalformedHistory } from '../assumptions.ts';
import { describeOperation } from '../describe.ts';
import { UNSTATED } from '../history.ts';
import type { ClientOperation, CommittedLog, History } from '../history.ts';
import { claimAcknowledged, claimUnknown } from './claims.ts';
import type { AckedWrite } from './claims.ts';
import { Finished } from './finished.ts';
import type { Placed } from './finished.ts';
import { lowerBoundOf } from './lower-bound.ts';
import { checkLogOrder, positionSeenAt, replayLog } from './slots.ts';
import type { AnsweredRead, Slot } from './slots.ts';
import { Findings } from './violation.ts';
import type { Violation } from './violation.ts';

export type WitnessVerdict =
  /** `slots`: the log with the owner of each request. */
  | { readonly type: 'legal'; readonly slots: readonly Slot[] }
  | { readonly type: 'illegal'; readonly violations: readonly Violation[]; readonly violationCount: number };

export function checkWitness(history: History, log: CommittedLog): WitnessVerdict {
  checkAssumptions(history);
  const findings = new Findings();
  checkLogOrder(log, findings);
  const reads = answeredReads(history);
  for (const read of reads) checkContract(read, findings);
  const slots = replayLog(log, reads, findings);
  claimAcknowledged(acknowledged(history), slots, findings);
  claimUnknown(history, slots, new Finished(placedOf(slots, reads)), findings);
  const placed = placedOf(slots, reads);
  checkRealTime(placed, findings);
  checkFuture(reads, slots, findings);
  if (findings.count === 0) return { type: 'legal', slots };
  return { type: 'illegal', violations: findings.violations, violationCount: findings.count };
}

function acknowledged(history: History): AckedWrite[] {
  const acked: AckedWrite[] = [];
  for (const write of history) {
    if (write.type !== 'write' || write.outcome.type !== 'ok') continue;
    const reply = write.outcome.output;
    checkStated(write, reply.revision);
    acked.push({ write, reply });
  }
  return acked.toSorted((a, b) => a.write.callMs - b.write.callMs);
}

function answeredReads(history: History): AnsweredRead[] {
  const reads: AnsweredRead[] = [];
  for (const read of history) {
    if (read.type !== 'read' || read.outcome.type !== 'ok') continue;
    const answer = read.outcome.output;
    checkStated(read, answer.revision);
    const shownRevision =
      read.query.type === 'past' && answer.result.type === 'past' ? read.query.revision : answer.revision;
    reads.push({ read, answer, shownRevision });
  }
  return reads;
}

function checkStated(operation: ClientOperation, revision: number): void {
  if (revision !== UNSTATED) return;
  throw new MalformedHistory(
    `the witness needs the revision of every answer: ${describeOperation(operation)}`,
  );
}

function checkContract({ read, answer }: AnsweredRead, findings: Findings): void {
  if (read.level === 'linearizable' && answer.level !== 'linearizable') {
    findings.add('read contract', `answered with less than was asked: ${describeOperation(read)}`, [
      read.callId,
    ]);
  }
  if (answer.revision < read.minRevision) {
    const message = `revision ${read.minRevision} was the least allowed: ${describeOperation(read)}`;
    findings.add('read contract', message, [read.callId]);
  }
}

/** Local reads promise no order and have no place in it. */
function placedOf(slots: readonly Slot[], reads: readonly AnsweredRead[]): Placed[] {
  const placed: Placed[] = [];
  for (const { owner, position } of slots) {
    if (owner !== null) placed.push({ operation: owner, position });
  }
  for (const { read, answer } of reads) {
    if (answer.level !== 'linearizable') continue;
    placed.push({ operation: read, position: positionSeenAt(answer.revision) });
  }
  return placed;
}

function checkRealTime(placed: readonly Placed[], findings: Findings): void {
  const finished = new Finished(placed);
  for (const { operation, position } of placed) {
    const before = finished.before(operation.callMs);
    if (before.operation === null || before.position <= position) continue;
    const message = `${describeOperation(operation)} stands before ${describeOperation(before.operation)}`;
    findings.add('real-time order', `${message}, which had finished when it was called`, [
      before.operation.callId,
      operation.callId,
    ]);
  }
}

/** Whatever its level, a read answers from a state that existed: every change in it had been called by then. */
function checkFuture(reads: readonly AnsweredRead[], slots: readonly Slot[], findings: Findings): void {
  const changes = slots.filter((slot) => slot.changed);
  const revisions = Float64Array.from(changes, ({ reply }) => reply.revision);
  const latestCalls = new Float64Array(changes.length);
  let latest = -Infinity;
  for (const [at, { owner }] of changes.entries()) {
    latest = Math.max(latest, owner?.callMs ?? -Infinity);
    latestCalls[at] = latest;
  }
  for (const { read, answer } of reads) {
    const { revision } = answer;
    const callMs = latestCalls[lowerBoundOf(revisions, revision + 1) - 1] ?? -Infinity;
    if (callMs <= read.returnMs) continue;
    const message = `revision ${revision} had not been asked for yet: ${describeOperation(read)}`;
    findings.add('nothing from the future', message, [read.callId]);
  }
}
