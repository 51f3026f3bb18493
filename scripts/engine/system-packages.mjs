/** The programs that the engine and the faults need: where they are, and which package of Debian brings them. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { attempt, CommandFailed, linesOf, run } from './command.mjs';

/**
 * @typedef {object} Requirement
 * @property {string} program
 * @property {readonly string[]} packages
 * @property {string} purpose
 * @property {boolean} [optional] only some faults need it
 */

/** @type {readonly Requirement[]} */
export const FAULT_TOOLS = [
  { program: 'nsenter', packages: ['util-linux'], purpose: 'to enter the network of a container' },
  { program: 'nft', packages: ['nftables'], purpose: 'to drop packets between containers' },
  { program: 'ss', packages: ['iproute2'], purpose: 'to reset connections between containers' },
  { program: 'libfaketime', packages: ['libfaketime'], purpose: 'to move wall clocks', optional: true },
  { program: 'mkfs.xfs', packages: ['xfsprogs'], purpose: 'to cut the power of a disk', optional: true },
  {
    program: 'cc',
    packages: ['gcc', 'libc6-dev'],
    purpose: 'to make a disk fail or stall (a shim)',
    optional: true,
  },
];

/** @type {readonly Requirement[]} */
export const ENGINE_PROGRAMS = [
  { program: 'docker', packages: ['docker.io'], purpose: 'to build images' },
  { program: 'dockerd', packages: ['docker.io'], purpose: 'to run containers' },
  { program: 'iptables', packages: ['iptables'], purpose: 'to give containers their ports' },
];

/** Root on Debian, or on a system made from it. */
export function mayInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && findProgram('apt-get') !== null;
}

/**
 * What is still missing after everything was tried. Installs one package after the other when all at once fails, so
 * that one that is not to be had does not keep the others away.
 * @param {readonly Requirement[]} requirements @param {(line: string) => void} print
 * @returns {Promise<readonly Requirement[]>}
 */
export async function provide(requirements, print) {
  const wanted = missingOf(requirements);
  if (wanted.length === 0 || !mayInstall()) return wanted;
  const packages = [...new Set(wanted.flatMap((each) => each.packages))];
  print(`installing Debian packages: ${packages.join(' ')}`);
  // An old list of packages names versions that are gone; a list that cannot be had leaves the old one.
  await attempt('apt-get', ['update', '-qq']);
  const failure = await install(packages);
  if (failure !== null) for (const name of packages) print((await install([name])) ?? `${name} installed`);
  return missingOf(requirements);
}

/** @param {readonly Requirement[]} requirements */
export function missingOf(requirements) {
  return requirements.filter(({ program }) => findProgram(program) === null);
}

/** @param {readonly Requirement[]} missing */
export function inWords(missing) {
  return missing
    .map(({ program, packages, purpose }) => `${program} ${purpose} (${packages.join(', ')})`)
    .join('; ');
}

/** @param {string} program @returns {string | null} its path */
export function findProgram(program) {
  if (program === 'libfaketime') return findFaketime();
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file)) ?? null;
}

/** A library, in the folder of this machine's architecture. */
function findFaketime() {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return (
    folders
      .map((folder) => path.join('/usr/lib', folder, 'faketime/libfaketime.so.1'))
      .find((file) => existsSync(file)) ?? null
  );
}

/** @param {readonly string[]} packages @returns {Promise<string | null>} what went wrong */
async function install(packages) {
  try {
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    return null;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return `could not install ${packages.join(' ')}: ${linesOf(error.said).at(-1) ?? error.message}`;
  }
}
