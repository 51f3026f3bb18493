/**
 * Who did what stands in the log. An acknowledged write claims the slot that its revision names; what is left can
 * only be the work of operations of unknown outcome.
 */
import type { Operation, Reply, TxnOperation, TxnReply } from '../../../kv/operation.ts';
import { describeOperation, describeReply, describeWrite } from '../describe.ts';
import type { ClientOperation, History, WriteOperation } from '../history.ts';
import { notModelled } from '../not-modelled.ts';
import { agreeOnReply, operationName, sameOperation } from './agreement.ts';
import type { Finished } from './finished.ts';
import type { Slot } from './slots.ts';
import type { Findings } from './violation.ts';

export interface AckedWrite {
  readonly write: WriteOperation;
  readonly reply: Reply;
}

/** `acked` in order of call. */
export function claimAcknowledged(
  acked: readonly AckedWrite[],
  slots: readonly Slot[],
  findings: Findings,
): void {
  const changes = new Map<number, Slot>();
  const quiet = new Map<string, Slot[]>();
  for (const slot of slots) {
    if (slot.changed) changes.set(slot.reply.revision, slot);
    else pushTo(quiet, quietName(slot.operation, slot.reply), slot);
  }
  for (const claim of acked) {
    const change = changes.get(claim.reply.revision) ?? null;
    if (!claimsChange(claim, change)) claimQuiet(claim, quiet, findings);
    else claimChange(claim, change, findings);
  }
}

function claimsChange({ write, reply }: AckedWrite, change: Slot | null): boolean {
  const claim = changeIn(write.operation, reply);
  if (claim !== 'maybe') return claim === 'yes';
  return change?.owner === null && sameOperation(change.operation, write.operation);
}

type Change = 'yes' | 'no' | 'maybe';

/** What an answer says of whether something changed. An increment by 0 does so only where it creates its key. */
function changeIn(asked: Operation, reply: Reply): Change {
  switch (reply.type) {
    case 'put':
      return 'yes';
    case 'delete':
      return reply.deleted > 0 ? 'yes' : 'no';
    case 'leaseRevoke':
      return reply.deleted > 0 ? 'yes' : 'no';
    case 'compact':
    case 'failure':
    case 'leaseGrant':
    case 'leaseRenew':
      return 'no';
    case 'increment':
      return asked.type === 'increment' && asked.by === 0n ? 'maybe' : 'yes';
    case 'txn':
      return asked.type === 'txn' ? changeInTxn(asked, reply) : 'no';
    case 'leaseExpire':
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
    case 'resolve':
      return notModelled(reply.type);
  }
}

function changeInTxn(asked: TxnOperation, { succeeded, results }: TxnReply): Change {
  const changes = (succeeded ? asked.do : asked.otherwise).map((step, place): Change => {
    const result = results[place];
    if (step.type === 'get' || step.type === 'scan' || step.type === 'past') return 'no';
    if (result === undefined || result.type === 'get' || result.type === 'scan' || result.type === 'past') {
      return 'no';
    }
    return changeIn(step, result);
  });
  if (changes.includes('yes')) return 'yes';
  return changes.includes('maybe') ? 'maybe' : 'no';
}

function claimChange({ write, reply }: AckedWrite, slot: Slot | null, findings: Findings): void {
  if (slot === null) {
    const message = `no change of the log has revision ${reply.revision}: ${describeOperation(write)}`;
    findings.add('acknowledged is in the log', message, [write.callId]);
  } else if (slot.owner !== null) {
    const message = `revision ${reply.revision} was given to ${describeOperation(slot.owner)} and to ${describeOperation(write)}`;
    findings.add('revision used once', message, [slot.owner.callId, write.callId]);
  } else if (!sameOperation(slot.operation, write.operation)) {
    const message = `revision ${reply.revision} is in the log ${describeWrite(slot.operation)}, to its client ${describeOperation(write)}`;
    findings.add('acknowledged is in the log', message, [write.callId]);
  } else {
    slot.owner = write;
    if (agreeOnReply(slot.reply, reply)) return;
    const message = `the replay answers ${describeReply(slot.reply)} to ${describeOperation(write)}`;
    findings.add('reply as replayed', message, [write.callId]);
  }
}

