/** Lies told about a good history. Not every one is found out to be one: some make another legal history. */
import type { KvRecord } from '../../../src/kv/operation.ts';
import type {
  ClientOperation,
  ReadOperation,
  WriteOperation,
} from '../../../src/sim/linearizability/index.ts';
import type { Execution } from './execution.ts';

export type Mutation = keyof typeof MUTATIONS;

type AnsweredRead = ReadOperation & { readonly outcome: { readonly type: 'ok' } };
type AckedWrite = WriteOperation & { readonly outcome: { readonly type: 'ok' } };

/** Each takes two numbers to choose by, and gives null where there is nothing of its kind to change. */
const MUTATIONS = {
  /** A read answers what a later or an earlier one of the same was told. */
  answerOfAnother(execution: Execution, first: number, second: number): Execution | null {
    const read = choose(answeredReads(execution), first);
    const other = choose(read === null ? [] : sameReads(execution, read), second);
    if (read === null || other === null) return null;
    return replaced(execution, { ...read, outcome: other.outcome });
  },

  /** The same, but it keeps its own revision: the contents alone are from another time. */
  contentsOfAnother(execution: Execution, first: number, second: number): Execution | null {
    const read = choose(answeredReads(execution), first);
    const other = choose(read === null ? [] : sameReads(execution, read), second);
    if (read === null || other === null) return null;
    const output = { ...read.outcome.output, result: other.outcome.output.result };
    return replaced(execution, { ...read, outcome: { type: 'ok', output } });
  },

  /** Two reads of the same were told each other's answer. */
  answersSwapped(execution: Execution, first: number, second: number): Execution | null {
    const read = choose(answeredReads(execution), first);
    const other = choose(read === null ? [] : sameReads(execution, read), second);
    if (read === null || other === null) return null;
    return replaced(replaced(execution, { ...read, outcome: other.outcome }), {
      ...other,
      outcome: read.outcome,
    });
  },

  /** A read was shown nothing where there was a record. */
  oneGone(execution: Execution, first: number, second: number): Execution | null {
    return reshown(execution, first, second, () => null);
  },

  /** A read was shown a record that hangs on another lease, or on one at all. */
  otherLease(execution: Execution, first: number, second: number): Execution | null {
    return reshown(execution, first, second, (record) => ({
      ...record,
      lease: record.lease === 7n ? 0n : 7n,
    }));
  },

  /** A write was told the reply of another of its kind. */
  replyOfAnother(execution: Execution, first: number, second: number): Execution | null {
    const write = choose(ackedWrites(execution), first);
    const kin = ackedWrites(execution).filter(({ operation }) => operation.type === write?.operation.type);
    const other = choose(
      kin.filter((one) => one !== write),
      second,
    );
    if (write === null || other === null) return null;
    return replaced(execution, { ...write, outcome: other.outcome });
  },

  /** A write was told the revision of another, whatever that was. */
  revisionTwice(execution: Execution, first: number, second: number): Execution | null {
    const write = choose(ackedWrites(execution), first);
    const other = choose(
      ackedWrites(execution).filter((one) => one !== write),
      second,
    );
    if (write === null || other === null) return null;
    const output = { ...write.outcome.output, revision: other.outcome.output.revision };
    return replaced(execution, { ...write, outcome: { type: 'ok', output } });
  },

  /** A write that happened is said not to have. */
  appliedYetFailed(execution: Execution, first: number): Execution | null {
    const write = choose(ackedWrites(execution), first);
    return write === null ? null : replaced(execution, { ...write, outcome: { type: 'failed' } });
  },

  /** A request is missing from the log. */
  lostFromLog(execution: Execution, first: number): Execution | null {
    const entry = choose(execution.log, first);
    return entry === null ? null : { ...execution, log: execution.log.filter((other) => other !== entry) };
  },

  /** A request stands in the log a second time, at its end. */
  twiceInLog(execution: Execution, first: number): Execution | null {
    const entry = choose(execution.log, first);
    const last = execution.log.at(-1);
    if (entry === null || last === undefined) return null;
    return {
      ...execution,
      log: [...execution.log, { ...last, index: last.index + 1, requests: entry.requests }],
    };
  },

  /** An operation began when the last one ended: what it was told is stale, or from the past of others. */
  late(execution: Execution, first: number): Execution | null {
    const operation = choose(execution.history, first);
    if (operation === null || operation.returnMs === Infinity) return null;
    const endMs = Math.max(
      ...execution.history.map(({ returnMs }) => (returnMs === Infinity ? 0 : returnMs)),
    );
    return replaced(execution, { ...operation, client: 'late', callMs: endMs + 1, returnMs: endMs + 2 });
  },
} as const;

export const MUTATION_NAMES = Object.keys(MUTATIONS).filter(isMutation);

export function mutate(
  execution: Execution,
  mutation: Mutation,
  first: number,
  second: number,
): Execution | null {
  return MUTATIONS[mutation](execution, first, second);
}

function isMutation(name: string): name is Mutation {
  return name in MUTATIONS;
}

function answeredReads({ history }: Execution): AnsweredRead[] {
  return history.filter(
    (operation): operation is AnsweredRead => operation.type === 'read' && operation.outcome.type === 'ok',
  );
}

function ackedWrites({ history }: Execution): AckedWrite[] {
  return history.filter(
    (operation): operation is AckedWrite => operation.type === 'write' && operation.outcome.type === 'ok',
  );
}

/** One of the records that one of the reads was shown is another. */
function reshown(
  execution: Execution,
  first: number,
  second: number,
  change: (record: KvRecord) => KvRecord | null,
): Execution | null {
  const shows = answeredReads(execution).flatMap((read) => {
    const { result } = read.outcome.output;
    const there = result.type === 'get' ? result.records.filter((record) => record !== null) : [];
    return result.type === 'get' && there.length > 0 ? [{ read, records: result.records, there }] : [];
  });
  const show = choose(shows, first);
  const shown = choose(show?.there ?? [], second);
  if (show === null || shown === null) return null;
  const records = show.records.map((record) => (record === shown ? change(shown) : record));
  const output = { ...show.read.outcome.output, result: { type: 'get', records } } as const;
  return replaced(execution, { ...show.read, outcome: { type: 'ok', output } });
}

/** Others that asked the same and were told something else. */
function sameReads(execution: Execution, read: AnsweredRead): AnsweredRead[] {
  return answeredReads(execution).filter(
    (other) =>
      other.level === read.level &&
      JSON.stringify(other.query) === JSON.stringify(read.query) &&
      printed(other.outcome.output.result) !== printed(read.outcome.output.result),
  );
}

function printed(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

function replaced(execution: Execution, changed: ClientOperation): Execution {
  const history = execution.history.map((one) => (one.callId === changed.callId ? changed : one));
  return { ...execution, history };
}

function choose<Item>(items: readonly Item[], number: number): Item | null {
  return items[number % Math.max(items.length, 1)] ?? null;
}
