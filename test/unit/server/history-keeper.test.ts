import { expect, test } from 'vitest';
import { createStateMachine } from '../../../src/kv/index.ts';
import type { Operation } from '../../../src/kv/operation.ts';
import type { StateMachine } from '../../../src/kv/state-machine.ts';
import { EVENTS_PER_TURN, HistoryKeeper } from '../../../src/server/history-keeper.ts';
import { LeaderView } from '../../../src/server/leader-view.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { Bench, increment, N1, N2 } from './loop-bench.ts';

const KEY = Uint8Array.of(1);

function apply(machine: StateMachine, ...operations: Operation[]): void {
  const head = { session: 0n, sequence: 0, acknowledgedThrough: 0, user: '', authRevision: 0 };
  machine.apply(
    machine.appliedIndex + 1,
    machine.clusterTimeMs,
    operations.map((operation) => ({ ...head, operation })),
  );
}

/** A store that has taken so many writes. */
function written(revisions: number): StateMachine {
  const machine = createStateMachine();
  for (let write = 0; write < revisions; write += 1) {
    apply(machine, { type: 'increment', key: KEY, by: 1n });
  }
  return machine;
}

function viewOf(leads: boolean): LeaderView {
  const view = new LeaderView(N1, 0);
  view.update({ term: 1, leader: leads ? N1 : N2, role: leads ? 'leader' : 'follower' }, 0);
  return view;
}

test('history that has ended is freed a bounded piece a turn, and the loop sleeps when it is gone', () => {
  const machine = written(4_500);
  const keeper = new HistoryKeeper(
    machine,
    viewOf(false),
    { keptMs: 1, keptRevisions: 1 },
    () => expect.unreachable('a follower decides nothing'),
    0,
  );
  apply(machine, { type: 'compact', revision: machine.revision });
  const left: number[] = [];
  for (let now = 1; now <= 5; now += 1) {
    keeper.turn(now);
    left.push(machine.history.eventCount);
    expect(keeper.wakeAt).toBe(now < 5 ? now + 1 : Infinity);
  }
  expect(left).toEqual([3_500, 2_500, 1_500, 500, 1]);
  expect(EVENTS_PER_TURN).toBe(1_000);
});

test('a leader compacts to what is to be kept every ten seconds, a follower never', () => {
  for (const leads of [true, false]) {
    const proposed: Operation[] = [];
    const machine = written(100);
    const kept = { keptMs: 3_600_000, keptRevisions: 30 };
    const keeper = new HistoryKeeper(machine, viewOf(leads), kept, (each) => proposed.push(each), 0);
    for (const now of [0, 9_999, 10_000, 10_001, 19_999]) keeper.turn(now);
    expect(keeper.wakeAt).toBe(leads ? 20_000 : Infinity);
    expect(proposed).toEqual(leads ? [{ type: 'compact', revision: 71 }] : []);
  }
});

test('what a leader decides goes through the log, and reads below it are refused from then on', () => {
  const bench = new Bench(['n1']);
  bench.settle(600);
  for (let id = 1; id <= 10; id += 1) bench.say(increment(id), 1_000);
  bench.settle(1_000);
  bench.settle(10_000);
  readPast(bench, 11, 7, 10_001);
  readPast(bench, 12, 8, 10_001);
  bench.settle(10_001);
  expect(bench.answers().slice(-2)).toMatchObject([
    { id: 11, result: { type: 'failure', failure: { code: 'COMPACTED', floor: 8 } } },
    { id: 12, result: { type: 'past', result: { records: [{ modRevision: 8 }] } } },
  ]);
});

function readPast(bench: Bench, id: number, revision: number, now: number): void {
  const read = { type: 'get' as const, keys: [KEY] };
  const query = { type: 'past' as const, revision, read };
  bench.say({ type: 'read', id, timeoutMs: 5_000, level: 'local', minRevision: 0, query }, now);
}

test('a transaction with a flaw is refused before the log, and one that only reads takes no entry of it', () => {
  const bench = new Bench(['n1']);
  bench.settle(600);
  const put = { type: 'put' as const, key: KEY, value: KEY, conditions: [], returnPrevious: false };
  const get = { type: 'get' as const, keys: [KEY] };
  const write = { timeoutMs: 5_000, session: 0n, sequence: 0 };
  const twice = encodeOperation({ type: 'txn', when: [], do: [put, put], otherwise: [] });
  const many = encodeOperation({
    type: 'txn',
    when: [],
    do: Array.from({ length: 129 }, () => get),
    otherwise: [],
  });
  bench.say({ type: 'write', id: 1, ...write, operation: twice }, 1_000);
  bench.say({ type: 'write', id: 2, ...write, operation: many }, 1_000);
  const query = { type: 'txn' as const, when: [], do: [get], otherwise: [] };
  bench.say({ type: 'read', id: 3, timeoutMs: 5_000, level: 'linearizable', minRevision: 0, query }, 1_000);
  const writes = bench.writes.length;
  bench.loop.turn(1_000);
  expect(bench.writes).toHaveLength(writes);
  expect(bench.answers()).toMatchObject([
    { id: 1, code: 'DUPLICATE_KEY', outcome: 'not-applied' },
    { id: 2, code: 'TOO_MANY_OPERATIONS', outcome: 'not-applied' },
    { id: 3, result: { type: 'txn', succeeded: true, results: [{ type: 'get', records: [null] }] } },
  ]);
});
