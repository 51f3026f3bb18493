import { expect, test } from 'vitest';
import type { KvRecord, Operation } from '../../../../src/kv/operation.ts';
import type { Request } from '../../../../src/kv/state-machine.ts';
import { checkBlackBox, checkWitness } from '../../../../src/sim/linearizability/index.ts';
import type { ClientOperation, CommittedEntry } from '../../../../src/sim/linearizability/index.ts';
import { bytes, put, request } from '../../kv/store.ts';

const LEASE = 7n;
const GRANT: Operation = { type: 'leaseGrant', id: LEASE, ttlMs: 100 };
const EXPIRE: Operation = { type: 'leaseExpire', ids: [LEASE], term: 1 };

/** An entry each, 100 ms of cluster time apart. */
function logOf(...asked: readonly (Operation | Request)[]): CommittedEntry[] {
  return asked.map((each, at) => ({
    index: at + 1,
    term: 1,
    clusterTimeMs: 100 * at,
    requests: ['session' in each && 'operation' in each ? each : request(each)],
  }));
}

function leased(key: string): Operation {
  return {
    type: 'put',
    key: bytes(key),
    value: bytes('1'),
    conditions: [],
    returnPrevious: false,
    lease: LEASE,
  };
}

function wrote(callId: number, operation: Operation, revision: number): ClientOperation {
  const times = { client: 'a', callId, callMs: callId, returnMs: callId + 0.5 };
  const output = { type: 'put', revision, previous: null } as const;
  return { ...times, type: 'write', operation, outcome: { type: 'ok', output } };
}

function read(callId: number, revision: number, ...records: readonly (KvRecord | null)[]): ClientOperation {
  const times = { client: 'b', callId, callMs: callId, returnMs: callId + 0.5 };
  const query = { type: 'get', keys: ['x', 'y'].map(bytes) } as const;
  const output = { revision, level: 'linearizable', result: { type: 'get', records } } as const;
  const asked = { type: 'read', query, level: 'linearizable', minRevision: 0 } as const;
  return { ...times, ...asked, outcome: { type: 'ok', output } };
}

function record(key: string, revision: number, lease = LEASE): KvRecord {
  const revisions = { createRevision: revision, modRevision: revision };
  return { key: bytes(key), value: bytes('1'), ...revisions, version: 1, lease };
}

const LOG = logOf(GRANT, leased('x'), leased('y'), EXPIRE);
const WRITES = [wrote(1, leased('x'), 2), wrote(2, leased('y'), 3)];
const X = record('x', 2);
const Y = record('y', 3);

test('the keys of a lease are there until the log ends it, and go as one revision', () => {
  const history = [...WRITES, read(3, 3, X, Y), read(4, 4, null, null)];
  expect(checkWitness(history, LOG).type).toBe('legal');
});

test.each([
  ['one of the keys that is still there', read(4, 4, X, null)],
  ['a revision for each key', read(4, 5, null, null)],
  ['a key that says nothing of its lease', read(3, 3, record('x', 2, 0n), Y)],
])('%s is a finding', (_what, answer) => {
  expect(checkWitness([...WRITES, answer], LOG).type).toBe('illegal');
});

test('the search, which has no log, leaves keys of leases out, and no others', () => {
  const strange = read(3, 3, null, null);
  expect(checkBlackBox([...WRITES, strange]).type).toBe('legal');
  expect(checkBlackBox([wrote(1, put('x', '1'), 2), strange]).type).toBe('illegal');
});

function open(ttlMs: number): Operation {
  return { type: 'sessionOpen', ttlMs };
}

function inSession(session: bigint): Request {
  return { ...request(put('x', '1')), session, sequence: 1 };
}

test('a transaction that hangs keys on a lease which is gone is refused, and does nothing', () => {
  const steps = [
    { type: 'put', key: bytes('y'), value: bytes('1'), conditions: [], returnPrevious: false, lease: LEASE },
  ] as const;
  const txn: Operation = { type: 'txn', when: [], do: steps, otherwise: [] };
  const cause = { code: 'LEASE_NOT_FOUND', lease: LEASE } as const;
  const output = {
    type: 'failure',
    revision: 1,
    failure: { code: 'TXN_FAILED', at: 'do[0]', cause },
  } as const;
  const refused: ClientOperation = {
    client: 'a',
    callId: 1,
    callMs: 1,
    returnMs: 2,
    type: 'write',
    operation: txn,
    outcome: { type: 'ok', output },
  };
  expect(checkWitness([refused, read(3, 1, null, null)], logOf(txn)).type).toBe('legal');
  expect(checkWitness([refused], logOf(GRANT, txn)).type).toBe('illegal');
});

test('where few sessions are allowed, the one that would end first is evicted, and its write is not done', () => {
  const [long, short] = [1n << 20n, 2n << 20n];
  const told = [wrote(1, put('x', '1'), 2)];
  const opened = [open(9_000), open(1_000), open(5_000)];
  const two = { sessionsMax: 2 };
  expect(checkWitness(told, logOf(...opened, inSession(long)), two).type).toBe('legal');
  expect(checkWitness(told, logOf(...opened, inSession(short)), two).type).toBe('illegal');
  expect(checkWitness(told, logOf(...opened, inSession(short))).type).toBe('legal');
});
