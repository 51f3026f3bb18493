import { createStateMachine, type KvRecord, type Operation, type Reply } from '../../../src/kv/index.ts';
import type { Condition, KeyRange, PastQuery, QueryResult, ScanQuery } from '../../../src/kv/operation.ts';
import type { PageLimits, Request, StateMachine } from '../../../src/kv/state-machine.ts';

export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
export const text = (value: Uint8Array): string => Buffer.from(value).toString('latin1');

export const PAGE: PageLimits = { pageRecordsMax: 1_000, pageBytesMax: 1 << 20 };

export interface WriteOptions {
  readonly conditions?: readonly Condition[];
  readonly returnPrevious?: boolean;
}

export function put(key: string, value: string, options: WriteOptions = {}): Operation {
  const { conditions = [], returnPrevious = false } = options;
  return { type: 'put', key: bytes(key), value: bytes(value), conditions, returnPrevious };
}

export function remove(target: KeyRange, options: WriteOptions = {}): Operation {
  return {
    type: 'delete',
    target,
    conditions: options.conditions ?? [],
    returnPrevious: options.returnPrevious ?? false,
  };
}

export function increment(key: string, by: bigint): Operation {
  return { type: 'increment', key: bytes(key), by };
}

export const compact = (revision: number): Operation => ({ type: 'compact', revision });

export const one = (key: string): KeyRange => ({ start: bytes(key), end: null });
export const between = (start: string, end: string): KeyRange => ({ start: bytes(start), end: bytes(end) });
/** Every key: an empty end means "to the last key". */
export const ALL = between('', '');

export const request = (operation: Operation): Request => ({
  session: 0n,
  sequence: 0,
  acknowledgedThrough: 0,
  user: '',
  authRevision: 0,
  operation,
});

/** A machine with a log of its own: each `run` is the next entry. */
export class Store {
  readonly machine: StateMachine;

  constructor(machine: StateMachine = createStateMachine()) {
    this.machine = machine;
  }

  run(...operations: readonly Operation[]): Reply[] {
    return this.runAt(0, ...operations);
  }

  runAt(clusterTimeMs: number, ...operations: readonly Operation[]): Reply[] {
    return this.machine.apply(this.machine.appliedIndex + 1, clusterTimeMs, operations.map(request));
  }

  reply(operation: Operation): Reply {
    const [reply] = this.run(operation);
    if (reply === undefined) throw new Error('an operation without a reply');
    return reply;
  }

  get(key: string): KvRecord | null {
    const result = this.machine.query({ type: 'get', keys: [bytes(key)] }, PAGE);
    if (result.type !== 'get') throw new Error('not the answer to a get');
    return result.records[0] ?? null;
  }

  scan(
    range: KeyRange,
    options: Partial<ScanQuery> = {},
    limits = PAGE,
  ): Extract<QueryResult, { type: 'scan' }> {
    const query: ScanQuery = { ...SCAN, range, ...options };
    const result = this.machine.query(query, limits);
    if (result.type !== 'scan') throw new Error('not the answer to a scan');
    return result;
  }

  /** The read as of a revision; a failure as it is. */
  past(revision: number, read: PastQuery['read'], limits = PAGE): QueryResult {
    return this.machine.query({ type: 'past', revision, read }, limits);
  }

  keys(range: KeyRange, options: Partial<ScanQuery> = {}): string[] {
    return this.scan(range, options).records.map((record) => text(record.key));
  }
}

export const SCAN = { type: 'scan', limit: 0, reverse: false, keysOnly: false, countOnly: false } as const;
