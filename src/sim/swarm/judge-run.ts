/** What is judged when a run is over: what clients saw, the log, and the state of every node. */
import type { Entry } from '../../raft/entry.ts';
import { decodeEnvelope } from '../../wire/envelope.ts';
import { LawBroken } from '../laws/law.ts';
import { checkLeaseTimes } from '../laws/lease-times.ts';
import type { LeaseTimes, TimedEntry } from '../laws/lease-times.ts';
import { checkReplicas } from '../laws/replicas.ts';
import type { Replica } from '../laws/replicas.ts';
import { judge } from '../linearizability/index.ts';
import type { History } from '../linearizability/index.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import { behindMs } from './clock-grace.ts';
import type { Plan } from './plan.ts';

/** An entry of the log, when somebody first applied it. */
export interface Committed {
  readonly entry: Entry;
  readonly atMs: number;
}

export interface Story {
  readonly history: History;
  /** From the first on. */
  readonly committed: readonly Committed[];
  readonly nodes: readonly SimulatedNode[];
  /** From when on to when nothing failed and what had failed before was over. */
  readonly calm: readonly Calm[];
}

export interface Calm {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What became of leases. @throws LawBroken */
export function judgeRun(plan: Plan, { history, committed, nodes, calm }: Story, nowMs: number): LeaseTimes {
  const log = committed.flatMap(({ entry, atMs }): TimedEntry[] => {
    if (entry.kind !== 'command') return [];
    const { index, term } = entry;
    return [{ index, term, atMs, ...decodeEnvelope(entry.data) }];
  });
  const { sessionLimits } = plan;
  const { verdict, report } = judge(history, log, { sessionsMax: sessionLimits.sessionsMax });
  if (verdict !== 'legal') throw new LawBroken(`linearizability (${verdict})`, null, nowMs, report);
  const replicas = nodes.flatMap(({ id, running }): Replica[] => {
    const machine = running?.core?.machine;
    return machine === undefined ? [] : [{ node: id, machine }];
  });
  checkReplicas(log, replicas, nowMs, { sessionLimits });
  return checkLeaseTimes(
    log,
    (fromMs, toMs) => calm.reduce((sum, each) => sum + overlapMs(each, fromMs, toMs), 0),
    (fromMs, toMs) => behindMs(plan, fromMs, toMs),
  );
}

function overlapMs(calm: Calm, fromMs: number, toMs: number): number {
  return Math.max(0, Math.min(toMs, calm.untilMs) - Math.max(fromMs, calm.fromMs));
}
