/**
 * Good histories: a random program runs one operation after the other on the real state machine, and around the
 * moment of each an interval is drawn that overlaps its neighbours'. Whatever a client makes of it, it is legal.
 *
 * Where leases are used, both are granted before anything else, and end when the program says so: neither is recorded.
 */
import * as fc from 'fast-check';

import { createStateMachine } from '../../../src/kv/index.ts';
import type { StateMachine } from '../../../src/kv/index.ts';
import type { Condition, Operation, Query, Reply } from '../../../src/kv/operation.ts';
import type { Request } from '../../../src/kv/state-machine.ts';
import type { ClientOperation, CommittedEntry, Interval } from '../../../src/sim/linearizability/index.ts';

export interface Execution {
  readonly history: readonly ClientOperation[];
  readonly log: readonly CommittedEntry[];
}

export const LEASES: readonly bigint[] = [7n, 8n];

/** One operation of a program and what becomes of it. */
type Step =
  | { readonly type: 'write'; readonly operation: Operation; readonly fate: Fate; readonly interval: Stretch }
  | { readonly type: 'read'; readonly query: Query; readonly interval: Stretch }
  /** On a replica that first applies this many more entries. */
  | { readonly type: 'local'; readonly query: Query; readonly catchUp: number; readonly interval: Stretch }
  | { readonly type: 'leasesEnd'; readonly ids: readonly bigint[] };

/** `unheard` is applied, `lost` is not; of neither does its client learn. */
type Fate = 'ok' | 'unheard' | 'lost' | 'failed';

/** How long before its moment it was called, and how long after it returned, in moments. */
interface Stretch {
  readonly before: number;
  readonly after: number;
}

/** An entry of the log is a millisecond: a lease may end as soon as it is there. */
const LEASE_MS = 1;
const PAGE = { pageRecordsMax: 2, pageBytesMax: 1_000 };
const MOMENT_MS = 10;
const TERM = 1;

const key = fc.constantFrom('a', 'b', 'c').map(bytes);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom<Condition>({ type: 'absent' }, { type: 'present' }),
  fc.nat({ max: 6 }).map((modRevision) => ({ type: 'revision', modRevision }) as const),
  fc.nat({ max: 3 }).map((version) => ({ type: 'version', version }) as const),
);
const conditions = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(condition, { minLength: 1, maxLength: 2 }) },
);
const range = fc.constantFrom(['a', 'c'], ['b', ''], ['', ''], ['d', 'e']).map(([start, end]) => ({
  start: bytes(start ?? ''),
  end: bytes(end ?? ''),
}));
const scan = fc.record({
  type: fc.constant('scan'),
  range,
  limit: fc.nat({ max: 2 }),
  reverse: fc.boolean(),
  keysOnly: fc.boolean(),
  countOnly: fc.boolean(),
});
const get = fc.record({ type: fc.constant('get'), keys: fc.array(key, { minLength: 1, maxLength: 2 }) });
const past = fc.record({
  type: fc.constant('past'),
  revision: fc.integer({ min: 1, max: 12 }),
  read: fc.oneof(get, scan),
});
const put = fc.record({
  type: fc.constant('put'),
  key,
  value: fc.constantFrom('0', '1', '2', 'x').map(bytes),
  conditions,
  returnPrevious: fc.boolean(),
});
const leasedPut = fc
  .tuple(put, fc.constantFrom(...LEASES, ...LEASES, 'keep' as const), fc.nat({ max: 3 }))
  .map(([plain, lease, some]) => ({ ...plain, conditions: some === 0 ? plain.conditions : [], lease }));
const leasedTxn = fc
  .tuple(leasedPut, leasedPut)
  .map(([first, second]) => ({ type: 'txn' as const, when: [], do: [first, second], otherwise: [] }));
const deletion = fc.oneof(
  fc.record({
    type: fc.constant('delete'),
    target: key.map((start) => ({ start, end: null })),
    conditions,
    returnPrevious: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('delete'),
    target: range,
    conditions: fc.constant([]),
    returnPrevious: fc.boolean(),
  }),
);
const increment = fc.record({ type: fc.constant('increment'), key, by: fc.bigInt({ min: -1n, max: 2n }) });
const compact = fc.record({ type: fc.constant('compact'), revision: fc.integer({ min: 1, max: 9 }) });

const singleKeyWrite = fc.oneof(put, increment);
const anyWrite = fc.oneof({ weight: 6, arbitrary: singleKeyWrite }, deletion, {
  weight: 1,
  arbitrary: compact,
});
const leasedWrite = fc.oneof(
  { weight: 5, arbitrary: leasedPut },
  { weight: 2, arbitrary: singleKeyWrite },
  leasedTxn,
  deletion,
);
const leaseId = fc.constantFrom(...LEASES);
const leaseWrite = fc.oneof(
  leaseId.map((id) => ({ type: 'leaseGrant', id, ttlMs: LEASE_MS }) as const),
  leaseId.map((id) => ({ type: 'leaseRenew', ids: [id] }) as const),
  leaseId.map((id) => ({ type: 'leaseRevoke', id }) as const),
);
const leasesEnd = fc
  .constantFrom(LEASES.slice(0, 1), LEASES.slice(1), LEASES)
  .map((ids): Step => ({ type: 'leasesEnd', ids }));
const singleGet = key.map((only) => ({ type: 'get', keys: [only] }) as const);
const anyQuery = fc.oneof({ weight: 3, arbitrary: get }, { weight: 2, arbitrary: scan }, past);

