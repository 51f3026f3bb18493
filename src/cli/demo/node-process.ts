/** One node of a demo: a real `quorate start` process, which ends when the demo does, however that ends. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { ERROR_CODES, QuorateError } from '../../server/terms.ts';
import type { ErrorCode } from '../../server/terms.ts';
import type { NodePlan } from './ports.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const readySchema = v.pipe(v.string(), v.parseJson(), v.looseObject({ event: v.literal('ready') }));

export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Life {
  readonly child: ChildProcess;
  /** Resolves when the node serves; rejects when it ends before. */
  readonly ready: Promise<void>;
  readonly end: Promise<Death>;
  /** We ended it ourselves. */
  wanted: boolean;
}

export class NodeProcess {
  readonly id: string;
  readonly client: string;
  readonly peer: string;
  readonly logFile: string;
  readonly #args: readonly string[];
  readonly #died: (node: NodeProcess, death: Death) => void;
  #life: Life | null = null;

  constructor(
    plan: NodePlan,
    folder: string,
    args: readonly string[],
    died: (node: NodeProcess, death: Death) => void,
  ) {
    this.id = plan.id;
    this.client = `127.0.0.1:${plan.clientPort}`;
    this.peer = `127.0.0.1:${plan.peerPort}`;
    this.logFile = path.join(folder, `${plan.id}.log`);
    this.#died = died;
    this.#args = ['--id', plan.id, '--data', path.join(folder, plan.id), ...args];
  }

  get alive(): boolean {
    return this.#life !== null;
  }

  get pid(): number | null {
    return this.#life?.child.pid ?? null;
  }

  /** Starts the process and waits until it serves. */
  async start(env: NodeJS.ProcessEnv): Promise<void> {
    if (this.#life !== null) return await this.#life.ready;
    const life = this.#spawn(env);
    this.#life = life;
    void this.#watch(life);
    await life.ready;
  }

  async #watch(life: Life): Promise<void> {
    const death = await life.end;
    this.#life = null;
    if (!life.wanted) this.#died(this, death);
  }

  #spawn(env: NodeJS.ProcessEnv): Life {
    const log = openSync(this.logFile, 'a', 0o600);
    const listen = ['--client', this.client, '--peer', this.peer, '--die-with-parent'];
    // A process group of its own: Ctrl-C in the terminal is for the demo, which then stops its nodes in order.
    const child = spawn(process.execPath, [MAIN, 'start', ...this.#args, ...listen], {
      stdio: ['ignore', 'pipe', log, 'pipe'],
      detached: true,
      env,
    });
    const logBefore = fstatSync(log).size;
    closeSync(log);
    const end = new Promise<Death>((resolve) => {
      child.once('error', () => resolve({ code: null, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const ready = Promise.race([
      readyLine(child.stdout),
      end.then((death) => Promise.reject(lastError(this.id, this.logFile, logBefore, death))),
    ]);
    // Asked for by whoever started it; a node that dies unasked is reported by `died`.
    ready.catch(() => {});
    return { child, ready, end, wanted: false };
  }

  /** As a crash or a power cut would end it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Gracefully. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** At once, with nobody left to wait. */
  killNow(): void {
    this.#life?.child.kill('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    life.wanted = true;
    life.child.kill(signal);
    await life.end;
  }
}

function readyLine(stdout: Readable | null): Promise<void> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    createInterface({ input: stdout }).on('line', (line) => {
      if (v.safeParse(readySchema, line).success) resolve();
    });
  });
}

/** The node's own last word in this life, which says more than its exit code. */
function lastError(id: string, logFile: string, from: number, { code, signal }: Death): QuorateError {
  const lines = readFileSync(logFile).subarray(from).toString('utf8').trimEnd().split('\n');
  const at = lines.findLastIndex((line) => line.startsWith('error['));
  const match = /^error\[([A-Z_]+)\]: (.*)$/.exec(lines[at] ?? '');
  const hint = /^hint: (.*)$/.exec(lines[at + 1] ?? '')?.[1] ?? `its log is ${logFile}`;
  const [, name = '', sentence = ''] = match ?? [];
  if (isErrorCode(name)) return new QuorateError(name, `${id}: ${sentence}`, { details: { hint } });
  const how = signal === null ? `exit code ${code}` : signal;
  return new QuorateError('UNAVAILABLE', `${id} ended before it was ready (${how}): ${lines.at(-1)}`, {
    details: { hint },
  });
}

function isErrorCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERROR_CODES, name);
}
