/** `npm run bench`: every workload, repeats interleaved; see README.md. */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { figure, median, spread, table } from '../support/figures.mjs';
import { CONTENDERS } from './contenders.mjs';
import { RATIOS, WORKLOADS } from './workloads.mjs';

/**
 * @typedef {import('./load.mjs').Result} Result
 * @typedef {import('./workloads.mjs').Workload} Workload
 */

const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url));
const WARMUP_MS = 1_000;
const generate = promisify(execFile);

const { values: flags } = parseArgs({
  options: {
    repeats: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const only = flags.only === '' ? null : new Set(flags.only.split(','));
const workloads = WORKLOADS.filter((each) => only === null || only.has(each.name));
const measureMs = Number(flags.seconds) * 1000;
const repeats = Number(flags.repeats);

/** @type {Map<string, Result[]>} */
const results = new Map(workloads.map((each) => [each.name, []]));
for (let repeat = 1; repeat <= repeats; repeat += 1) {
  for (const name of new Set(workloads.map((each) => each.contender))) {
    process.stderr.write(`repeat ${repeat} of ${repeats}: ${name}\n`);
    await measure(
      name,
      workloads.filter((each) => each.contender === name),
    );
  }
}
print();

/** A fresh instance for each contender and repeat. @param {string} name @param {readonly Workload[]} mine */
async function measure(name, mine) {
  const contender = CONTENDERS[name];
  if (contender === undefined) throw new Error(`no contender ${name}`);
  const instance = await contender.start();
  try {
    for (const workload of mine) {
      const order = { workload, target: instance.target, warmupMs: WARMUP_MS, measureMs };
      const { stdout } = await generate(process.execPath, [LOAD, JSON.stringify(order)]);
      results.get(workload.name)?.push(JSON.parse(stdout));
    }
  } finally {
    await instance.stop();
  }
}

function print() {
  write(
    `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${repeats} repeats of`,
  );
  write(
    `${flags.seconds} s after 1 s of warm-up, median [min..max]; all nodes and the load generator share the cores\n`,
  );
  write(table([['workload', 'what', 'ops/s', 'p50 ms', 'p99 ms'], ...workloads.map(rowOf)]));
  const ratios = RATIOS.filter((names) => names.every((name) => results.has(name))).map(ratioOf);
  if (ratios.length > 0) write(`\n${table([['ratio of the same repeat', 'ops/s'], ...ratios])}`);
}

/** @param {Workload} workload */
function rowOf({ name, about }) {
  const all = results.get(name) ?? [];
  return [
    name,
    about,
    spread(all.map((each) => each.opsPerSecond)),
    figure(median(all.map((each) => each.p50Ms))),
    figure(median(all.map((each) => each.p99Ms))),
  ];
}

/** @param {readonly [string, string]} names */
function ratioOf([ours, theirs]) {
  const mine = results.get(ours) ?? [];
  const other = results.get(theirs) ?? [];
  const ratios = mine.map((each, repeat) => each.opsPerSecond / (other[repeat]?.opsPerSecond ?? Number.NaN));
  return [`${ours} / ${theirs}`, spread(ratios)];
}

/** @param {string} text */
function write(text) {
  process.stdout.write(`${text}\n`);
}
