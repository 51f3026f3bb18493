/**
 * Transactions. The path through nested ones is chosen first, on one state; then its steps are done in order, each on
 * what those before have left. History is the undo log: when a step fails, the events since the start are taken back,
 * and with them the revision, so that nothing has happened.
 */
import { answerRead } from './answer.ts';
import { AnswerSize, recordsIn, tooLarge } from './answer-size.ts';
import { InvariantError } from './assert.ts';
import { compareHolds } from './compare.ts';
import { inRange, keyText, textRange } from './key-text.ts';
import type {
  Failure,
  FailureReply,
  QueryResult,
  Read,
  ReadTxn,
  Reply,
  StepFailure,
  StepResult,
  TxnOperation,
  TxnReply,
  TxnStep,
  WriteOperation,
  WriteReply,
} from './operation.ts';
import type { Past } from './past.ts';
import type { RecordTable } from './record-table.ts';
import type { PageLimits } from './state-machine.ts';
import type { State } from './state.ts';

/** Reads in the log must not depend on a node's settings. */
const PAGE: PageLimits = { pageRecordsMax: 1_000, pageBytesMax: 1 << 20 };

/** What is to be done: the branch taken, and those of nested transactions. */
interface Plan {
  readonly branch: 'do' | 'otherwise';
  readonly steps: readonly (Simple | Plan)[];
}

type Simple = WriteOperation | Read;
type Done = { readonly result: StepResult } | { readonly cause: StepFailure };
type Outcome = TxnReply | Extract<Failure, { code: 'TXN_FAILED' }>;

export function performTxn(
  state: State,
  txn: TxnOperation,
  write: (operation: WriteOperation) => WriteReply | FailureReply,
): Reply {
  const start = state.savepoint();
  const changes = new Changes(state.tables.records, start.next);
  const outcome = run(planOf(state.tables.records, txn), '', {
    revision: () => state.revision,
    perform: (step) => {
      if (isRead(step)) return read(state.view(), step);
      if (changes.twice(step)) return { cause: { code: 'DUPLICATE_KEY' } };
      const reply = write(step);
      return reply.type === 'failure' ? { cause: stepFailure(reply.failure) } : { result: reply };
    },
    size: new AnswerSize(),
  });
  if ('type' in outcome) return outcome;
  state.takeBack(start);
  return { type: 'failure', revision: state.revision, failure: outcome };
}

/** A transaction that writes nothing, outside the log. */
export function answerTxn(state: Past, txn: ReadTxn): QueryResult {
  const outcome = run(planOf(state.records, txn), '', {
    revision: () => state.revision,
    perform: (step) => {
      if (isRead(step)) return read(state, step);
      throw new InvariantError('a transaction that reads has no other steps');
    },
    size: new AnswerSize(),
  });
  return 'type' in outcome ? outcome : { type: 'failure', failure: outcome };
}

function planOf(records: RecordTable, txn: TxnOperation): Plan {
  const branch = txn.when.every((compare) => compareHolds(records, compare)) ? 'do' : 'otherwise';
  const choose = (step: TxnStep): Simple | Plan => (step.type === 'txn' ? planOf(records, step) : step);
  return { branch, steps: txn[branch].map(choose) };
}

/** What a plan is carried out with. */
interface Means {
  readonly revision: () => number;
  readonly perform: (step: Simple) => Done;
  /** Of all results together. */
  readonly size: AnswerSize;
}

function run(plan: Plan, place: string, means: Means): Outcome {
  const results: StepResult[] = [];
  for (const [number, step] of plan.steps.entries()) {
    const at = `${place}${plan.branch}[${number}]`;
    if ('branch' in step) {
      const outcome = run(step, `${at}.`, means);
      if ('code' in outcome) return outcome;
      results.push(outcome);
      continue;
    }
    const done = means.perform(step);
    if ('cause' in done) return { code: 'TXN_FAILED', at, cause: done.cause };
    const fits = recordsIn(done.result).every((record) => means.size.takes(record));
    if (!fits) return { code: 'TXN_FAILED', at, cause: tooLarge() };
    results.push(done.result);
  }
  return { type: 'txn', revision: means.revision(), succeeded: plan.branch === 'do', results };
}

function isRead(step: Simple): step is Read {
  return step.type === 'get' || step.type === 'scan' || step.type === 'past';
}

function read(state: Past, step: Read): Done {
  const result = answerRead(state, step, PAGE);
  return result.type === 'failure' ? { cause: stepFailure(result.failure) } : { result };
}

function stepFailure(failure: Failure): StepFailure {
  switch (failure.code) {
    case 'TXN_FAILED':
    case 'LEASE_EXISTS':
    case 'TOO_MANY_LEASES':
    case 'SESSION_EXPIRED':
    case 'SEQUENCE_ACKNOWLEDGED':
    case 'RESOLVED_NEVER':
    case 'TOO_MANY_UNACKNOWLEDGED':
      throw new InvariantError('a step is no transaction, no request, and grants nothing');
    case 'CONFLICT':
    case 'NOT_A_COUNTER':
    case 'COUNTER_OVERFLOW':
    case 'COMPACTED':
    case 'FUTURE_REVISION':
    case 'DUPLICATE_KEY':
    case 'LEASE_NOT_FOUND':
    case 'RESULT_TOO_LARGE':
      return failure;
  }
}

/**
 * A key changes once in a revision, so that its events have one order and each revision one record for it. Putting
 * what was put or deleted before is refused, and so is deleting what was put; deleting twice is deleting once.
 */
class Changes {
  readonly #records: RecordTable;
  /** The first event of the transaction. */
  readonly #start: number;
  readonly #put: string[] = [];

  constructor(records: RecordTable, start: number) {
    this.#records = records;
    this.#start = start;
  }

  /** Takes note of the step if it is in order. */
  twice(step: WriteOperation): boolean {
    if (step.type === 'delete') {
      const range = textRange(step.target);
      return this.#put.some((text) => inRange(text, range));
    }
    const text = keyText(step.key);
    if (this.#put.includes(text) || this.#records.lastEvent(text) >= this.#start) return true;
    this.#put.push(text);
    return false;
  }
}
