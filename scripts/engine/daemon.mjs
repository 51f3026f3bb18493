/** A Docker Engine: one that answers already, or one of our own for the time of a run. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { Leftovers } from '../support/leftovers.mjs';
import { attempt, run } from './command.mjs';
import { EngineMissing } from './missing.mjs';
import { ENGINE_PROGRAMS, findProgram, inWords, mayInstall, provide } from './system-packages.mjs';

/**
 * @typedef {object} Engine
 * @property {string} host for DOCKER_HOST
 * @property {() => Promise<void>} stop nothing for an engine that was there before
 */

/** Apart from those of a Docker that somebody installed for themselves. */
const RUN_DIR = '/run/quorate-docker';
/** Images, and the layers that make the next build quick. */
const DATA_DIR = '/var/lib/quorate-docker';
const PID_FILE = `${RUN_DIR}/docker.pid`;
const HOST = `unix://${RUN_DIR}/docker.sock`;
/** Said by dockerd once it answers. */
const READY = 'API listen on';
const LINES_KEPT = 40;

/** @param {(line: string) => void} print @returns {Promise<Engine>} */
export async function findOrStartEngine(print) {
  const running = (await runningEngine()) ?? (await installedEngine(print));
  if (running !== null) return running;
  await endLeftover(print);
  return await startDaemon(print);
}

/** @returns {Promise<Engine | null>} */
async function runningEngine() {
  if (findProgram('docker') === null) return null;
  const version = await attempt('docker', ['version', '--format', '{{.Server.Version}}']);
  if (version === null || version.trim() === '') return null;
  const host = await run('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
  return { host: process.env['DOCKER_HOST'] ?? host.trim(), stop: async () => {} };
}

/** Debian starts what it installs, where services run at all. @param {(line: string) => void} print */
async function installedEngine(print) {
  const missing = await provide(ENGINE_PROGRAMS, print);
  if (missing.length === 0) return await runningEngine();
  const why = mayInstall()
    ? 'apt-get could not install what is missing'
    : 'installing one takes root on Debian; start Docker yourself, or run this as root on Debian';
  throw new EngineMissing(
    `The container tests need a Docker Engine and none answers; missing: ${inWords(missing)}; ${why}.`,
  );
}

/** With the lock held, a daemon of ours that still runs belongs to a run that is gone. @param {(line: string) => void} print */
async function endLeftover(print) {
  const pid = daemonPid();
  if (pid === null) return;
  print(`ending the dockerd that a crashed run left (pid ${pid})`);
  process.kill(pid, 'SIGTERM');
  await attempt('tail', ['--pid', String(pid), '-f', '/dev/null']);
}

/** @returns {number | null} */
function daemonPid() {
  try {
    const pid = Number(readFileSync(PID_FILE, 'utf8'));
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'dockerd' ? pid : null;
  } catch {
    return null;
  }
}

/** @param {(line: string) => void} print @returns {Promise<Engine>} */
async function startDaemon(print) {
  if (process.getuid?.() !== 0) {
    throw new EngineMissing(
      'The container tests need a Docker Engine: none answers, and only root may start dockerd.',
    );
  }
  mkdirSync(RUN_DIR, { recursive: true, mode: 0o700 });
  const leftovers = new Leftovers();
  const child = spawn(findProgram('dockerd') ?? 'dockerd', daemonArgs(), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  leftovers.born(child.pid);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    // A daemon that was killed leaves its data mounted on itself; after any other, there is nothing to unmount.
    await attempt('umount', [DATA_DIR]);
    leftovers.gone(child.pid);
    await leftovers.close();
  };
  try {
    await untilReady(child);
  } catch (error) {
    await leftovers.close();
    throw error;
  }
  print(`dockerd started for this run (pid ${child.pid})`);
  return { host: HOST, stop };
}

function daemonArgs() {
  const places = [
    '--host',
    HOST,
    '--data-root',
    DATA_DIR,
    '--exec-root',
    `${RUN_DIR}/exec`,
    '--pidfile',
    PID_FILE,
  ];
  // Every cluster makes its own network, apart from the addresses that another Docker here would take, and ports are
  // for this machine alone.
  const pool = 'base=10.213.0.0/16,size=24';
  return [...places, '--bridge', 'none', '--ip', '127.0.0.1', '--default-address-pool', pool];
}

/** Ends with what it said when it ends. @param {import('node:child_process').ChildProcessByStdio<null, null, import('node:stream').Readable>} child */
function untilReady(child) {
  /** @type {string[]} */
  const lines = [];
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new EngineMissing(`dockerd does not start: ${error.message}`)));
    child.once('close', (code) =>
      reject(new EngineMissing(`dockerd does not start here (exit code ${code}):\n${lines.join('\n')}`)),
    );
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      if (line.includes(READY)) resolve(undefined);
    });
  });
}
