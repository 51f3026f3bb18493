import { describe, expect, test } from 'vitest';
import { simulate, type Summary } from './cluster.ts';

const SEEDS = Number(process.env['SERVER_SEEDS'] ?? 80);
const FIRST_SEED = Number(process.env['SERVER_FIRST_SEED'] ?? 1);
const TRACE_LINES = 200;

describe.each([3, 5])('%i nodes that crash, freeze, lose links and are stopped', (size) => {
  test('answer every request once, in time and truly, and serve again once healed', {
    timeout: 3_600_000,
  }, () => {
    const summaries: Summary[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1)
      summaries.push(simulateOrTell(seed, size));
    const total = (of: (summary: Summary) => number) =>
      summaries.reduce((sum, summary) => sum + of(summary), 0);
    // A run in which nothing happened proves nothing.
    expect(summaries.every(({ answered }) => answered > 20)).toBe(true);
    expect(total(({ answered }) => answered) / SEEDS).toBeGreaterThan(100);
    expect(total(({ unknown }) => unknown) / SEEDS).toBeGreaterThan(1);
    expect(total(({ faults }) => faults) / SEEDS).toBeGreaterThan(5);
    expect(total(({ terms }) => terms) / SEEDS).toBeGreaterThan(2);
  });
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
