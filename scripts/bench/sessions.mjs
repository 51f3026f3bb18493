/**
 * What exactly-once costs: the same puts with sessions and without, on one cluster, taking turns, so that what moves with
 * the machine moves both.
 *
 *   npm run --silent build && node scripts/bench/sessions.mjs --turns 20 --seconds 1
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { connect } from 'quorate';

import { figure, median, table } from '../support/figures.mjs';
import { LocalCluster } from '../support/local-cluster.mjs';
import { KEY_COUNT, keyOf, VALUE_BYTES } from './workloads.mjs';

/** @typedef {Awaited<ReturnType<typeof connect>>} Db @typedef {{ ops: number, cpuMs: number, nodesCpuMs: number }} Turn */

const { values: flags } = parseArgs({
  options: { turns: { type: 'string', default: '20' }, seconds: { type: 'string', default: '1' } },
});
const turnMs = Number(flags.seconds) * 1_000;
const turns = Number(flags.turns);
/** `utime` and `stime` in /proc are counted in these. */
const TICK_MS = 10;
const WARM_UP_TURNS = 2;
const KINDS = /** @type {const} */ (['with', 'without']);
const VALUE = new Uint8Array(randomBytes(VALUE_BYTES));

const cluster = await LocalCluster.start({ name: 'bench', args: ['--log-level', 'warn'] });
try {
  await cluster.leader();
  const rows = [['puts', 'with / without, ops/s', 'processor time a put, with', 'without', 'with / without']];
  for (const outstanding of [64, 1_000]) rows.push(await compare(outstanding));
  process.stdout.write(`${table(rows)}\n`);
} finally {
  await cluster.dispose();
}

/** @param {number} outstanding */
async function compare(outstanding) {
  const kinds = {
    with: await connect(cluster.endpoints),
    without: await connect(cluster.endpoints, { sessions: false }),
  };
  /** @type {{ with: Turn[], without: Turn[] }} */
  const seen = { with: [], without: [] };
  for (let turn = 0; turn < turns + WARM_UP_TURNS; turn += 1) {
    // Who is first takes turns too: what one leaves behind for the garbage collector is paid by the other.
    for (const kind of turn % 2 === 0 ? KINDS : KINDS.toReversed()) {
      const result = await load(kinds[kind], outstanding);
      if (turn >= WARM_UP_TURNS) seen[kind].push(result);
    }
  }
  await Promise.all(Object.values(kinds).map((db) => db.close()));
  const ratios = seen.with.map((each, i) => each.ops / (seen.without[i]?.ops ?? Number.NaN));
  const [costWith, costWithout] = [cost(seen.with), cost(seen.without)];
  return [
    `${outstanding} outstanding`,
    `median ${figure(median(ratios))}, all ${figure(sum(seen.with, 'ops') / sum(seen.without, 'ops'))}`,
    costWith.text,
    costWithout.text,
    figure(costWith.us / costWithout.us),
  ];
}

/** @param {readonly Turn[]} all */
function cost(all) {
  const client = (sum(all, 'cpuMs') * 1_000) / sum(all, 'ops');
  const nodes = (sum(all, 'nodesCpuMs') * 1_000) / sum(all, 'ops');
  return { us: client + nodes, text: `${figure(client)} µs client, ${figure(nodes)} µs nodes` };
}

/** @param {readonly Turn[]} all @param {keyof Turn} what */
function sum(all, what) {
  return all.reduce((total, each) => total + each[what], 0);
}

/** @param {Db} db @param {number} outstanding @returns {Promise<Turn>} */
async function load(db, outstanding) {
  const [own, nodes] = [process.cpuUsage(), await nodesCpuMs()];
  const endAt = performance.now() + turnMs;
  let ops = 0;
  const lane = async () => {
    while (performance.now() < endAt) {
      await db.put(keyOf(Math.floor(Math.random() * KEY_COUNT)), VALUE);
      ops += 1;
    }
  };
  await Promise.all(Array.from({ length: outstanding }, lane));
  const { user, system } = process.cpuUsage(own);
  return { ops, cpuMs: (user + system) / 1_000, nodesCpuMs: (await nodesCpuMs()) - nodes };
}

async function nodesCpuMs() {
  const stats = await Promise.all(cluster.nodes.map(({ pid }) => readFile(`/proc/${pid}/stat`, 'utf8')));
  return stats.reduce((total, stat) => {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return total + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }, 0);
}
