/**
 * What the state machine alone costs, a call at a time: `npm run build && node --expose-gc scripts/bench/kv.mjs`.
 * Keys of 16 B and values of 256 B arrive as views on blocks of 100 writes, as they do from the log.
 */
import { parseArgs } from 'node:util';

import { figure, table } from '../support/figures.mjs';

/**
 * @typedef {import('../../src/kv/index.ts').Operation} Operation
 * @typedef {import('../../src/kv/index.ts').KeyRange} KeyRange
 * @typedef {import('../../src/kv/index.ts').StateMachine} StateMachine
 */

const KEY_BYTES = 16;
const VALUE_BYTES = 256;
const WRITES_IN_BLOCK = 100;
const PAGE = { pageRecordsMax: 1_000, pageBytesMax: 1 << 20 };

const { values: flags } = parseArgs({ options: { keys: { type: 'string', default: '1000000' } } });
const keyCount = Number(flags.keys);

/** @type {{ createStateMachine: () => StateMachine }} */
const { createStateMachine } = await import(new URL('../../dist/kv/index.js', import.meta.url).href);

/** @type {string[][]} */
const rows = [['what', 'CPU µs each', 'times', 'worst 100, ms']];
const anyOrder = (/** @type {number} */ i) => (i * 7_919) % keyCount;
const inOrder = (/** @type {number} */ i) => i;

const ordered = createStateMachine();
writes(ordered, 'put, new keys in order', keyCount, inOrder);
const machine = createStateMachine();
writes(machine, 'put, new keys in any order', keyCount, anyOrder);
const memory = memoryNow();
writes(machine, 'put, present keys', keyCount, (i) => (anyOrder(i) * 31) % keyCount);
gets('get');
scans('scan, a record', false);
scans('scan keysOnly, a record', true);
timed('count all', 100, () => void machine.query(scanOf({ countOnly: true }), PAGE));
timed('digest', 10_000, () => void machine.digest());
counters('increment');
timed('delete a quarter, a key', 1, () => remove(quarter(2)), keyCount / 4);
process.stdout.write(`${table(rows)}\n\n${memory}\n`);

/** @param {StateMachine} into @param {string} what @param {number} count @param {(i: number) => number} pick */
function writes(into, what, count, pick) {
  let spentUs = 0;
  let worstMs = 0;
  for (let from = 0; from < count; from += WRITES_IN_BLOCK) {
    const requests = block(from, pick);
    const start = performance.now();
    const cpu = process.cpuUsage();
    into.apply(into.appliedIndex + 1, from, requests);
    spentUs += cpuUs(cpu);
    worstMs = Math.max(worstMs, performance.now() - start);
  }
  rows.push([what, figure(spentUs / count), figure(count), figure(worstMs)]);
}

/** @param {string} what */
function gets(what) {
  const keys = Array.from({ length: 500_000 }, (_, i) => keyOf(anyOrder(i * 13)));
  let at = 0;
  timed(what, keys.length, () => {
    const key = keys[at++];
    if (key !== undefined) machine.query({ type: 'get', keys: [key] }, PAGE);
  });
}

/** @param {string} what @param {boolean} keysOnly */
function scans(what, keysOnly) {
  const pages = 200;
  let page = 0;
  const start = () => keyOf(Math.floor((page++ * keyCount * 0.99) / pages));
  timed(
    what,
    pages,
    () => void machine.query(scanOf({ keysOnly, start: start() }), PAGE),
    PAGE.pageRecordsMax,
  );
}

/** @param {string} what */
function counters(what) {
  const key = new Uint8Array(Buffer.from('counter'));
  const requests = Array.from({ length: 100 }, () => request({ type: 'increment', key, by: 1n }));
  timed(what, 1_000, () => void machine.apply(machine.appliedIndex + 1, 0, requests), requests.length);
}

/** @param {string} what @param {number} times @param {() => void} call @param {number} [size] what one call does */
function timed(what, times, call, size = 1) {
  const cpu = process.cpuUsage();
  for (let i = 0; i < times; i++) call();
  rows.push([what, figure(cpuUs(cpu) / times / size), figure(times * size), '']);
}

/** Of all threads, garbage collection included; unlike the wall's, it hardly depends on who else is running. @param {NodeJS.CpuUsage} since */
function cpuUs(since) {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

/** @param {{ keysOnly?: boolean, countOnly?: boolean, start?: Uint8Array }} options @returns {import('../../src/kv/operation.ts').ScanQuery} */
function scanOf({ keysOnly = false, countOnly = false, start = new Uint8Array(0) }) {
  const range = { start, end: new Uint8Array(0) };
  return { type: 'scan', range, limit: 0, reverse: false, keysOnly, countOnly };
}

/** @param {number} part @returns {KeyRange} */
function quarter(part) {
  return { start: keyOf((keyCount / 4) * part), end: keyOf((keyCount / 4) * (part + 1)) };
}

/** @param {KeyRange} target */
function remove(target) {
  const operation = /** @type {const} */ ({ type: 'delete', target, conditions: [], returnPrevious: false });
  machine.apply(machine.appliedIndex + 1, 0, [request(operation)]);
}

/** @param {number} from @param {(i: number) => number} pick */
function block(from, pick) {
  const bytes = Buffer.alloc(WRITES_IN_BLOCK * (KEY_BYTES + VALUE_BYTES), from);
  return Array.from({ length: WRITES_IN_BLOCK }, (_, i) => {
    const at = i * (KEY_BYTES + VALUE_BYTES);
    bytes.write(textOf(pick(from + i)), at, 'latin1');
    const key = new Uint8Array(bytes.buffer, at, KEY_BYTES);
    const value = new Uint8Array(bytes.buffer, at + KEY_BYTES, VALUE_BYTES);
    return request({ type: 'put', key, value, conditions: [], returnPrevious: false });
  });
}

/** @param {Operation} operation */
function request(operation) {
  return { session: 0n, sequence: 0, acknowledgedThrough: 0, user: '', authRevision: 0, operation };
}

/** @param {number} number */
function textOf(number) {
  return String(number % keyCount).padStart(KEY_BYTES, '0');
}

/** @param {number} number */
function keyOf(number) {
  return new Uint8Array(Buffer.from(textOf(number), 'latin1'));
}

function memoryNow() {
  globalThis.gc?.();
  const start = performance.now();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const each = keyCount * 2;
  return (
    `two stores of ${figure(keyCount)} keys: heap ${figure(heapUsed / each)} B and buffers ` +
    `${figure(arrayBuffers / each)} B a key; a full garbage collection takes ${figure(performance.now() - start)} ms`
  );
}
