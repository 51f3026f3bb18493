/** The image of a node, made from cluster/Dockerfile and the built package, named by what goes in. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { imageId, provideBaseImage } from './base-image.mjs';
import { linesOf, run } from './command.mjs';

/** @typedef {Readonly<Record<string, string>>} Env */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPOSITORY = 'quorate-test';
const PARTS = ['package.json', 'dist', 'cluster'];
const HASH_CHARS = 16;

/** @param {Env} env @param {(line: string) => void} print @returns {Promise<string>} its name */
export async function provideNodeImage(env, print) {
  const dockerfile = await readFile(path.join(ROOT, 'cluster/Dockerfile'), 'utf8');
  const base = await provideBaseImage(dockerfile, env, print);
  const packages = await productionPackages();
  const name = `${REPOSITORY}:${await digestOf([base, String(await imageId(base, env))], packages)}`;
  if ((await imageId(name, env)) !== null) return name;
  await removeOlder(env);
  await build(name, base, packages, env);
  print(`built ${name} on ${base}`);
  return name;
}

/** @param {string} name @param {string} base @param {readonly Package[]} packages @param {Env} env */
async function build(name, base, packages, env) {
  const context = await mkdtemp(path.join(tmpdir(), 'quorate-image-'));
  try {
    for (const part of [...PARTS, ...packages.map(({ folder }) => folder)])
      await cp(path.join(ROOT, part), path.join(context, part), { recursive: true, filter: notNested });
    const file = path.join(ROOT, 'cluster/Dockerfile');
    const on = ['--build-arg', `BASE_IMAGE=${base}`];
    await run('docker', ['build', '--network', 'none', '--file', file, ...on, '--tag', name, context], {
      env,
    });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Packages inside packages have lines of their own in the lock file. @param {string} source */
function notNested(source) {
  return !/node_modules\/.*\/node_modules$/u.test(source);
}

/**
 * What `npm ci --omit=dev` would install, taken from what is installed already: the lock file says which is which.
 * @typedef {{ readonly folder: string, readonly version: string }} Package
 * @returns {Promise<readonly Package[]>}
 */
async function productionPackages() {
  const lock = JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8'));
  /** @type {Package[]} */
  const found = [];
  for (const [folder, each] of Object.entries(lock.packages)) {
    if (folder === '' || each.dev === true || each.devOptional === true) continue;
    if (await isFolder(path.join(ROOT, folder))) found.push({ folder, version: each.version });
    else if (each.optional !== true) throw new Error(`${folder} is not installed: npm ci`);
  }
  return found;
}

/** @param {string} folder */
async function isFolder(folder) {
  return await readdir(folder).then(
    () => true,
    () => false,
  );
}

/** @param {readonly string[]} names @param {readonly Package[]} packages */
async function digestOf(names, packages) {
  const hash = createHash('sha256').update(JSON.stringify([names, packages]));
  for (const part of PARTS) {
    for (const file of await filesIn(part)) {
      hash.update(`\0${file}\0`).update(await readFile(path.join(ROOT, file)));
    }
  }
  return hash.digest('hex').slice(0, HASH_CHARS);
}

/** @param {string} part @returns {Promise<readonly string[]>} relative to the root, in order */
async function filesIn(part) {
  if (path.extname(part) !== '') return [part];
  const entries = await readdir(path.join(ROOT, part), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Images of earlier states; the layers that they share with the next one stay until it is built. @param {Env} env */
async function removeOlder(env) {
  const names = linesOf(
    await run('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', REPOSITORY], { env }),
  );
  if (names.length > 0) await run('docker', ['image', 'rm', '--force', ...names], { env });
}
