/**
 * What a change costs the state machine: this tree's beside another's, in one run and taking turns, since absolute
 * numbers move with the machine and ratios do not.
 *
 *   git worktree add /tmp/before COMMIT && npx tsc … (both trees built)
 *   node --expose-gc scripts/bench/kv-against.mjs --before /tmp/before/dist/kv/index.js
 *
 * Keys of 16 B and values of 256 B arrive as views on blocks of 100 writes, as they do from the log.
 */
import { parseArgs } from 'node:util';

import { figure, table } from '../support/figures.mjs';

/**
 * @typedef {import('../../src/kv/index.ts').Operation} Operation
 * @typedef {import('../../src/kv/index.ts').StateMachine} StateMachine
 * @typedef {{ createStateMachine: () => StateMachine }} Module
 */

const KEY_BYTES = 16;
const VALUE_BYTES = 256;
const WRITES_IN_BLOCK = 100;
/** Revisions. */
const HISTORY_KEPT = 50_000;

const { values: flags } = parseArgs({
  options: {
    before: { type: 'string' },
    after: { type: 'string', default: new URL('../../dist/kv/index.js', import.meta.url).pathname },
    keys: { type: 'string', default: '200000' },
    writes: { type: 'string', default: '400000' },
    repeats: { type: 'string', default: '5' },
  },
});
if (flags.before === undefined) throw new Error('--before FILE: the kv/index.js to compare with');
const keyCount = Number(flags.keys);
const writeCount = Number(flags.writes);

/** @type {readonly [string, (machine: StateMachine) => number][]} */
const WORKLOADS = [
  ['put, new keys in any order', (machine) => puts(machine, keyCount, (i) => (i * 7_919) % keyCount)],
  ['put, present keys in any order', (machine) => puts(machine, writeCount, (i) => (i * 104_729) % keyCount)],
  ['put, one key', (machine) => puts(machine, writeCount, () => 7)],
  ['delete and put again', (machine) => turns(machine, writeCount / 2)],
];

/** @type {Map<string, number[]>} */
const ratios = new Map(WORKLOADS.map(([what]) => [what, []]));
/** @type {Map<string, number>} */
const best = new Map();

for (let round = 0; round < Number(flags.repeats); round++) {
  const before = await measured(flags.before);
  const after = await measured(flags.after);
  for (const [what] of WORKLOADS) {
    const [one, two] = [before.get(what) ?? 0, after.get(what) ?? 0];
    ratios.get(what)?.push(one / two);
    best.set(what, Math.min(two, best.get(what) ?? two));
  }
}
const rows = [['what', 'throughput, after / before (median)', 'each repeat', 'CPU µs each, after']];
for (const [what, each] of ratios) {
  const sorted = each.toSorted((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  rows.push([
    what,
    figure(median),
    each.map((ratio) => ratio.toFixed(2)).join(' '),
    figure(best.get(what) ?? 0),
  ]);
}
process.stdout.write(`${table(rows)}\n`);

/** CPU µs for each workload, one after the other on one machine. @param {string} file */
async function measured(file) {
  /** @type {Module} */
  const { createStateMachine } = await import(file);
  const machine = createStateMachine();
  globalThis.gc?.();
  return new Map(WORKLOADS.map(([what, run]) => [what, run(machine)]));
}

/** @param {StateMachine} machine @param {number} count @param {(i: number) => number} pick */
function puts(machine, count, pick) {
  let spentUs = 0;
  for (let from = 0; from < count; from += WRITES_IN_BLOCK) {
    const requests = block(from, pick);
    spentUs += applied(machine, requests);
  }
  return spentUs / count;
}

/** @param {StateMachine} machine @param {number} count */
function turns(machine, count) {
  let spentUs = 0;
  for (let from = 0; from < count; from += WRITES_IN_BLOCK) {
    const requests = block(from, (i) => (i * 104_729) % keyCount);
    const both = requests.flatMap((put) => [remove(put.operation.key), put]);
    spentUs += applied(machine, both);
  }
  return spentUs / count / 2;
}

/**
 * What keeping history in bounds costs is part of it, where there is history.
 *
 * @param {StateMachine} machine @param {import('../../src/kv/index.ts').Request[]} requests
 */
function applied(machine, requests) {
  const cpu = process.cpuUsage();
  machine.apply(machine.appliedIndex + 1, 0, requests);
  const hasHistory = 'cleanUp' in machine;
  if (hasHistory && machine.appliedIndex % 100 === 0 && machine.revision > HISTORY_KEPT) {
    const revision = machine.revision - HISTORY_KEPT;
    if (revision > machine.history.floor) {
      machine.apply(machine.appliedIndex + 1, 0, [request({ type: 'compact', revision })]);
    }
  }
  if (hasHistory) machine.cleanUp(2 * requests.length);
  const { user, system } = process.cpuUsage(cpu);
  return user + system;
}

/** @param {number} from @param {(i: number) => number} pick */
function block(from, pick) {
  const bytes = Buffer.alloc(WRITES_IN_BLOCK * (KEY_BYTES + VALUE_BYTES), from);
  return Array.from({ length: WRITES_IN_BLOCK }, (_, i) => {
    const at = i * (KEY_BYTES + VALUE_BYTES);
    bytes.write(String(pick(from + i)).padStart(KEY_BYTES, '0'), at, 'latin1');
    const key = new Uint8Array(bytes.buffer, at, KEY_BYTES);
    const value = new Uint8Array(bytes.buffer, at + KEY_BYTES, VALUE_BYTES);
    return request(/** @type {const} */ ({ type: 'put', key, value, conditions: [], returnPrevious: false }));
  });
}

/** @param {Uint8Array} key */
function remove(key) {
  const target = { start: key, end: null };
  return request({ type: 'delete', target, conditions: [], returnPrevious: false });
}

/** @template {Operation} T @param {T} operation */
function request(operation) {
  return { session: 0n, sequence: 0, acknowledgedThrough: 0, user: '', authRevision: 0, operation };
}
