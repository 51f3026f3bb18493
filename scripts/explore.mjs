/**
 * Explores every order of events of the real raft core within large bounds, and prints how far it came:
 *
 *   npm run build && node --max-old-space-size=6000 scripts/explore.mjs --minutes 5
 *   node scripts/explore.mjs --campaigns 2 --crashes 1 --proposals 1 --termMax 2
 *
 * It ends with exit code 1 and a shortest story when a law is broken.
 */
import { parseArgs } from 'node:util';

/**
 * @typedef {import('../src/sim/explore/index.ts').Bounds} Bounds
 * @typedef {import('../src/sim/explore/index.ts').Report} Report
 */

const MINUTE_MS = 60_000;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    states: { type: 'string', default: '8000000' },
    nodes: { type: 'string', default: '3' },
    termMax: { type: 'string', default: '2' },
    proposals: { type: 'string', default: '2' },
    campaigns: { type: 'string', default: '2' },
    heartbeats: { type: 'string', default: '0' },
    crashes: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '0' },
    catchUps: { type: 'string', default: '0' },
  },
});

/** @type {{ explore: typeof import('../src/sim/explore/index.ts').explore }} */
const { explore } = await import(new URL('../dist/sim/explore/index.js', import.meta.url).href);

/** @type {Bounds} */
const bounds = {
  nodes: flags.nodes === '2' ? 2 : 3,
  termMax: Number(flags.termMax),
  proposals: Number(flags.proposals),
  campaigns: Number(flags.campaigns),
  heartbeats: Number(flags.heartbeats),
  crashes: Number(flags.crashes),
  repeats: Number(flags.repeats),
  catchUps: Number(flags.catchUps),
};
const startedAt = Date.now();
const endAt = startedAt + Number(flags.minutes) * MINUTE_MS;
say(JSON.stringify(bounds));
const report = explore(bounds, {
  states: Number(flags.states),
  isEnough: () => Date.now() > endAt,
  onProgress: print,
});
print(report);
say(report.complete ? 'complete: there are no other states within these bounds' : 'not complete');
if (report.finding !== null) {
  say(`${report.finding.law}, after ${report.finding.depth} steps:`);
  for (const line of report.finding.story) say(`  ${line}`);
  process.exitCode = 1;
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {Report} report */
function print({ depth, states, transitions, nodeStates, messages, replays, committing }) {
  const seconds = (Date.now() - startedAt) / 1_000;
  say(
    `depth ${depth}  states ${states}  (committing ${committing})  transitions ${transitions}  node states ${nodeStates}  ` +
      `messages ${messages}  replays ${replays}  ${seconds.toFixed(1)} s`,
  );
}
