import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFailed } from 'vitest';

import { Leftovers } from '../../scripts/support/leftovers.mjs';
import { waitFor } from '../../scripts/support/wait-for.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LINE_TIMEOUT_MS = 20_000;

/** For a test that ran out of time, and so never came to its end. */
const leftovers = new Leftovers();
afterAll(() => leftovers.close());

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** One run of the built command line, with nothing on standard input unless given. */
export async function quorate(
  args: readonly string[],
  options: { readonly input?: string | Uint8Array; readonly env?: Record<string, string> } = {},
): Promise<Ended> {
  await using command = new Running(args, options.env);
  command.end(options.input);
  return await command.ended;
}

/** A command that goes on running, killed at the end of the test at the latest. */
export class Running implements AsyncDisposable {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessWithoutNullStreams;
  #out: Buffer[] = [];
  #err: Buffer[] = [];
  #alive = true;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...withoutOurs(), ...env } });
    this.#child = child;
    leftovers.born(child.pid);
    child.stdout.on('data', (chunk: Buffer) => this.#out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#err.push(chunk));
    // A command that ends before it has read its input.
    child.stdin.on('error', () => {});
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        leftovers.gone(child.pid);
        this.#alive = false;
        resolve({ code, signal, out: this.out, err: this.err });
      });
    });
    onTestFailed(() => {
      process.stderr.write(`\n$ quorate ${args.join(' ')}\n${this.out}\n${this.err}\n`);
    });
  }

  get out(): string {
    return Buffer.concat(this.#out).toString('utf8');
  }

  get err(): string {
    return Buffer.concat(this.#err).toString('utf8');
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('it did not start');
    return this.#child.pid;
  }

  /** Waits until it has been taken; more than a pipe holds proves that somebody reads. */
  async feed(input: Uint8Array): Promise<void> {
    await new Promise((resolve) => {
      this.#child.stdin.write(input, resolve);
    });
  }

  end(input: string | Uint8Array = ''): void {
    this.#child.stdin.end(input);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until what it says on either stream matches; fails at once when it ends without. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const found = await waitFor(
      String(pattern),
      () => pattern.exec(this.out) ?? pattern.exec(this.err) ?? (this.#alive ? undefined : null),
      LINE_TIMEOUT_MS,
    );
    if (found === null) throw new Error(`it ended without ${pattern}:\n${this.out}\n${this.err}`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#alive) this.#child.kill('SIGKILL');
    await this.ended;
  }
}

/** The variables of whoever runs the tests must not decide them. */
function withoutOurs(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('QUORATE_')));
}
