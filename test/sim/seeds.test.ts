import { expect, inject, test } from 'vitest';
import { runSeedsBeside, seedRange } from '../../scripts/planted/run-seeds.mjs';
import type { Outcome } from '../../scripts/planted/run-seeds.mjs';
import { HARM_KINDS, Tally } from '../../src/sim/index.ts';
import { complaintsOf, resultsOf } from './outcomes.ts';

const FULL = 6;
/** A light load leaves time for more of them. */
const LIGHT = 194;
const MINUTES = 2;
const PROCESSES = 2;

/** The same seeds each time, so that whoever makes a change sees what the next one will; `quorate sim` draws fresh ones. */
test(`${FULL} seeds under full load and ${LIGHT} under a light one hold for ${MINUTES} simulated minutes each, with every kind of fault`, async () => {
  const work = { entry: inject('soundEntry'), minutes: MINUTES };
  const full = await runSeedsBeside({ ...work, seeds: seedRange(1, FULL) }, PROCESSES);
  const light = await runSeedsBeside({ ...work, seeds: seedRange(1_001, LIGHT), load: 'light' }, PROCESSES);
  const outcomes = [...full, ...light];
  const tally = tallyOf(outcomes);
  process.stdout.write(`${described(tally, outcomes)}\n`);

  expect([...complaintsOf(full, MINUTES), ...complaintsOf(light, MINUTES, ' --load light')]).toEqual([]);
  expect(outcomes).toHaveLength(FULL + LIGHT);
  // A fault that never met anybody was never tested.
  expect(HARM_KINDS.filter((kind) => !tally.faults.has(kind))).toEqual([]);
  expect(tally.operations).toBeGreaterThan(MINUTES * 60 * (10 * FULL + LIGHT));
});

function tallyOf(outcomes: readonly Outcome[]): Tally {
  const tally = new Tally();
  for (const result of resultsOf(outcomes)) tally.add(result);
  return tally;
}

function described(tally: Tally, outcomes: readonly Outcome[]): string {
  const cpuMs = outcomes.reduce((sum, each) => sum + (each.type === 'stuck' ? 0 : each.cpuMs), 0);
  const faults = [...tally.faults]
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`);
  return [
    `${tally.runs} seeds held: ${tally.simulatedHours.toFixed(2)} simulated hours, ${tally.operations} operations`,
    `(${tally.unknown} unknown), ${(tally.simulatedHours / (cpuMs / 60_000)).toFixed(2)} hours per core-minute;`,
    `faults: ${faults.join(', ')}`,
  ].join(' ');
}
