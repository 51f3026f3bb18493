/**
 * The load generator, a process of its own: reads one order (JSON) from its argument, prints one result (JSON).
 *
 * @typedef {object} Driver
 * @property {(key: string, value: Uint8Array) => Promise<unknown>} [put]
 * @property {(key: string) => Promise<unknown>} [get]
 * @property {(payload: Uint8Array) => Promise<unknown>} [echo]
 * @property {() => Promise<unknown>} close
 *
 * @typedef {(target: string) => Promise<Driver>} OpenDriver
 * @typedef {{ workload: import('./workloads.mjs').Workload, target: string, warmupMs: number, measureMs: number }} Order
 * @typedef {{ opsPerSecond: number, p50Ms: number, p99Ms: number }} Result
 */
import { randomBytes } from 'node:crypto';

import { percentile } from '../support/figures.mjs';
import { KEY_COUNT, keyOf, VALUE_BYTES } from './workloads.mjs';

const PREFILL_OUTSTANDING = 256;
const VALUES = Array.from({ length: 256 }, () => new Uint8Array(randomBytes(VALUE_BYTES)));

/** Loaded on demand: a driver may need a package that only its own comparison installs. @type {Readonly<Record<string, () => Promise<{ open: OpenDriver }>>>} */
const DRIVERS = {
  echo: () => import('./drivers/echo.mjs'),
  level: () => import('./drivers/level.mjs'),
  quorate: () => import('./drivers/quorate.mjs'),
};

/** @type {Order} */
const order = JSON.parse(process.argv[2] ?? '');
const openDriver = DRIVERS[order.workload.contender];
if (openDriver === undefined) throw new Error(`no driver for ${order.workload.contender}`);
const { open } = await openDriver();
const driver = await open(order.target);
if (order.workload.operation === 'get') await prefill(driver);
const result = await run(requestOf(driver, order.workload.operation), order);
process.stdout.write(`${JSON.stringify(result)}\n`);
await driver.close();

/** @param {(count: number) => Promise<unknown>} request @param {Order} order @returns {Promise<Result>} */
async function run(request, { workload, warmupMs, measureMs }) {
  const startAt = performance.now() + warmupMs;
  const endAt = startAt + measureMs;
  /** @type {number[]} */
  const latenciesMs = [];
  let count = 0;
  const lane = async () => {
    for (let begunAt = performance.now(); begunAt < endAt; ) {
      count += 1;
      await request(count);
      const now = performance.now();
      if (now >= startAt && now < endAt) latenciesMs.push(now - begunAt);
      begunAt = now;
    }
  };
  await Promise.all(Array.from({ length: workload.outstanding }, lane));
  return {
    opsPerSecond: latenciesMs.length / (measureMs / 1000),
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

/** @param {Driver} through @param {import('./workloads.mjs').Workload['operation']} operation */
function requestOf(through, operation) {
  const { put, get, echo } = through;
  if (operation === 'put' && put !== undefined)
    return (/** @type {number} */ n) => put(randomKey(), valueOf(n));
  if (operation === 'get' && get !== undefined) return () => get(randomKey());
  if (operation === 'echo' && echo !== undefined) return (/** @type {number} */ n) => echo(valueOf(n));
  throw new Error(`this contender has no ${operation}`);
}

/** @param {Driver} driver */
async function prefill({ put }) {
  if (put === undefined) throw new Error('nothing to read without a put');
  let next = 0;
  const lane = async () => {
    while (next < KEY_COUNT) {
      const number = next;
      next += 1;
      await put(keyOf(number), valueOf(number));
    }
  };
  await Promise.all(Array.from({ length: PREFILL_OUTSTANDING }, lane));
}

/** @param {number} count */
function valueOf(count) {
  return VALUES[count % VALUES.length] ?? new Uint8Array();
}

function randomKey() {
  return keyOf(Math.floor(Math.random() * KEY_COUNT));
}
