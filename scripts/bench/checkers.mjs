/**
 * How fast the linearizability checkers are, on legal histories of concurrent clients that are made here:
 * `npm run build && node scripts/bench/checkers.mjs --operations 1000000`.
 *
 * The witness judges that many operations, the search (and both together) a tenth of them. Half are reads; values
 * repeat, so that a read alone does not tell where it stands. Exits 1 where a verdict is not `legal`.
 */
import { parseArgs } from 'node:util';

import { figure, table } from '../support/figures.mjs';

/**
 * @typedef {import('../../src/sim/linearizability/index.ts').ClientOperation} ClientOperation
 * @typedef {import('../../src/sim/linearizability/index.ts').CommittedEntry} CommittedEntry
 * @typedef {typeof import('../../src/sim/linearizability/index.ts')} Checkers
 */

const { values: flags } = parseArgs({ options: { operations: { type: 'string', default: '1000000' } } });
const operationCount = Number(flags.operations);
if (!Number.isSafeInteger(operationCount) || operationCount < 1) {
  throw new RangeError(`--operations is a whole number from 1 on, not ${flags.operations}`);
}

/** @type {Checkers} */
const { checkBlackBox, checkWitness, judge } = await import(
  new URL('../../dist/sim/linearizability/index.js', import.meta.url).href
);

/** A small linear congruential generator: the same history on every run. */
let word = 1;
const below = (/** @type {number} */ bound) => {
  word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((word / 2 ** 32) * bound);
};

/**
 * Operation i takes effect at time i, somewhere in the interval of a client that was free: so all of it is legal.
 * @param {number} count @param {number} keyCount @param {number} clientCount
 */
function execution(count, keyCount, clientCount) {
  const keys = Array.from({ length: keyCount }, (_, key) => Buffer.from(`key ${key}`));
  const records = new Map();
  const freeAtMs = Array.from({ length: clientCount }, () => -1);
  /** @type {ClientOperation[]} */
  const history = [];
  /** @type {CommittedEntry[]} */
  const log = [];
  let revision = 1;
  for (let at = 0; at < count; at += 1) {
    const free = freeAtMs.findIndex((ms) => ms < at);
    const client = free === -1 ? freeAtMs.push(-1) - 1 : free;
    const callMs = Math.max((freeAtMs[client] ?? 0) + 0.1, at - below(clientCount));
    const returnMs = at + 0.1 + below(clientCount);
    freeAtMs[client] = returnMs;
    const interval = { client: `c${client}`, callId: at, callMs, returnMs };
    const key = keys[below(keyCount)] ?? Buffer.alloc(0);
    const name = key.toString();
    const before = records.get(name) ?? null;
    if (below(2) === 0) {
      revision += 1;
      const value = Buffer.from(`value ${below(5)}`);
      const operation = /** @type {const} */ ({
        type: 'put',
        key,
        value,
        conditions: [],
        returnPrevious: false,
      });
      const createRevision = before?.createRevision ?? revision;
      const version = (before?.version ?? 0) + 1;
      records.set(name, { key, value, createRevision, modRevision: revision, version, lease: 0n });
      const request = {
        session: 0n,
        sequence: 0,
        acknowledgedThrough: 0,
        user: '',
        authRevision: 0,
        operation,
      };
      log.push({ index: log.length + 1, term: 1, clusterTimeMs: at, requests: [request] });
      const output = /** @type {const} */ ({ type: 'put', revision, previous: null });
      history.push({ ...interval, type: 'write', operation, outcome: { type: 'ok', output } });
    } else {
      const result = /** @type {const} */ ({ type: 'get', records: [before] });
      const output = /** @type {const} */ ({ revision, level: 'linearizable', result });
      const query = /** @type {const} */ ({ type: 'get', keys: [key] });
      const level = /** @type {const} */ ('linearizable');
      history.push({
        ...interval,
        type: 'read',
        query,
        level,
        minRevision: 0,
        outcome: { type: 'ok', output },
      });
    }
  }
  return { history, log };
}

/** @type {string[][]} */
const rows = [['who', 'operations', 'keys', 'clients', 'open at once', 'verdict', 'CPU s']];

/** On average over the time of the history. @param {readonly ClientOperation[]} history */
function openAtOnce(history) {
  const openMs = history.reduce((sum, { callMs, returnMs }) => sum + returnMs - callMs, 0);
  return figure(openMs / history.length);
}

/** @param {string} who @param {readonly [number, number, number]} size @param {(made: ReturnType<typeof execution>) => string} check */
function measure(who, [count, keyCount, clientCount], check) {
  const made = execution(count, keyCount, clientCount);
  const before = process.cpuUsage();
  const verdict = check(made);
  const { user, system } = process.cpuUsage(before);
  const seconds = figure((user + system) / 1e6);
  const size = [count, keyCount, clientCount].map(String);
  rows.push([who, ...size, openAtOnce(made.history), verdict, seconds]);
  if (verdict !== 'legal') process.exitCode = 1;
}

const some = Math.ceil(operationCount / 10);
measure('witness', [operationCount, 1, 50], ({ history, log }) => checkWitness(history, log).type);
measure('witness', [operationCount, 1_000, 50], ({ history, log }) => checkWitness(history, log).type);
measure('search', [some, 1, 5], ({ history }) => checkBlackBox(history).type);
measure('search', [some, 100, 50], ({ history }) => checkBlackBox(history).type);
measure('both', [some, 1, 50], ({ history, log }) => judge(history, log).verdict);
process.stdout.write(`${table(rows)}\n`);
