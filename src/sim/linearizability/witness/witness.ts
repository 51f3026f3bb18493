/**
 * The second checker: the committed log says in which order everything happened, the replies say where each
 * operation claims to stand in it, and a replay says what each must have been told. O(n log n), so it takes soaks of
 * any length. It believes no server: a claim that the replay does not bear out is a finding.
 *
 * The caller vouches that the log is whole: from the first entry to past whatever the history has seen.
 */
import type { LeaseOperation } from '../../../kv/operation.ts';
import { checkAssumptions, MalformedHistory } from '../assumptions.ts';
import { describeOperation } from '../describe.ts';
import { UNSTATED } from '../history.ts';
import type { CommittedLog, History } from '../history.ts';
import { claimAcknowledged, claimUnknown } from './claims.ts';
import type { AckedWrite } from './claims.ts';
import { Finished } from './finished.ts';
import type { Placed } from './finished.ts';
import { checkPast } from './floors.ts';
import { answeredReads, checkContract, checkFuture } from './reads.ts';
import type { AnsweredRead } from './reads.ts';
import { checkLogOrder, positionSeenAt, replayLog } from './slots.ts';
import type { LeaseEnd, Slot } from './slots.ts';
import { Findings } from './violation.ts';
import type { Violation } from './violation.ts';

export type WitnessVerdict =
  /** `slots`: the log with the owner of each request. */
  | { readonly type: 'legal'; readonly slots: readonly Slot[]; readonly leaseEnds: readonly LeaseEnd[] }
  | { readonly type: 'illegal'; readonly violations: readonly Violation[]; readonly violationCount: number };

export interface WitnessOptions {
  /** Of the cluster. @default 10,000 */
  readonly sessionsMax?: number;
}

const SESSIONS_MAX = 10_000;

export function checkWitness(
  history: History,
  log: CommittedLog,
  { sessionsMax = SESSIONS_MAX }: WitnessOptions = {},
): WitnessVerdict {
  checkAssumptions(history);
  const findings = new Findings();
  checkLogOrder(log, findings);
  const reads = answeredReads(history);
  const asked = new Set(history.map((each) => (each.type === 'write' ? each.operation.type : 'read')));
  const isRecorded = ({ type }: LeaseOperation): boolean => asked.has(type);
  const { slots, leaseEnds, revision } = replayLog(log, reads, findings, { sessionsMax, isRecorded });
  claimAcknowledged(acknowledged(history), slots, findings);
  claimUnknown(history, slots, new Finished(placedOf(slots, reads)), findings);
  checkRealTime(placedOf(slots, reads), findings);
  for (const read of reads) checkContract(read, findings);
  checkPast(reads, slots, findings);
  checkFuture(reads, slots, revision, findings);
  if (findings.count === 0) return { type: 'legal', slots, leaseEnds };
  return { type: 'illegal', violations: findings.violations, violationCount: findings.count };
}

/** By the time of the call. */
function acknowledged(history: History): AckedWrite[] {
  const acked: AckedWrite[] = [];
  for (const write of history) {
    if (write.type !== 'write' || write.outcome.type !== 'ok') continue;
    const reply = write.outcome.output;
    if (reply.revision === UNSTATED) {
      throw new MalformedHistory(
        `the witness needs the revision of every reply: ${describeOperation(write)}`,
      );
    }
    acked.push({ write, reply });
  }
  return acked.toSorted((a, b) => a.write.callMs - b.write.callMs);
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
