import { expect, test } from 'vitest';
import type { KvRecord, Operation } from '../../../../src/kv/operation.ts';
import type { Request } from '../../../../src/kv/state-machine.ts';
import { checkBlackBox, checkWitness } from '../../../../src/sim/linearizability/index.ts';
import type { ClientOperation, CommittedEntry } from '../../../../src/sim/linearizability/index.ts';
import { settleUnknown } from '../../../../src/sim/linearizability/settle-unknown.ts';
import type { Settled } from '../../../../src/sim/linearizability/settle-unknown.ts';
import { positionOfChange } from '../../../../src/sim/linearizability/witness/slots.ts';
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

const START = [GRANT, leased('x'), leased('y')];
const LOG = logOf(...START, EXPIRE);
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

test('to the search, which has no log, a lease may end at any time, and what hangs on none stays', () => {
  const strange = read(3, 3, null, null);
  expect(checkBlackBox([...WRITES, strange]).type).toBe('legal');
  expect(checkBlackBox([wrote(1, put('x', '1'), 2), strange]).type).toBe('illegal');
});

test('a report of the search names the lease, its end and those that are gone', () => {
  const verdict = checkBlackBox([...WRITES, read(3, 4, null, null), read(4, 4, X, null)]);
  if (verdict.type !== 'illegal') throw new Error('what went does not come back');
  const { refutation } = verdict;
  expect(refutation.report).toContain('put x = 1 on lease 7');
  expect(refutation.report).toContain('time #-1  revoke lease 7');
  expect(refutation.report).toContain('x is absent, y is absent, there is no lease 7');
  expect(refutation.open.map(({ client }) => client)).toEqual(['b']);
});

test('where the log has a lease end, the search takes it from there: neither sooner nor later', () => {
  const late = logOf(GRANT, leased('x'), leased('y'), put('z', '1'), EXPIRE);
  const z = wrote(3, put('z', '1'), 4);
  const { history, leaseEnds, positions } = settled([...WRITES, z, read(4, 5, null, null)], late);
  expect(history).toHaveLength(4);
  // Nothing after it returned that has a place of its own in the log, so that it took effect at all is not certain.
  expect(leaseEnds).toMatchObject([{ operation: { id: LEASE }, callMs: 1, returnMs: Infinity }]);
  expect(leaseEnds.map(({ callId }) => positions.get(callId))).toEqual([positionOfChange(5)]);

  const soon = settled([...WRITES, wrote(3, put('z', '1'), 5)], logOf(...START, EXPIRE, put('z', '1')));
  const output = { type: 'leaseRevoke', revision: 4, deleted: 2 };
  expect(soon.leaseEnds).toMatchObject([{ returnMs: 3.5, outcome: { output } }]);
  expect(settled(WRITES, logOf(...START)).leaseEnds).toEqual([]);
});

function settled(history: readonly ClientOperation[], log: readonly CommittedEntry[]): Settled {
  const witness = checkWitness(history, log);
  if (witness.type === 'illegal') throw new Error('the log bears it out');
  return settleUnknown(history, witness);
}

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
