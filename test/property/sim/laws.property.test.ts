import { expect, test } from 'vitest';
import type { NodeId } from '../../../src/raft/index.ts';
import { Laws } from '../../../src/sim/laws/all-laws.ts';
import type { Observation, ObservationType } from '../../../src/sim/laws/law.ts';
import { report } from '../../support/report.ts';
import { nodeId } from '../raft/ids.ts';
import { simulate } from '../raft/simulation.ts';

const SEEDS = Number(process.env['LAW_SEEDS'] ?? 30);
const FIRST_SEED = Number(process.env['LAW_FIRST_SEED'] ?? 1);
/** Some moods send one entry a message and reorder messages: then most of a window of 64 is refused and sent again. */
const BUDGET = { heartbeatMs: 50, electionTimeoutMinMs: 300, entryPays: 60, windowMs: 20_000 };

test.each([3, 5])('%i sound cores among faults break no law', { timeout: 3_600_000 }, (size) => {
  const heard = new Map<ObservationType, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const laws = new Laws(voters(size), BUDGET);
    simulate(seed, size, null, (observation, nowMs) => {
      heard.set(observation.type, (heard.get(observation.type) ?? 0) + 1);
      laws.observe(observation, nowMs);
    });
    expect(laws.committed).toBeGreaterThan(9);
  }
  // Laws that are told of nothing are never broken.
  for (const type of ['started', 'ended', 'persist', 'durable', 'sent', 'applied', 'turned'] as const) {
    expect(heard.get(type)).toBeGreaterThan(SEEDS);
  }
});

/** The bound is several times what it costs: only a law that became slow by a factor fails it. */
test('all laws together cost a few microseconds an observation', () => {
  let observations = 0;
  let spentMicros = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const history = historyOf(seed, 3);
    const laws = new Laws(voters(3), BUDGET);
    const before = process.cpuUsage();
    for (const { observation, nowMs } of history) laws.observe(observation, nowMs);
    spentMicros += process.cpuUsage(before).user;
    observations += history.length;
  }
  const nsEach = (spentMicros * 1_000) / observations;
  report(`all laws: ${nsEach.toFixed(0)} ns an observation, over ${observations} of them`);
  expect(observations).toBeGreaterThan(10_000);
  expect(nsEach).toBeLessThan(10_000);
});

function historyOf(seed: number, size: number): { observation: Observation; nowMs: number }[] {
  const history: { observation: Observation; nowMs: number }[] = [];
  simulate(seed, size, null, (observation, nowMs) => history.push({ observation, nowMs }));
  return history;
}

function voters(size: number): readonly NodeId[] {
  return Array.from({ length: size }, (_, at) => nodeId(`n${at + 1}`));
}
