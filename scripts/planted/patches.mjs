import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * @typedef {{ name: string, sentence: string }} Planted
 */

/** Real processes must notice these; the simulator has their like under other names. */
const CANARY = /^canary-/u;

/** @param {string} root @returns {Promise<readonly Planted[]>} by name */
export async function plantedBugs(root) {
  const files = await readdir(path.join(root, 'test', 'planted'));
  const names = files.filter((file) => file.endsWith('.patch') && !CANARY.test(file)).toSorted();
  return await Promise.all(
    names.map(async (file) => ({
      name: path.basename(file, '.patch'),
      sentence: await sentenceOf(root, file),
    })),
  );
}

/** @param {string} root @param {string} file */
async function sentenceOf(root, file) {
  const text = await readFile(path.join(root, 'test', 'planted', file), 'utf8');
  const head = text.split('\n').slice(
    0,
    text.split('\n').findIndex((line) => !line.startsWith('#')),
  );
  return head
    .map((line) => line.replace(/^#\s*/u, ''))
    .join(' ')
    .trim();
}
