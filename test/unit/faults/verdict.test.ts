import { expect, test } from 'vitest';

import type { Entry } from '../../../src/raft/entry.ts';
import type {
  CommittedLog,
  History,
  Outcome,
  WriteOperation,
} from '../../../src/sim/linearizability/index.ts';
import type { Reply } from '../../../src/kv/operation.ts';
import { encodeEnvelope } from '../../../src/wire/envelope.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { auditLogs } from '../../support/scenarios/log-audit.ts';
import { judgeHistory } from '../../support/scenarios/verdict.ts';

const KEY = new TextEncoder().encode('k');

/** Put number `n` on one key, at revision n + 1, as a client and as the log have it. */
function put(
  n: number,
  outcome: Outcome<Reply> = { type: 'ok', output: { type: 'put', revision: n + 1, previous: null } },
): WriteOperation {
  const returnMs = outcome.type === 'unknown' ? Infinity : n * 10 + 5;
  return {
    type: 'write',
    client: 'c',
    callId: n,
    callMs: n * 10,
    returnMs,
    operation: operation(n),
    outcome,
  };
}

function operation(n: number): Extract<WriteOperation['operation'], { type: 'put' }> {
  const value = new TextEncoder().encode(`v${n}`);
  return { type: 'put', key: KEY, value, conditions: [], returnPrevious: false };
}

function log(...puts: readonly number[]): CommittedLog {
  return puts.map((n, place) => ({
    index: place + 2,
    term: 1,
    clusterTimeMs: 0,
    requests: [
      {
        session: 0n,
        sequence: 0,
        acknowledgedThrough: 0,
        user: '',
        authRevision: 0,
        operation: operation(n),
      },
    ],
  }));
}

test.each<[string, History, CommittedLog, RegExp | null]>([
  ['what was acknowledged and is there', [put(1), put(2)], log(1, 2), null],
  [
    'an acknowledged write that is not in the log',
    [put(1), put(2)],
    log(1),
    /v2: acknowledged 1 times, in the log 0/,
  ],
  ['an acknowledged write that is there twice', [put(1)], log(1, 1), /v1: in the log 2 times/],
  [
    'a refused write that was applied',
    [put(1), put(2, { type: 'failed' })],
    log(1, 2),
    /v2: in the log 1 times/,
  ],
  ['a write of unknown outcome, lost', [put(1), put(2, { type: 'unknown' })], log(1), null],
  ['a write of unknown outcome, applied', [put(1), put(2, { type: 'unknown' })], log(1, 2), null],
  ['answers in another order than the log', [put(1), put(2)], log(2, 1), /not linearizable/],
])('the audit of %s', (_name, history, committed, complaint) => {
  const complaints = judgeHistory(history, committed).join('\n');
  if (complaint === null) expect(complaints).toBe('');
  else expect(complaints).toMatch(complaint);
});

test('logs that differ below the commit index, or reach it on no majority, are told', () => {
  const [a, b, c] = [1, 1, 2].map((second) => [noop(1, 1), noop(2, second)]);
  if (a === undefined || b === undefined || c === undefined) throw new Error('three logs');
  expect(told([a, b, a], 2)).toBe('');
  expect(told([a, b, c], 2)).toMatch(/n1 and n3 committed different entries at index 2/);
  expect(told([a, b, c], 1)).toBe('');
  expect(told([a, a.slice(0, 1), a.slice(0, 1)], 2)).toMatch(/only 1 of 3 logs reach it/);
});

/** Raft's log matching is about terms: one command twice proposed is two entries (raft-core, leader completeness). */
test('logs that hold one command at one index in two terms are told', () => {
  const [a, b, c] = [1, 1, 2].map((second) => [noop(1, 1), command(2, second)]);
  if (a === undefined || b === undefined || c === undefined) throw new Error('three logs');
  expect(told([a, b, a], 2)).toBe('');
  expect(told([a, b, c], 2)).toMatch(/n1 and n3 committed different entries at index 2/);
});

function told(logs: readonly (readonly Entry[])[], committed: number): string {
  const stored = logs.map((entries, place) => ({ node: `n${place + 1}`, entries }));
  return auditLogs(stored, committed, 3).complaints.join('\n');
}

function noop(index: number, term: number): Entry {
  return { kind: 'noop', index, term };
}

function command(index: number, term: number): Entry {
  const request = {
    session: 0n,
    sequence: 0,
    user: '',
    authRevision: 0,
    operation: encodeOperation(operation(1)),
  };
  return { kind: 'command', index, term, data: encodeEnvelope(0, [request]) };
}