const interval = fc.record({ before: fc.nat({ max: 4 }), after: fc.nat({ max: 4 }) });
const anyFate = fc.oneof(
  { weight: 6, arbitrary: fc.constant('ok' as const) },
  { weight: 2, arbitrary: fc.constantFrom('unheard', 'lost', 'failed') },
);

function steps(
  operation: fc.Arbitrary<Operation>,
  query: fc.Arbitrary<Query>,
  fate: fc.Arbitrary<Fate> = anyFate,
): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('write'), operation, fate, interval }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('read'), query, interval }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('local'), query, catchUp: fc.nat({ max: 4 }), interval }),
    },
  );
}

/** Everything Quorate does. */
export function anyExecution(stepsMax: number): fc.Arbitrary<Execution> {
  return fc.array(steps(anyWrite, anyQuery), { maxLength: stepsMax }).map((program) => execute(program));
}

/** One key at a time, so that partitions are many. */
export function singleKeyExecution(stepsMax: number): fc.Arbitrary<Execution> {
  return fc
    .array(steps(singleKeyWrite, singleGet), { maxLength: stepsMax })
    .map((program) => execute(program));
}

/** The same, and no outcome is unknown. */
export function heardExecution(stepsMax: number): fc.Arbitrary<Execution> {
  return fc
    .array(steps(singleKeyWrite, singleGet, fc.constant('ok')), { maxLength: stepsMax })
    .map((program) => execute(program));
}

/** Keys hang on leases, which end. */
export function leasedExecution(stepsMax: number): fc.Arbitrary<Execution> {
  // What ended is gone for good.
  const step = fc.oneof({ weight: 9, arbitrary: steps(leasedWrite, fc.oneof(get, scan)) }, leasesEnd);
  return fc.array(step, { maxLength: stepsMax }).map((program) => execute(program, LEASES));
}

/** And their clients write down what they do to leases: nothing else grants one. */
export function recordedLeaseExecution(stepsMax: number): fc.Arbitrary<Execution> {
  const writes = fc.oneof({ weight: 2, arbitrary: leasedWrite }, leaseWrite);
  const step = fc.oneof({ weight: 6, arbitrary: steps(writes, fc.oneof(get, scan)) }, leasesEnd);
  return fc.array(step, { maxLength: stepsMax }).map((program) => execute(program));
}

function execute(program: readonly Step[], leases: readonly bigint[] = []): Execution {
  const leader = createStateMachine();
  const replica = createStateMachine();
  const log: CommittedEntry[] = [];
  for (const id of leases) apply(leader, log, { type: 'leaseGrant', id, ttlMs: LEASE_MS });
  const clients = new Clients();
  const history = program.flatMap((step, at): ClientOperation[] => {
    if (step.type === 'leasesEnd') {
      apply(leader, log, { type: 'leaseExpire', ids: step.ids, term: TERM });
      return [];
    }
    const heard = step.type !== 'write' || step.fate === 'ok' || step.fate === 'failed';
    const own = clients.interval(at, step.interval, heard);
    if (step.type === 'write') return [write(leader, log, own, step.operation, step.fate)];
    if (step.type === 'read') return [read(leader, own, step.query, 'linearizable')];
    for (const entry of log.slice(replica.appliedIndex, replica.appliedIndex + step.catchUp)) {
      replica.apply(entry.index, entry.clusterTimeMs, entry.requests, entry.term);
    }
    return [read(replica, own, step.query, 'local')];
  });
  return { history, log };
}

function write(
  machine: StateMachine,
  log: CommittedEntry[],
  own: Interval,
  operation: Operation,
  fate: Fate,
): ClientOperation {
  const applied = fate === 'ok' || fate === 'unheard';
  const reply = applied ? apply(machine, log, operation) : null;
  const call = { ...own, type: 'write', operation } as const;
  if (fate === 'failed') return { ...call, outcome: { type: 'failed' } };
  if (fate !== 'ok' || reply === null) return { ...call, outcome: { type: 'unknown' } };
  return { ...call, outcome: { type: 'ok', output: reply } };
}

function apply(machine: StateMachine, log: CommittedEntry[], operation: Operation): Reply | null {
  const request: Request = {
    session: 0n,
    sequence: 0,
    acknowledgedThrough: 0,
    user: '',
    authRevision: 0,
    operation,
  };
  const entry = { index: log.length + 1, term: TERM, clusterTimeMs: log.length, requests: [request] };
  log.push(entry);
  return machine.apply(entry.index, entry.clusterTimeMs, entry.requests, entry.term)[0] ?? null;
}

function read(
  machine: StateMachine,
  own: Interval,
  query: Query,
  level: 'linearizable' | 'local',
): ClientOperation {
  const output = { revision: machine.revision, level, result: machine.query(query, PAGE) };
  return { ...own, type: 'read', query, level, minRevision: 0, outcome: { type: 'ok', output } };
}

/** Gives each operation to the first client that is free. */
class Clients {
  readonly #freeAtMs: number[] = [];

  interval(at: number, { before, after }: Stretch, heard: boolean): Interval {
    const momentMs = (at + 1) * MOMENT_MS;
    const found = this.#freeAtMs.findIndex((freeAtMs) => freeAtMs < momentMs);
    const client = found === -1 ? this.#freeAtMs.length : found;
    const freeAtMs = this.#freeAtMs[client] ?? 0;
    const callMs = Math.max(freeAtMs, momentMs - before * MOMENT_MS);
    const returnMs = momentMs + after * MOMENT_MS;
    this.#freeAtMs[client] = heard ? returnMs : momentMs;
    return { client: `c${client}`, callId: at + 1, callMs, returnMs: heard ? returnMs : Infinity };
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
