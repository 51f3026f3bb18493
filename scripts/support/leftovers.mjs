import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REAPER = fileURLToPath(new URL('reaper.mjs', import.meta.url));

/**
 * The account of what must not outlive this process, kept by another one (reaper.mjs): processes and folders told of
 * here are ended and removed when `close` is called, and when this process ends in any way at all.
 */
export class Leftovers {
  #reaper = spawn(process.execPath, [REAPER], { stdio: ['pipe', 'ignore', 'inherit'] });

  constructor() {
    // A reaper that is gone has done its work.
    this.#reaper.stdin.on('error', () => {});
  }

  /** @param {number | undefined} pid undefined: a process that could not be started */
  born(pid) {
    if (pid !== undefined) this.#reaper.stdin.write(`born ${pid}\n`);
  }

  /** Before its id can be another's. @param {number | undefined} pid */
  gone(pid) {
    if (pid !== undefined) this.#reaper.stdin.write(`gone ${pid}\n`);
  }

  /** @param {string} path */
  folder(path) {
    this.#reaper.stdin.write(`folder ${path}\n`);
  }

  /** @returns {Promise<void>} once everything is gone */
  close() {
    return new Promise((resolve) => {
      if (this.#reaper.exitCode !== null) return resolve();
      this.#reaper.once('exit', () => resolve());
      this.#reaper.stdin.end();
    });
  }
}
