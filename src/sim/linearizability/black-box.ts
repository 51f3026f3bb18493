/**
 * The verdict of somebody who sees clients only: Wing and Gong's search over each group of keys. It knows neither
 * the log nor that revisions have an order, so a server that lies about them gains nothing.
 *
 * Not judged here: `local` reads, which promise no order, reads of the past and compactions, which mean nothing to
 * who does not know the order of revisions (the witness looks at all of those), and what failed or was never heard.
 */
import { checkAssumptions } from './assumptions.ts';
import { describeOperation, timeText } from './describe.ts';
import type { ClientOperation, History } from './history.ts';
import { grantedBy, leaseEnds } from './lease-ends.ts';
import { keyspaceModel } from './models/keyspace.ts';
import { keyspaceCall } from './models/keyspace-calls.ts';
import { partition } from './partition.ts';
import type { Partition } from './partition.ts';
import { search } from './search.ts';
import type { Budget, DeadEnd } from './search.ts';

export type Verdict =
  | { readonly type: 'legal' }
  /** The budget ran out first. To a caller this is a failure: nothing was shown. */
  | { readonly type: 'unknown'; readonly keys: readonly string[]; readonly operationCount: number }
  | { readonly type: 'illegal'; readonly refutation: Refutation };

/** Why no order of these operations explains them. */
export interface Refutation {
  readonly keys: readonly string[];
  /** The shortest prefix that is illegal: all that was called up to this time. */
  readonly untilMs: number;
  /** The operation whose return cannot be explained. */
  readonly blocked: ClientOperation;
  /** Called by then and placed nowhere, `blocked` among them, by time of call. */
  readonly open: History;
  /** The last of those that could be placed, in the order found, and how many there were. */
  readonly lastPlaced: History;
  readonly placedCount: number;
  /** All of it, for people. */
  readonly report: string;
}

export interface BlackBoxOptions {
  /** What the search may cost, in calls tried. */
  readonly stepsMax?: number;
  /** Where an operation is expected in the order (its revision, say). Changes the time it takes and no verdict. */
  readonly hint?: (operation: ClientOperation) => number;
  /** What is known of leases that ended on their own. @default any may have, at any time: lease-ends.ts */
  readonly leaseEnds?: History;
}

/** About ten seconds on one core. */
export const STEPS_MAX = 20_000_000;

export function checkBlackBox(history: History, options: BlackBoxOptions = {}): Verdict {
  checkAssumptions(history);
  const budget: Budget = { steps: options.stepsMax ?? STEPS_MAX };
  let verdict: Verdict = { type: 'legal' };
  const judged = history.filter(isJudged);
  for (const part of partition([...judged, ...(options.leaseEnds ?? leaseEnds(judged))])) {
    const found = checkPartition(part, budget, options.hint);
    if (found.type === 'illegal') return found;
    if (found.type === 'unknown') verdict = found;
  }
  return verdict;
}

function isJudged(operation: ClientOperation): boolean {
  if (operation.outcome.type === 'failed') return false;
  if (operation.type === 'write') return operation.operation.type !== 'compact';
  if (operation.query.type === 'past') return false;
  return operation.outcome.type === 'ok' && operation.outcome.output.level === 'linearizable';
}

function checkPartition(part: Partition, budget: Budget, hint: BlackBoxOptions['hint']): Verdict {
  const { keys, leases, operations } = part;
  const granted = new Set(operations.map(grantedBy));
  const model = keyspaceModel(
    keys,
    leases.map((id) => ({ id, granted: granted.has(id) })),
  );
  const calls = operations.map((operation) => {
    const call = keyspaceCall(operation, keys);
    if (call === null) throw new TypeError(`not for the search: ${describeOperation(operation)}`);
    return call;
  });
  const hints = hint === undefined ? null : Float64Array.from(operations, hint);
  const options = hints === null ? {} : { hint: (call: number): number => hints[call] ?? Infinity };
  const result = search(model, calls, budget, options);
  if (result.type === 'legal') return result;
  if (result.type === 'unknown') return { type: 'unknown', keys, operationCount: operations.length };
  return {
    type: 'illegal',
    refutation: refutation(part, result.deadEnd, model.describe(result.deadEnd.state)),
  };
}

function refutation<State>(
  { keys, operations }: Partition,
  deadEnd: DeadEnd<State>,
  state: string,
): Refutation {
  const blocked = operationAt(operations, deadEnd.blocked);
  const facts = {
    keys,
    untilMs: blocked.returnMs,
    blocked,
    open: deadEnd.open.map((call) => operationAt(operations, call)),
    lastPlaced: deadEnd.lastPlaced.map((call) => operationAt(operations, call)),
    placedCount: deadEnd.placedCount,
  };
  return { ...facts, report: report(facts, state) };
}

function report(facts: Omit<Refutation, 'report'>, state: string): string {
  const { keys, untilMs, blocked, open, lastPlaced, placedCount } = facts;
  const earlier = placedCount - lastPlaced.length;
  return [
    `Not linearizable: ${keys.length === 1 ? 'key' : 'keys'} ${keys.map((key) => JSON.stringify(key)).join(', ')}.`,
    `The shortest prefix that is illegal ends at ${timeText(untilMs)} ms. The farthest that any order comes:`,
    ...(earlier > 0 ? [`    … ${earlier} earlier`] : []),
    ...lastPlaced.map((operation) => `    ${describeOperation(operation)}`),
    `  Then: ${state}.`,
    '  This answer is nowhere possible:',
    `    ${describeOperation(blocked)}`,
    ...openText(open.filter((operation) => operation !== blocked)),
  ].join('\n');
}

function openText(others: History): string[] {
  if (others.length === 0) return [];
  return [
    '  Open at that time, and of no help:',
    ...others.map((operation) => `    ${describeOperation(operation)}`),
  ];
}

function operationAt(operations: History, call: number): ClientOperation {
  const operation = operations[call];
  if (operation === undefined) throw new RangeError(`no operation ${call}`);
  return operation;
}
