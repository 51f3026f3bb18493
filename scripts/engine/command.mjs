import { spawn } from 'node:child_process';

/**
 * @typedef {object} CommandOptions
 * @property {Readonly<Record<string, string>>} [env] more variables
 * @property {string} [cwd]
 * @property {string} [input] for its standard input
 */

export class CommandFailed extends Error {
  /** @param {string} line @param {number | null} code @param {string} said */
  constructor(line, code, said) {
    super(`${line}: ${code === null ? 'could not run' : `exit code ${code}`}\n${said.trim().slice(-2_000)}`);
    this.name = 'CommandFailed';
    /** Its standard error. */
    this.said = said;
  }
}

/**
 * Runs a program without a shell and gives what it wrote to standard output; fails with what it said.
 * @param {string} program @param {readonly string[]} args @param {CommandOptions} [options] @returns {Promise<string>}
 */
export function run(program, args, { env = {}, cwd, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    let out = '';
    let said = '';
    const line = `${program} ${args.slice(0, 4).join(' ')}`;
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', (error) => reject(new CommandFailed(line, null, error.message)));
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new CommandFailed(line, code, said))));
    // A program that reads nothing may be gone before its input is: its exit code tells what happened.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

/** As `run`, with null for any failure. @param {string} program @param {readonly string[]} args @param {CommandOptions} [options] */
export async function attempt(program, args, options) {
  try {
    return await run(program, args, options);
  } catch (error) {
    if (error instanceof CommandFailed) return null;
    throw error;
  }
}

/** The lines of an output that say something. @param {string} text */
export function linesOf(text) {
  return text.split('\n').filter((line) => line.trim() !== '');
}
