import { describe, expect, test } from 'vitest';
import { simulate, type Summary } from './simulation.ts';

const SEEDS = Number(process.env['RAFT_SEEDS'] ?? 120);
const FIRST_SEED = Number(process.env['RAFT_FIRST_SEED'] ?? 1);
const TRACE_LINES = 120;

describe.each([3, 5])('%i nodes that crash, pause, lose, repeat and reorder', (size) => {
  test('keep every law of Raft, and work again once healed', { timeout: 3_600_000 }, () => {
    const summaries: Summary[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1)
      summaries.push(simulateOrTell(seed, size));
    // A run in which nothing happened proves nothing.
    expect(summaries.every((summary) => summary.committed > 9)).toBe(true);
    expect(average(summaries, (summary) => summary.committed)).toBeGreaterThan(50);
    expect(average(summaries, (summary) => summary.reads)).toBeGreaterThan(20);
    expect(average(summaries, (summary) => summary.terms)).toBeGreaterThan(2);
    expect(average(summaries, (summary) => summary.faults)).toBeGreaterThan(5);
  });
});

test('one seed tells one history', () => {
  const stories = [1, 2].map(() => {
    const trace: string[] = [];
    simulate(7, 3, trace);
    return trace;
  });
  expect(stories[0]?.length).toBeGreaterThan(500);
  expect(stories[0]).toEqual(stories[1]);
});

/** A seed that breaks a law is run again, to tell how it came to that. */
function simulateOrTell(seed: number, size: number): Summary {
  try {
    return simulate(seed, size);
  } catch (error) {
    const trace: string[] = [];
    try {
      simulate(seed, size, trace);
    } catch {
      // The same error again; now its history is known.
    }
    const story = trace.slice(-TRACE_LINES).join('\n');
    throw new Error(`seed ${seed}, ${size} nodes: ${String(error)}\n${story}`, { cause: error });
  }
}

function average(summaries: readonly Summary[], of: (summary: Summary) => number): number {
  return summaries.reduce((sum, summary) => sum + of(summary), 0) / summaries.length;
}
