/**
 * Transactions through the real state machine, by clients one after another and side by side: what it answers is legal
 * to both checkers, and what it did not answer is not.
 */
import { describe, expect, test } from 'vitest';

import { createStateMachine } from '../../../../src/kv/index.ts';
import type { KvRecord, Operation, Reply, StepResult } from '../../../../src/kv/operation.ts';
import { ownRequest } from '../../../../src/server/write-batches.ts';
import {
  checkBlackBox,
  describeOperation,
  judge,
  readLines,
  writeLine,
} from '../../../../src/sim/linearizability/index.ts';
import type { ClientOperation, CommittedEntry } from '../../../../src/sim/linearizability/index.ts';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import { Memory } from '../../../../src/sim/workload/memory.ts';
import { drawOperation } from '../../../../src/sim/workload/operations.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../../src/wire/envelope.ts';
import { DEFAULT_LIMITS } from '../../../../src/wire/defaults.ts';

interface Recorded {
  readonly history: readonly ClientOperation[];
  readonly log: readonly CommittedEntry[];
}

/** One machine, one operation after another; each may overlap the one before it, and some answers are lost. */
function record(seed: number, length: number): Recorded {
  const machine = createStateMachine();
  const draws = new RandomSource(seed).stream('operations');
  const memory = new Memory();
  const history: ClientOperation[] = [];
  const log: CommittedEntry[] = [];
  for (let at = 0; at < length; at += 1) {
    const asked = drawOperation(draws, memory, `v${at}`);
    const isLost = draws.chance(5);
    const times = { callMs: at - draws.below(2) * 0.9, returnMs: at + 0.5 };
    const call = { client: `c${at}`, callId: at, ...times };
    if (asked.type === 'read') {
      const result = machine.query(asked.query, DEFAULT_LIMITS);
      const output = { revision: machine.revision, level: asked.level, result };
      history.push({ ...call, ...asked, minRevision: 0, outcome: { type: 'ok', output } });
      memory.shown(machine.revision, result);
      continue;
    }
    const reply = commit(machine, log, asked.operation);
    if (isLost) history.push({ ...call, ...asked, returnMs: Infinity, outcome: { type: 'unknown' } });
    else history.push({ ...call, ...asked, outcome: { type: 'ok', output: reply } });
    memory.told(reply);
  }
  return { history, log };
}

function commit(
  machine: ReturnType<typeof createStateMachine>,
  log: CommittedEntry[],
  operation: Operation,
): Reply {
  const index = machine.appliedIndex + 1;
  const { requests } = decodeEnvelope(encodeEnvelope(0, [ownRequest(operation)]));
  log.push({ index, term: 1, clusterTimeMs: 0, requests });
  const [reply] = machine.apply(index, 0, requests);
  if (reply === undefined) throw new Error('one request, one reply');
  return reply;
}

describe('transactions, reads of the past and compactions', () => {
  test('what the state machine answers is legal to both checkers', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const { history, log } = record(seed, 60);
      expect(judge(history, log).report).toBe('');
      expect(checkBlackBox(history).type).not.toBe('illegal');
    }
  });

  test('the past inside one is true of its revision, or the witness says so', () => {
    let told = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const { history, log } = record(seed, 120);
      for (const [at, operation] of history.entries()) {
        const forged = forgePast(operation);
        if (forged === null) continue;
        told += 1;
        expect(judge(history.with(at, forged), log).witness.type).toBe('illegal');
      }
    }
    expect(told).toBeGreaterThan(10);
  });

  test('come back from JSON lines as they were written', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { history } = record(seed, 60);
      expect(readLines(history.map(writeLine).join('\n')).map(writeLine)).toEqual(history.map(writeLine));
      expect(describedOf(readLines(history.map(writeLine).join('\n')))).toEqual(describedOf(history));
    }
  });

  test('a transaction of which one step is told otherwise is illegal: to the witness always, to the search mostly', () => {
    let told = 0;
    let seen = 0;
    for (let seed = 1; seed <= 30; seed += 1) {
      const { history, log } = record(seed, 60);
      for (const [at, operation] of history.entries()) {
        const forged = forge(operation);
        if (forged === null) continue;
        told += 1;
        const bad = history.with(at, forged);
        expect(judge(bad, log).verdict).toBe('illegal');
        if (checkBlackBox(bad).type === 'illegal') seen += 1;
      }
    }
    expect(told).toBeGreaterThan(30);
    // Without a log, a counter that was told wrongly may be what an unheard write left.
    expect(seen).toBeGreaterThan(told / 2);
  });
});

function describedOf(history: readonly ClientOperation[]): readonly string[] {
  return history.map(describeOperation);
}

/** The same with its other branch told, or with a counter that is one off; null where there is nothing to forge. */
function forge(operation: ClientOperation): ClientOperation | null {
  if (operation.type !== 'write' || operation.outcome.type !== 'ok') return null;
  const { output } = operation.outcome;
  if (output.type !== 'txn') return null;
  const results = output.results.map((each) =>
    each.type === 'increment' ? { ...each, value: each.value + 1n } : each,
  );
  const changed = results.some((each, place) => each !== output.results[place]);
  const forged = changed ? { ...output, results } : { ...output, succeeded: !output.succeeded };
  return { ...operation, outcome: { type: 'ok', output: forged } };
}

/** The same with a record more or fewer in what was read of the past; null where nothing was. */
function forgePast(operation: ClientOperation): ClientOperation | null {
  if (operation.type !== 'write' || operation.outcome.type !== 'ok') return null;
  const { output } = operation.outcome;
  if (output.type !== 'txn') return null;
  const results = output.results.map((each): StepResult => {
    if (each.type !== 'past') return each;
    if (each.result.type === 'scan')
      return { ...each, result: { ...each.result, count: each.result.count + 1 } };
    const records = each.result.records.map((found) => (found === null ? RECORD : null));
    return { ...each, result: { type: 'get', records } };
  });
  if (results.every((each, place) => each === output.results[place])) return null;
  return { ...operation, outcome: { type: 'ok', output: { ...output, results } } };
}

const RECORD: KvRecord = {
  key: Buffer.from('r0'),
  value: Buffer.from('forged'),
  createRevision: 2,
  modRevision: 2,
  version: 1,
  lease: 0n,
};
