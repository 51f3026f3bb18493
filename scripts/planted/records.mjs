/** What hunts found, in test/planted: written by scripts/hunt.mjs, read by the tests. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * What a plan is drawn with, beside the seed; what is not given, the seed draws. `kinds` as `quorate sim` spells them.
 * @typedef {{
 *   readonly minutes: number, readonly size?: number, readonly kinds?: readonly string[],
 * }} Options
 *
 * `seed` kills the bug, by this law.
 * @typedef {Options & { readonly seed: number, readonly law: string }} Killing
 *
 * `seeds`: how many it took in each hunt, null when the budget was not enough.
 * @typedef {Options & {
 *   readonly budget: number, readonly seeds: readonly (number | null)[],
 *   readonly laws: Readonly<Record<string, number>>,
 * }} Hunts
 */

/** @param {string} root @returns {Promise<Record<string, Killing>>} by name of the bug */
export async function readKillings(root) {
  return await readJson(root, 'seeds.json');
}

/** @param {string} root @returns {Promise<Record<string, string>>} why a bug has no seed yet, by its name */
export async function readUnfound(root) {
  return await readJson(root, 'unfound.json');
}

/** @param {string} root @returns {Promise<Record<string, Hunts>>} */
export async function readHunts(root) {
  return await readJson(root, 'hunts.json');
}

/** Only these rows change. @param {string} root @param {Record<string, Killing>} rows */
export async function recordKillings(root, rows) {
  await writeJson(root, 'seeds.json', { ...(await readKillings(root)), ...rows });
}

/** Only these rows change. @param {string} root @param {Record<string, Hunts>} rows */
export async function recordHunts(root, rows) {
  await writeJson(root, 'hunts.json', { ...(await readHunts(root)), ...rows });
}

/** @param {string} root @param {string} name */
async function readJson(root, name) {
  const text = await readFile(path.join(root, 'test', 'planted', name), 'utf8').catch(() => '{}');
  return JSON.parse(text);
}

/** One bug a line, by name. @param {string} root @param {string} name @param {Record<string, unknown>} rows */
async function writeJson(root, name, rows) {
  const lines = Object.keys(rows)
    .toSorted()
    .map((bug) => `  ${JSON.stringify(bug)}: ${JSON.stringify(rows[bug])}`);
  await writeFile(path.join(root, 'test', 'planted', name), `{\n${lines.join(',\n')}\n}\n`);
}
