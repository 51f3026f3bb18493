/** The image that a node's image begins with: Node's own, or where no registry is reachable, this machine's Node. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { attempt, linesOf, run } from './command.mjs';
import { EngineMissing } from './missing.mjs';

/** @typedef {Readonly<Record<string, string>>} Env */

/** A name server answers at once that a registry is not there; a network that swallows packets does not. */
const PULL_TIMEOUT_S = 120;

/**
 * @param {string} dockerfile its text, which names the image it would have
 * @param {Env} env @param {(line: string) => void} print @returns {Promise<string>} its name
 */
export async function provideBaseImage(dockerfile, env, print) {
  const local = `quorate-base:node-${process.versions.node}-${process.arch}`;
  const wanted = /^ARG BASE_IMAGE=(\S+)$/mu.exec(dockerfile)?.[1];
  if (wanted === undefined) throw new Error('cluster/Dockerfile names no BASE_IMAGE');
  for (const name of [wanted, local]) if ((await imageId(name, env)) !== null) return name;
  const pulled = await attempt('timeout', [String(PULL_TIMEOUT_S), 'docker', 'pull', '--quiet', wanted], {
    env,
  });
  if (pulled !== null) return wanted;
  await importLocalNode(local, env);
  print(`no registry gives ${wanted}: made ${local} from this machine's Node ${process.versions.node}`);
  return local;
}

/** @param {string} name @param {Env} env @returns {Promise<string | null>} */
export async function imageId(name, env) {
  return (
    (await attempt('docker', ['image', 'inspect', '--format', '{{.Id}}', name], { env }))?.trim() ?? null
  );
}

/** The executable and the libraries that it is linked with, at their places. @param {string} name @param {Env} env */
async function importLocalNode(name, env) {
  if (process.platform !== 'linux')
    throw new EngineMissing(
      'No registry is reachable, and only Linux can make a base image of its own Node.',
    );
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-base-'));
  try {
    const root = path.join(folder, 'root');
    await place(process.execPath, path.join(root, 'usr/local/bin/node'));
    for (const library of await librariesOf(process.execPath)) await place(library, path.join(root, library));
    await mkdir(path.join(root, 'tmp'), { mode: 0o777 });
    await mkdir(path.join(root, 'etc'), { recursive: true });
    await writeFile(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/false\n');
    const archive = path.join(folder, 'root.tar');
    await run('tar', ['--create', '--file', archive, '--owner=0', '--group=0', '--directory', root, '.']);
    const change = ['--change', 'ENV PATH=/usr/local/bin:/usr/bin:/bin'];
    await run('docker', ['import', ...change, archive, name], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} program */
async function librariesOf(program) {
  const linked = linesOf(await run('ldd', [program])).map((line) => /(\/\S+) \(0x/u.exec(line)?.[1]);
  return linked.filter((each) => each !== undefined);
}

/** @param {string} from @param {string} to */
async function place(from, to) {
  await mkdir(path.dirname(to), { recursive: true });
  await copyFile(from, to);
}
