/** What was acknowledged against what the stopped nodes' logs hold, and every answer against every order there is. */
import type { Operation, TxnStep } from '../../../src/kv/operation.ts';
import { judge } from '../../../src/sim/linearizability/index.ts';
import type { CommittedLog, History } from '../../../src/sim/linearizability/index.ts';
import { SessionReplay } from '../../../src/sim/linearizability/witness/session-replay.ts';

/** Sentences; none: all is well. */
export function judgeHistory(history: History, log: CommittedLog): readonly string[] {
  return [...durability(history, log), ...linearizability(history, log)];
}

function linearizability(history: History, log: CommittedLog): readonly string[] {
  const { verdict, report } = judge(history, log);
  return verdict === 'legal' ? [] : [`not linearizable (${verdict}): ${report}`];
}

/**
 * Every acknowledged write is in the committed log, once; every refused one is not; every one of unknown outcome is
 * at most once. A write is known by what it writes: values are unique, and increments are counted by their amount.
 */
function durability(history: History, log: CommittedLog): readonly string[] {
  const stored = tally(doneIn(log).filter(isOfRecordedClients));
  const promised = { sure: tally([]), possible: tally([]) };
  for (const each of history) {
    if (each.type !== 'write' || each.outcome.type === 'failed') continue;
    add(promised.possible, nameOf(each.operation));
    if (each.outcome.type === 'ok') add(promised.sure, nameOf(each.operation));
  }
  const complaints: string[] = [];
  for (const [name, count] of promised.sure) {
    const found = stored.get(name) ?? 0;
    if (found < count) complaints.push(`${name}: acknowledged ${count} times, in the log ${found} times`);
  }
  for (const [name, found] of stored) {
    const count = promised.possible.get(name) ?? 0;
    if (found > count)
      complaints.push(`${name}: in the log ${found} times, and at most ${count} were not refused`);
  }
  return complaints;
}

/** More than any scenario opens. */
const SESSIONS_MAX = 10_000;

/** What the log does: the copies of a write in a session count for nothing. */
function doneIn(log: CommittedLog): readonly Operation[] {
  const sessions = new SessionReplay(SESSIONS_MAX);
  return log.flatMap(({ requests, clusterTimeMs, ...place }) => {
    sessions.entryBegins(clusterTimeMs);
    return requests
      .filter((request, ordinal) => sessions.isDone(request, place, ordinal))
      .map(({ operation }) => operation);
  });
}

/** Grants, renewals and ends are audited by those who hold leases (lease-audit.ts). */
function isOfRecordedClients({ type }: Operation): boolean {
  return !type.startsWith('lease');
}

function tally(operations: readonly Operation[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const operation of operations) add(counts, nameOf(operation));
  return counts;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function nameOf(operation: Operation): string {
  if (operation.type === 'put') return `put ${text(operation.key)} = ${text(operation.value)}`;
  if (operation.type === 'increment') return `increment ${text(operation.key)} by ${operation.by}`;
  if (operation.type === 'delete') return `delete ${text(operation.target.start)}`;
  if (operation.type === 'txn') return `transaction ${operation.do.map(stepName).join(', ')}`;
  throw new Error(`no client of a scenario asks for: ${operation.type}`);
}

function stepName(step: TxnStep): string {
  return step.type === 'put' ? nameOf(step) : step.type;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
