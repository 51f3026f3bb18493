/**
 * Random faults for a given time, on real processes or containers: `npm run soak -- --minutes 10 --on containers`
 *
 *   --minutes M     no scenario begins later; default 10
 *   --on WHAT       processes (default) or containers
 *   --clusters N    so many at a time, each with a process of its own to ask and judge; default 1
 *   --nodes N       3 or 5 only; default: drawn
 *   --seed S        of the first scenario, the next has S + 1; default: drawn and told
 *   --replay S      that scenario alone: the same faults in the same order (what the nodes do then is up to them)
 *   --out FILE      the report as JSON; default: in the temporary folder
 *
 * Ends with 1 when a promise was broken, or a lane broke off; with a replay line for each.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { withEngine } from './engine/engine.mjs';
import { EngineMissing } from './engine/missing.mjs';
import { reportOf, tableOf } from './support/soak-report.mjs';

/** @typedef {import('./support/soak-report.mjs').Account} Account */

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    on: { type: 'string', default: 'processes' },
    clusters: { type: 'string', default: '1' },
    nodes: { type: 'string' },
    seed: { type: 'string' },
    replay: { type: 'string' },
    out: { type: 'string' },
  },
});

try {
  process.exitCode = values.on === 'containers' ? await withEngine(soak) : await soak({});
} catch (error) {
  if (!(error instanceof EngineMissing)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** @param {Readonly<Record<string, string>>} env @returns {Promise<number>} */
async function soak(env) {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-soak-'));
  const lanes = values.replay === undefined ? Number(values.clusters) : 1;
  const firstSeed = Number(values.replay ?? values.seed ?? randomInt(2 ** 31));
  const untilMs = Date.now() + Number(values.minutes) * 60_000;
  process.stdout.write(
    `soak: ${lanes} ${lanes === 1 ? 'lane' : 'lanes'} on ${values.on}, first seed ${firstSeed}\n`,
  );
  // The lanes end after their scenario, and what they did is told; Ctrl-C reaches them as well.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
  try {
    const codes = await Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        runLane(env, {
          cluster: values.on,
          ...(values.nodes === undefined ? {} : { nodes: Number(values.nodes) }),
          firstSeed: firstSeed + lane,
          seedStep: lanes,
          untilMs,
          scenariosMax: values.replay === undefined ? 1_000_000 : 1,
          file: path.join(folder, `lane-${lane}.jsonl`),
        }),
      ),
    );
    const report = reportOf(await accountsIn(folder));
    const out = values.out ?? path.join(tmpdir(), `quorate-soak-${firstSeed}.json`);
    await writeFile(out, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`\n${tableOf(report)}\n\nreport: ${out}\n`);
    return codes.every((code) => code === 0) && report.violations.length === 0 && report.scenarios > 0
      ? 0
      : 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {Readonly<Record<string, string>>} env @param {object} lane @returns {Promise<number>} */
function runLane(env, lane) {
  return new Promise((resolve, reject) => {
    const vitest = path.join(root, 'node_modules', '.bin', 'vitest');
    const child = spawn(vitest, ['run', '--project', 'soak'], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env, QUORATE_SOAK: JSON.stringify(lane) },
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 128));
  });
}

/** @param {string} folder @returns {Promise<readonly Account[]>} */
async function accountsIn(folder) {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line));
}
