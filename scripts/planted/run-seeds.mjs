/** Seeds in a process of their own: what a planted bug throws, leaks or hangs stays there. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/**
 * @typedef {import('../../src/sim/index.ts').RunResult} RunResult
 * `kinds` of faults as `quorate sim` spells them. `brokenMax`: after so many broken ones it ends.
 * @typedef {{
 *   readonly entry: string, readonly seeds: readonly number[], readonly minutes: number,
 *   readonly size?: number, readonly load?: 'full' | 'light', readonly kinds?: readonly string[],
 *   readonly brokenMax?: number,
 * }} Work
 * @typedef {{ readonly type: 'held', readonly seed: number, readonly result: RunResult, readonly cpuMs: number }} Held
 * @typedef {{
 *   readonly type: 'broken', readonly seed: number, readonly breach: string, readonly message: string,
 *   readonly cpuMs: number,
 * }} Broken
 * @typedef {{ readonly type: 'stuck', readonly seed: number, readonly why: string }} Stuck
 * @typedef {Held | Broken | Stuck} Outcome
 */

const CHILD = path.join(import.meta.dirname, 'seeds-child.mjs');
const HEAP_MB_MAX = 1_024;
/** Real time without news of a seed: an event that never ends. Far more than a slow machine needs for a sound one. */
const SILENCE_MS_MAX = 300_000;

/**
 * In the order of the seeds; the last one is `stuck` when the process ended, or never ended, within it.
 * @param {Work} work @param {{ onOutcome?: (outcome: Outcome) => void, silenceMsMax?: number }} [options]
 * @returns {Promise<readonly Outcome[]>}
 */
export async function runSeeds(work, { onOutcome = () => {}, silenceMsMax = SILENCE_MS_MAX } = {}) {
  const args = [
    `--max-old-space-size=${HEAP_MB_MAX}`,
    '--max-semi-space-size=64',
    CHILD,
    JSON.stringify(work),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint = (complaint + text).slice(-2_000);
  });
  const silence = setTimeout(() => {
    complaint = `nothing was heard of it for ${silenceMsMax / 1_000} s`;
    child.kill('SIGKILL');
  }, silenceMsMax);
  /** @type {Outcome[]} */
  const outcomes = [];
  /** @type {number | null} */
  let under = null;
  for await (const line of createInterface({ input: child.stdout })) {
    silence.refresh();
    const told = JSON.parse(line);
    under = told.type === 'begins' ? told.seed : null;
    if (told.type === 'begins') continue;
    outcomes.push(told);
    onOutcome(told);
  }
  const code = await ended;
  clearTimeout(silence);
  if (under !== null) outcomes.push({ type: 'stuck', seed: under, why: complaint });
  else if (code !== 0) throw new Error(`the process that runs seeds ended with ${code}: ${complaint}`);
  return outcomes;
}

/** @param {number} from @param {number} count @returns {readonly number[]} */
export function seedRange(from, count) {
  return Array.from({ length: count }, (_, i) => (from + i) >>> 0);
}

/**
 * Dealt out in turns to so many processes.
 * @param {Work} work @param {number} processes @returns {Promise<readonly Outcome[]>} in no particular order
 */
export async function runSeedsBeside(work, processes) {
  const hands = Array.from({ length: processes }, (_, hand) =>
    work.seeds.filter((_seed, place) => place % processes === hand),
  );
  const outcomes = await Promise.all(hands.map((seeds) => runSeeds({ ...work, seeds })));
  return outcomes.flat();
}
