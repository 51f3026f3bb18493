/**
 * How long does a leader's end last for clients? `npm run failover [-- TRIALS]` prints the distribution over 20
 * trials of kill -9 (to the first acknowledged write) and of a graceful stop (the slowest write while it happens).
 */
import { connect } from 'quorate';

import { figure, percentile, table } from './support/figures.mjs';
import { killLeaderTrial, stopLeaderTrial } from './support/failover-trial.mjs';
import { LocalCluster } from './support/local-cluster.mjs';

const trials = Number(process.argv[2] ?? 20);

const cluster = await LocalCluster.start({ name: 'failover' });
try {
  const db = await connect(cluster.endpoints);
  try {
    await measure(db);
  } finally {
    await db.close();
  }
} finally {
  await cluster.dispose();
}

/** @param {Awaited<ReturnType<typeof connect>>} db */
async function measure(db) {
  /** @type {number[]} */
  const kills = [];
  /** @type {Awaited<ReturnType<typeof stopLeaderTrial>>[]} */
  const stops = [];
  for (let trial = 1; trial <= trials; trial += 1) {
    kills.push(await killLeaderTrial(cluster, db));
    stops.push(await stopLeaderTrial(cluster, db));
    process.stderr.write(`\rtrial ${trial} of ${trials}`);
  }
  process.stderr.write('\n');
  const errors = stops.flatMap((stop) => stop.errors);
  const rows = [
    ['milliseconds', 'min', 'p50', 'p90', 'max'],
    row('kill -9: to the first acknowledged write', kills),
    row(
      'graceful stop: slowest write',
      stops.map((stop) => stop.slowestWriteMs),
    ),
    row(
      'graceful stop: longest time without an acknowledgement',
      stops.map((stop) => stop.longestGapMs),
    ),
  ];
  process.stdout.write(`three nodes, default settings, ${trials} trials each\n\n${table(rows)}\n\n`);
  const writes = stops.reduce((sum, stop) => sum + stop.writes, 0);
  process.stdout.write(`graceful stops: ${writes} writes, ${errors.length} errors\n`);
  for (const error of new Set(errors)) process.stdout.write(`  ${error}\n`);
  process.exitCode = errors.length === 0 ? 0 : 1;
}

/** @param {string} title @param {readonly number[]} values */
function row(title, values) {
  return [title, ...[0, 0.5, 0.9, 1].map((fraction) => figure(percentile(values, fraction)))];
}