/** Of equal requests at one revision, which is whose cannot be told and makes no difference. */
function claimQuiet({ write, reply }: AckedWrite, quiet: Map<string, Slot[]>, findings: Findings): void {
  const slot = quiet.get(quietName(write.operation, reply))?.shift();
  if (slot === undefined) {
    const message = `at revision ${reply.revision} the log has no such request without effect`;
    findings.add('acknowledged is in the log', `${message}: ${describeOperation(write)}`, [write.callId]);
    return;
  }
  slot.owner = write;
  if (agreeOnReply(slot.reply, reply)) return;
  const message = `the replay answers ${describeReply(slot.reply)} to ${describeOperation(write)}`;
  findings.add('reply as replayed', message, [write.callId]);
}

/**
 * Slots nobody claimed go, in order, to the operation of unknown outcome that asked for the same and was called
 * first: the earlier a call, the fewer places are closed to it, so if any assignment keeps real time, this one does.
 * A compaction that is left is the leader's own: it may compact to where a client wants it later.
 */
export function claimUnknown(
  history: History,
  slots: readonly Slot[],
  finished: Finished,
  findings: Findings,
): void {
  const waiting = new Map<string, WriteOperation[]>();
  for (const operation of history) {
    if (operation.type === 'write' && operation.outcome.type === 'unknown') {
      pushTo(waiting, operationName(operation.operation), operation);
    }
  }
  for (const own of waiting.values()) own.sort((a, b) => a.callMs - b.callMs);
  const orphans: Slot[] = [];
  for (const slot of slots) {
    if (slot.owner !== null) continue;
    const own = waiting.get(operationName(slot.operation));
    const first = own?.[0];
    if (first !== undefined && finished.before(first.callMs).position <= slot.position) {
      slot.owner = first;
      own?.shift();
    } else if (slot.operation.type !== 'compact') {
      orphans.push(slot);
    }
  }
  if (orphans.length > 0) explain(orphans, history, findings);
}

function explain(orphans: readonly Slot[], history: History, findings: Findings): void {
  const askedFor = new Map<string, ClientOperation[]>();
  for (const operation of history) {
    if (operation.type === 'write') pushTo(askedFor, operationName(operation.operation), operation);
  }
  for (const slot of orphans) {
    const same = askedFor.get(operationName(slot.operation)) ?? [];
    const where = `(${slot.index}, ${slot.ordinal}) of the log: ${describeWrite(slot.operation)}`;
    const callIds = same.map((operation) => operation.callId);
    if (same.some(({ outcome }) => outcome.type === 'failed')) {
      findings.add('failed is not applied', `promised not to have happened, but is at ${where}`, callIds);
    } else if (same.some(({ outcome }) => outcome.type === 'ok')) {
      findings.add('applied once', `once more than it was asked for, at ${where}`, callIds);
    } else if (same.length > 0) {
      findings.add('real-time order', `before what had finished when it was called, at ${where}`, callIds);
    } else {
      findings.add('nothing from nowhere', `nobody asked for ${where}`);
    }
  }
}

function quietName(operation: Operation, reply: Reply): string {
  return `${reply.revision} ${reply.type} ${ofLeases(reply)} ${operationName(operation)}`;
}

/** Leases come and go within a revision, so that equal requests are told different things. */
function ofLeases(reply: Reply): string {
  if (reply.type === 'leaseGrant') return String(reply.lease);
  return reply.type === 'leaseRenew' ? reply.ttlsMs.join(' ') : '';
}

function pushTo<Item>(lists: Map<string, Item[]>, name: string, item: Item): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
