/**
 * The workloads of docs and reference: keys of 16 bytes out of 100,000, values of 256 random bytes, a closed loop of
 * `outstanding` requests.
 *
 * @typedef {{ name: string, contender: string, operation: 'put' | 'get' | 'echo', outstanding: number, about: string }} Workload
 */
export const KEY_COUNT = 100_000;
export const VALUE_BYTES = 256;

/** @type {readonly Workload[]} */
export const WORKLOADS = [
  workload('echo/1', 'echo', 'echo', 1, 'raw ws round trip'),
  workload('echo/64', 'echo', 'echo', 64, 'raw ws, one message a frame'),
  workload('level/1', 'level', 'put', 1, 'raw LevelDB put, synced'),
  workload('W1', 'quorate', 'put', 1, 'put, 1 outstanding'),
  workload('W2', 'quorate', 'put', 64, 'put, 64 outstanding'),
  workload('W3', 'quorate', 'put', 1_000, 'put, 1,000 outstanding'),
  workload('R1', 'quorate', 'get', 1, 'linearizable get, 1 outstanding'),
  workload('R2', 'quorate', 'get', 256, 'linearizable get, 256 outstanding'),
];

/** What to compare with what: the first divided by the second, of the same repeat. */
export const RATIOS = /** @type {const} */ ([
  ['W1', 'level/1'],
  ['W1', 'echo/1'],
  ['W2', 'echo/64'],
  ['W3', 'echo/64'],
  ['R1', 'echo/1'],
  ['R2', 'echo/64'],
]);

/**
 * @param {string} name @param {string} contender @param {Workload['operation']} operation
 * @param {number} outstanding @param {string} about @returns {Workload}
 */
function workload(name, contender, operation, outstanding, about) {
  return { name, contender, operation, outstanding, about };
}

/** 16 bytes, the same for the same number. @param {number} number */
export function keyOf(number) {
  return `key-${String(number).padStart(12, '0')}`;
}
