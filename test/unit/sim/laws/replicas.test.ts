import { expect, test } from 'vitest';
import { createStateMachine } from '../../../../src/kv/index.ts';
import type { Operation } from '../../../../src/kv/operation.ts';
import type { StateMachine } from '../../../../src/kv/state-machine.ts';
import { checkReplicas } from '../../../../src/sim/laws/replicas.ts';
import type { CommittedEntry } from '../../../../src/sim/linearizability/index.ts';
import { nodeId } from '../../../property/raft/ids.ts';
import { ALL, compact, put, remove, request } from '../../kv/store.ts';

/** An entry each, from index 2 on: the first one of a log is a leader's own. */
function logOf(...operations: readonly Operation[]): CommittedEntry[] {
  return operations.map((operation, at) => ({
    index: at + 2,
    term: 1,
    clusterTimeMs: 1_000 * at,
    requests: [request(operation)],
  }));
}

function replicaOf(log: readonly CommittedEntry[]): StateMachine {
  const machine = createStateMachine();
  machine.apply(1, 0, []);
  for (const { index, term, clusterTimeMs, requests } of log) {
    machine.apply(index, clusterTimeMs, requests, term);
  }
  return machine;
}

/** Revisions 2 and 3, then both gone at 4. */
const CHANGES = [put('a', '1'), put('b', '1'), remove(ALL), put('c', '1')];

test('a digest that stays after a compaction is a breach, also where nothing was compacted away', () => {
  const log = logOf(compact(1), put('a', '1'));
  const blind = createStateMachine();
  const digest = blind.digest.bind(blind);
  let held = digest();
  // As it would be if the digest left out the floor.
  blind.digest = () => (blind.revision === 1 ? held : (held = digest()));
  expect(() => checkReplicas(log, [], 0, { still: blind })).toThrow(
    /entry 2@1 changes the state, and its digest stays/,
  );
  expect(() => checkReplicas(log, [], 0)).not.toThrow();
});

test('what changes nothing may leave the digest as it is', () => {
  expect(() =>
    checkReplicas(logOf(put('a', '1'), compact(9), remove(ALL), remove(ALL)), [], 0),
  ).not.toThrow();
});

test('a node that has cleaned up more than it may is a breach; one that cleaned up all it may is none', () => {
  const log = logOf(...CHANGES, compact(4));
  const machine = replicaOf(log);
  while (machine.cleanUp(1_000) > 0);
  const node = nodeId('n1');
  expect(machine.history).toMatchObject({ floor: 4, eventCount: 3 });
  expect(() => checkReplicas(log, [{ node, machine }], 0)).not.toThrow();

  const history = { ...machine.history, floor: 4, eventCount: 2 };
  const robbed = { appliedIndex: machine.appliedIndex, history };
  expect(() => checkReplicas(log, [{ node, machine: robbed }], 0)).toThrow(
    'history is kept is broken by n1 at 0.0 ms: it holds 2 events, where its history from revision 4 on has 3',
  );
  const behind = { ...robbed, appliedIndex: machine.appliedIndex - 1 };
  expect(() => checkReplicas(log, [{ node, machine: behind }], 0)).not.toThrow();
});

test('what ended by the log’s time has ended for the law too: the writes it refuses are not counted', () => {
  const session = openedIn(2);
  const log: CommittedEntry[] = [
    entryAt(2, 0, request({ type: 'sessionOpen', ttlMs: 1_000 })),
    entryAt(3, 5_000, request({ type: 'sessionExpire', ids: [session], term: 1 })),
    entryAt(4, 5_000, { ...request(put('a', '1')), session, sequence: 1 }),
    entryAt(5, 5_000, request(put('b', '1'))),
  ];
  const machine = replicaOf(log);
  expect(machine.history.eventCount).toBe(1);
  expect(() => checkReplicas(log, [{ node: nodeId('n1'), machine }], 0)).not.toThrow();
});

test('a reply that a session keeps is another state, a refusal’s too, and so is the mark of what never will be', () => {
  const session = openedIn(2);
  const refused = { ...request(put('a', '1', { conditions: [{ type: 'present' }] })), session, sequence: 1 };
  const marked = request({ type: 'resolve', session, sequence: 2 });
  for (const asked of [refused, marked]) {
    const log = [entryAt(2, 0, request({ type: 'sessionOpen', ttlMs: 1_000 })), entryAt(3, 0, asked)];
    expect(() => checkReplicas(log, [], 0)).not.toThrow();
    // As it would be if the digest left out what sessions keep.
    const blind = createStateMachine();
    const digest = blind.digest.bind(blind);
    let held = digest();
    blind.digest = () => (blind.appliedIndex === 3 ? held : (held = digest()));
    expect(() => checkReplicas(log, [], 0, { still: blind })).toThrow(/entry 3@1 changes the state/);
  }
});

test('a copy of what a session has answered is no other state', () => {
  const session = openedIn(2);
  const once = { ...request(put('a', '1')), session, sequence: 1 };
  const compacted = { ...request(compact(2)), session, sequence: 2 };
  const log = [
    entryAt(2, 0, request({ type: 'sessionOpen', ttlMs: 1_000 })),
    ...[3, 4].map((index) => entryAt(index, 0, once)),
    ...[5, 6].map((index) => entryAt(index, 0, compacted)),
  ];
  expect(() => checkReplicas(log, [], 0)).not.toThrow();
});

function entryAt(
  index: number,
  clusterTimeMs: number,
  asked: CommittedEntry['requests'][number],
): CommittedEntry {
  return { index, term: 1, clusterTimeMs, requests: [asked] };
}

/** The id of the session that the first request of this entry opens. */
function openedIn(index: number): bigint {
  const [reply] = createAt(index).apply(index, 0, [request({ type: 'sessionOpen', ttlMs: 1_000 })]);
  if (reply?.type !== 'sessionOpen') throw new Error('a session opens');
  return reply.session;
}

function createAt(index: number): StateMachine {
  const machine = createStateMachine();
  for (let before = 1; before < index; before += 1) machine.apply(before, 0, []);
  return machine;
}
