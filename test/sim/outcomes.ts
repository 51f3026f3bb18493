import type { Outcome, RunResult } from '../../scripts/planted/run-seeds.mjs';

/** A line for each seed that did not hold: what broke, and how to see it again. */
export function complaintsOf(outcomes: readonly Outcome[], minutes: number, flags = ''): readonly string[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.type === 'held') return [];
    const what = outcome.type === 'broken' ? outcome.message : `it never ended: ${outcome.why}`;
    return [`quorate sim --seed ${outcome.seed} --minutes ${minutes}${flags}\n${what}`];
  });
}

export function resultsOf(outcomes: readonly Outcome[]): readonly RunResult[] {
  return outcomes.flatMap((outcome) => (outcome.type === 'held' ? [outcome.result] : []));
}
