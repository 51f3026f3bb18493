import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { waitFor } from './wait-for.mjs';

/**
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit
 * @typedef {object} NodePlan
 * @property {string} id
 * @property {string} client
 * @property {string} peer
 * @property {string} dataDir
 * @property {readonly string[]} args
 * @property {string} [main] the command line of another build than this tree's
 * @property {Readonly<Record<string, string>>} [env] more variables
 */

/**
 * What `/v1/status` says, as far as scripts and tests read it.
 * @typedef {object} Status
 * @property {string} id
 * @property {'follower' | 'preCandidate' | 'candidate' | 'leader'} role
 * @property {number} term
 * @property {string | null} leader
 * @property {string | null} clusterId
 * @property {number} commitIndex
 * @property {number} appliedIndex
 * @property {number} revision
 * @property {number} keyCount
 * @property {string} digest
 * @property {readonly { id: string, linked: boolean }[]} members
 * @property {readonly string[]} settingsDiffer
 * @property {number} uptimeMs of its process
 */

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LOG_LINES_MAX = 4_000;
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 15_000;
const STATUS_TIMEOUT_MS = 1_000;

/** One real `quorate start` process, and what it was started with, so that it can be started again. */
export class LocalNode {
  /** @readonly */ id;
  /** @readonly */ client;
  /** @readonly */ peer;
  /** @readonly */ dataDir;
  /** Standard output and error of all its lives, newest last. @type {string[]} */
  log = [];
  #args;
  #main;
  #env;
  #leftovers;
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** @type {Promise<Exit>} */
  #exit = Promise.resolve({ code: null, signal: null });
  #paused = false;
  /** @type {Set<string>} */
  #events = new Set();

  /** @param {NodePlan} plan @param {import('./leftovers.mjs').Leftovers} leftovers */
  constructor(plan, leftovers) {
    this.id = plan.id;
    this.client = plan.client;
    this.peer = plan.peer;
    this.dataDir = plan.dataDir;
    this.#args = plan.args;
    this.#main = plan.main ?? MAIN;
    this.#env = plan.env ?? {};
    this.#leftovers = leftovers;
  }

  get alive() {
    return this.#child !== null;
  }

  get paused() {
    return this.#paused;
  }

  /** What it is started with unless told otherwise. */
  get args() {
    return this.#args;
  }

  get pid() {
    if (this.#child?.pid === undefined) throw new Error(`${this.id} is not running`);
    return this.#child.pid;
  }

  /** How its last life ended; waits while it lives. */
  get exit() {
    return this.#exit;
  }

  /** Starts the process and returns at once. @param {readonly string[]} [args] instead of those it was made with */
  launch(args = this.#args) {
    if (this.#child !== null) throw new Error(`${this.id} is already running`);
    const child = spawn(process.execPath, [this.#main, 'start', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
    });
    this.#child = child;
    this.#events.clear();
    this.#note(`-- launched as pid ${child.pid}`);
    this.#leftovers.born(child.pid);
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#note(line);
      const event = eventOf(line);
      if (event !== null) this.#events.add(event);
    });
    createInterface({ input: child.stderr }).on('line', (line) => this.#note(line));
    this.#exit = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#leftovers.gone(child.pid);
        this.#note(`-- ended: code ${code}, signal ${signal}`);
        this.#child = null;
        this.#paused = false;
        resolve({ code, signal });
      });
    });
  }

  /** Until the process says that it serves; fails at once when it ends instead. */
  async ready() {
    await waitFor(
      `${this.id} ready`,
      () => (this.#events.has('ready') || this.#child === null ? true : undefined),
      START_TIMEOUT_MS,
    );
    if (this.#child === null) throw new Error(`${this.id} ended before it was ready:\n${this.tail()}`);
  }

  /** @param {readonly string[]} [args] */
  async start(args) {
    this.launch(args);
    await this.ready();
  }

  /** No goodbye: what was not synced is lost. */
  async kill9() {
    this.#signal('SIGKILL');
    return await this.#exit;
  }

  /** The process stops running but its sockets stay open: the machine looks alive, the node does not answer. */
  pause() {
    this.#signal('SIGSTOP');
    this.#paused = true;
  }

  resume() {
    this.#signal('SIGCONT');
    this.#paused = false;
  }

  /** SIGTERM: the graceful way. Gives the exit, or kills and fails when it takes too long. */
  async stop() {
    this.#signal('SIGTERM');
    try {
      await waitFor(`${this.id} stopped`, () => (this.#child === null ? true : undefined), STOP_TIMEOUT_MS);
    } catch (error) {
      await this.kill9();
      throw error;
    }
    return await this.#exit;
  }

  /** @returns {Promise<Status>} */
  async status() {
    const response = await fetch(`http://${this.client}/v1/status`, {
      signal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`${this.id}: /v1/status answers ${response.status}`);
    const status = await response.json();
    if (!isStatus(status)) throw new Error(`${this.id}: /v1/status is not a status`);
    return status;
  }

  /** The newest lines it said. */
  tail(lines = 60) {
    return this.log
      .slice(-lines)
      .map((line) => `  ${this.id} │ ${line}`)
      .join('\n');
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    if (this.#child === null) throw new Error(`${this.id} is not running`);
    this.#note(`-- ${signal}`);
    this.#child.kill(signal);
  }

  /** @param {string} line */
  #note(line) {
    this.log.push(line);
    if (this.log.length > LOG_LINES_MAX) this.log.splice(0, LOG_LINES_MAX / 2);
  }
}

/** @param {string} line @returns {string | null} */
function eventOf(line) {
  try {
    const value = JSON.parse(line);
    return typeof value.event === 'string' ? value.event : null;
  } catch {
    return null;
  }
}

/** @param {unknown} value @returns {value is Status} */
function isStatus(value) {
  return (
    typeof value === 'object' && value !== null && 'role' in value && 'term' in value && 'digest' in value
  );
}
