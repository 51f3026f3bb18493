/**
 * The session audit in full (src/sim/audits): so many increments in the simulator, while answers get lost and leaders
 * die, are done exactly that often, and none is left unknown. `node scripts/audits.mjs`
 *
 *   --increments N   default 10,000
 *   --nodes N,N      default 3,5
 *   --seeds N        for each size; default 1
 *   --seed N         the first; default drawn
 *   --bug NAME       on a build with this bug of test/planted: then the audit should break
 *
 * A JSON line for each run on standard output. Ends with 1 when one broke.
 */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Build } from './planted/build.mjs';

const { values } = parseArgs({
  options: {
    increments: { type: 'string', default: '10000' },
    nodes: { type: 'string', default: '3,5' },
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(randomInt(1_000_000_000)) },
    bug: { type: 'string' },
  },
});

const build = await Build.make(fileURLToPath(new URL('..', import.meta.url)), values.bug ?? null);
try {
  /** @type {typeof import('../src/sim/index.ts')} */
  const { auditSessions } = await import(build.entry);
  for (const nodes of values.nodes.split(',').map(Number)) {
    for (let turn = 0; turn < Number(values.seeds); turn += 1) {
      await audit(auditSessions, {
        seed: Number(values.seed) + turn,
        nodes,
        increments: Number(values.increments),
      });
    }
  }
} finally {
  await build.dispose();
}

/**
 * @param {typeof import('../src/sim/index.ts').auditSessions} auditSessions
 * @param {import('../src/sim/index.ts').SessionAuditOptions} options
 */
async function audit(auditSessions, options) {
  const before = process.cpuUsage();
  const outcome = await auditSessions(options).catch((/** @type {Error} */ error) => ({
    broken: error.message,
  }));
  if ('broken' in outcome) process.exitCode = 1;
  const cpuMs = Math.round(process.cpuUsage(before).user / 1_000);
  const line = JSON.stringify({ ...options, ...outcome, cpuMs }, (_key, value) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  process.stdout.write(`${line}\n`);
}
