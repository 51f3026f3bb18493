/**
 * How many fresh seeds until the simulator sees a planted bug? `npm run hunt` (or `node scripts/hunt.mjs`)
 *
 *   --quick               for each bug whose recorded seed kills it no more, one hunt; records the seed that kills it
 *   --missing             only bugs without a recorded seed
 *   --hunts N             for each bug; default 10
 *   --budget N            seeds for one hunt; default 1,000
 *   --minutes M           simulated minutes of a seed; default: as recorded for the bug, else 0.5
 *   --nodes N, --faults KIND,KIND   as for `quorate sim`, default: as recorded for the bug, else all; for bugs that
 *                         need luck otherwise
 *   --only NAME,NAME      these bugs alone
 *   --jobs N              processes at a time; default 2
 *   --table               no hunt, only the table in docs/simulator.md from what is recorded
 *
 * Writes test/planted/seeds.json, without --quick test/planted/hunts.json too, and the table in docs/simulator.md. Of
 * the seeds that a bug's hunts found, the one that costs the least time is recorded: the test command runs it each time.
 * Ends with 1 when a bug was not found, or does not apply.
 */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Build } from './planted/build.mjs';
import { plantedBugs } from './planted/patches.mjs';
import { readKillings, recordHunts, recordKillings } from './planted/records.mjs';
import { runSeeds, seedRange } from './planted/run-seeds.mjs';
import { writeTable } from './planted/table.mjs';

/**
 * @typedef {import('./planted/records.mjs').Killing} Killing
 * @typedef {import('./planted/records.mjs').Options} Options
 * @typedef {import('./planted/run-seeds.mjs').Held} Held
 * `cpuMs`: of the seed, with the bug and without.
 * @typedef {{
 *   readonly seeds: number, readonly killing: Killing | null, readonly why: string, readonly cpuMs: number,
 * }} Kill
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    missing: { type: 'boolean', default: false },
    hunts: { type: 'string', default: '10' },
    budget: { type: 'string', default: '1000' },
    minutes: { type: 'string' },
    nodes: { type: 'string' },
    faults: { type: 'string' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    table: { type: 'boolean', default: false },
  },
});
const MINUTES = 0.5;
const budget = Number(values.budget);
const hunts = values.quick ? 1 : Number(values.hunts);

process.exitCode = values.table ? 0 : await main();
await writeTable(root);

async function main() {
  const killings = await readKillings(root);
  const wanted = values.only?.split(',');
  const bugs = (await plantedBugs(root)).filter(
    ({ name }) => (wanted?.includes(name) ?? true) && !(values.missing && killings[name] !== undefined),
  );
  const sound = await Build.make(root, null);
  /** @param {string} name @returns {Options} */
  const optionsOf = (name) => {
    const { seed: _, law: __, ...recorded } = killings[name] ?? { minutes: MINUTES };
    return {
      ...recorded,
      ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
      ...(values.nodes === undefined ? {} : { size: Number(values.nodes) }),
      ...(values.faults === undefined ? {} : { kinds: values.faults.split(',') }),
    };
  };
  let missed = 0;
  const left = bugs.map(({ name }) => name);
  const worker = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const found = await huntFor(name, optionsOf(name), sound).catch((/** @type {Error} */ error) => {
        print(`${name}: ${error.message}`);
        return false;
      });
      if (!found) missed += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  } finally {
    await sound.dispose();
  }
  print(`${bugs.length - missed} of ${bugs.length} found`);
  return missed === 0 ? 0 : 1;
}

/** @param {string} name @param {Options} options @param {Build} sound */
async function huntFor(name, options, sound) {
  const build = await Build.planted(root, name, sound.entry);
  try {
    return await huntOn(build, name, options, sound);
  } finally {
    await build.dispose();
  }
}

