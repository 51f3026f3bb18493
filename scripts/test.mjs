/**
 * `npm test`: every check of the repository in one go, in the order in which a mistake is cheapest to see.
 *
 * A step that fails does not hide the next one, unless the next one needs what it should have made. The last line is
 * exactly `N passed, N failed` (and `, N skipped` when something was); the exit code says the same.
 *
 * System packages: only the containers need some; scripts/engine installs them as root on Debian, each printed before.
 * Where there can be no engine, that step fails and says what is missing.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { withEngine } from './engine/engine.mjs';
import { EngineMissing } from './engine/missing.mjs';

/**
 * @typedef {Readonly<Record<string, string>>} Env
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 * @typedef {{ title: string, needs?: string, run: () => Promise<Tally> }} Step
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = path.join(root, 'node_modules', '.bin');
/** The floor of `engines.node`. */
const NODE_MIN = /** @type {const} */ ([20, 19]);

/** @type {readonly Step[]} */
const STEPS = [
  { title: 'build', run: build },
  { title: 'types', needs: 'build', run: () => command('tsc', ['-p', 'tsconfig.json', '--noEmit']) },
  { title: 'lint', run: () => command('oxlint', ['--type-aware', '--deny-warnings']) },
  { title: 'format', run: () => command('biome', ['format', '.']) },
  { title: 'tests', needs: 'build', run: () => tests(['!containers']) },
  { title: 'containers', needs: 'build', run: containers },
];

process.exitCode = await main();

async function main() {
  if (!nodeIsSupported(process.versions.node)) {
    print(`Quorate needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}.`);
    print('0 passed, 1 failed');
    return 1;
  }
  /** @type {Tally} */
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {Set<string>} */
  const broken = new Set();
  for (const step of STEPS) {
    const tally = await runStep(step, broken);
    if (tally.failed > 0) broken.add(step.title);
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  }
  print('');
  print(summary(total));
  return total.failed === 0 ? 0 : 1;
}

/** @param {Step} step @param {ReadonlySet<string>} broken */
async function runStep(step, broken) {
  print(`\n== ${step.title} ${'='.repeat(Math.max(0, 96 - step.title.length))}`);
  if (step.needs !== undefined && broken.has(step.needs)) {
    print(`not run: ${step.needs} failed`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const startedAt = performance.now();
  const tally = await step.run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(`-- ${step.title}: ${tally.failed === 0 ? 'ok' : 'FAILED'} in ${seconds} s`);
  return tally;
}

/** From nothing: a file that left src/ must not live on in dist/ and in the package. */
async function build() {
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  return await command('tsc', ['-p', 'tsconfig.build.json']);
}

/**
 * Tiers under vitest; the counts come from its own report, so a run that dies early counts as a failure.
 * @param {readonly string[]} projects @param {Env} [env]
 */
async function tests(projects, env = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), 'quorate-test-'));
  const report = path.join(directory, 'report.json');
  const args = [...projects.map((name) => `--project=${name}`), '--reporter=default', '--reporter=json'];
  try {
    const code = await execute('vitest', ['run', ...args, `--outputFile.json=${report}`], env);
    return tallyOf(await readFile(report, 'utf8').catch(() => null), code);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @returns {Promise<Tally>} */
async function containers() {
  try {
    return await withEngine((env) => tests(['containers'], env), print);
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    print(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** @param {string | null} report @param {number} code @returns {Tally} */
function tallyOf(report, code) {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const counts = JSON.parse(report);
  const passed = Number(counts.numPassedTests);
  const failed = Number(counts.numFailedTests);
  const skipped = Number(counts.numPendingTests) + Number(counts.numTodoTests);
  // A file that does not load, or an unhandled rejection, fails the run without failing any test.
  const hidden = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  return { passed, failed: failed + hidden, skipped };
}

/** One pass-or-fail check. @param {string} name @param {readonly string[]} args @returns {Promise<Tally>} */
async function command(name, args) {
  const code = await execute(name, args);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** @param {string} name @param {readonly string[]} args @param {Env} [env] @returns {Promise<number>} */
function execute(name, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(path.join(bin, name), args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.once('error', (error) => {
      print(`${name}: ${error.message} (did npm ci run?)`);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** @param {string} version */
function nodeIsSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

/** @param {Tally} tally */
function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