/** @param {Build} build @param {string} name @param {Options} options @param {Build} sound */
async function huntOn(build, name, options, sound) {
  if (values.quick && (await isStillKilled(build, name))) return true;
  /** @type {(number | null)[]} */
  const counts = [];
  /** @type {Record<string, number>} */
  const laws = {};
  let cheapestMs = Number.POSITIVE_INFINITY;
  for await (const { seeds, killing, why, cpuMs } of huntsOn(build, name, options, sound)) {
    counts.push(killing === null ? null : seeds);
    if (killing !== null) laws[killing.law] = (laws[killing.law] ?? 0) + 1;
    if (killing !== null && cpuMs < cheapestMs) {
      cheapestMs = cpuMs;
      await recordKillings(root, { [name]: killing });
    }
    print(
      `${name}: ${killing === null ? `not found in ${seeds} seeds` : `seed ${killing.seed}, the ${nth(seeds)}`}; ${why}`,
    );
    if (counts.length === hunts) break;
  }
  if (!values.quick) await recordHunts(root, { [name]: { ...options, budget, seeds: counts, laws } });
  return !counts.includes(null);
}

/** A seed is another history as soon as the simulator draws otherwise. @param {Build} build @param {string} name */
async function isStillKilled({ entry }, name) {
  const killing = (await readKillings(root))[name];
  if (killing === undefined) return false;
  const { seed, law: _, ...options } = killing;
  const [outcome] = await runSeeds({ entry, seeds: [seed], ...options });
  print(`${name}: the recorded seed ${seed} ${outcome?.type === 'broken' ? 'still kills it' : 'is stale'}`);
  return outcome?.type === 'broken';
}

/**
 * Fresh seeds in a row: whichever kills the bug ends one hunt, and the next hunt goes on behind it, in the same process,
 * since most of what a few seeds cost is its start.
 * @param {Build} build @param {string} name @param {Options} options @param {Build} sound
 * @returns {AsyncGenerator<Kill, never>}
 */
async function* huntsOn({ entry }, name, options, sound) {
  let next = randomInt(1_000_000_000);
  let tried = 0;
  let left = hunts;
  for (;;) {
    const seeds = seedRange(next, budget - tried);
    const outcomes = await runSeeds({ entry, seeds, ...options, brokenMax: left });
    next += outcomes.length;
    const killers = outcomes.filter(({ type }) => type === 'broken').map(({ seed }) => seed);
    const controls = await heldBy(sound, killers, options);
    for (const outcome of outcomes) {
      tried += 1;
      if (outcome.type === 'stuck') print(`${name}: seed ${outcome.seed} never ended: ${outcome.why}`);
      const control = controls.get(outcome.seed);
      if (outcome.type !== 'broken' || control === undefined) continue;
      const killing = { seed: outcome.seed, ...options, law: outcome.breach };
      const why = outcome.message.split('\n', 1)[0] ?? '';
      left -= 1;
      yield { seeds: tried, killing, why, cpuMs: outcome.cpuMs + control.cpuMs };
      tried = 0;
    }
    if (tried === budget) {
      left -= 1;
      yield { seeds: tried, killing: null, why: '', cpuMs: 0 };
      tried = 0;
    }
  }
}

/**
 * A seed that breaks without the bug as well tells nothing about the bug, and much about the product.
 * @param {Build} sound @param {readonly number[]} seeds @param {Options} options
 */
async function heldBy({ entry }, seeds, options) {
  /** @type {Map<number, Held>} */
  const held = new Map();
  if (seeds.length === 0) return held;
  for (const control of await runSeeds({ entry, seeds, ...options })) {
    if (control.type === 'held') held.set(control.seed, control);
    else print(`SOUND CODE BREAKS TOO: ${JSON.stringify({ ...options, ...control })}`);
  }
  return held;
}

/** @param {number} place */
function nth(place) {
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[place % 100 > 10 && place % 100 < 14 ? 0 : place % 10] ?? 'th';
  return `${place}${ending}`;
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
