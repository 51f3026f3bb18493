/** Reads commands, from a terminal or a pipe, one after the other. */
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { CommanderError } from 'commander';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { describeFailure, hasColor, paint, toQuorateError } from '../failure.ts';
import type { Io } from '../io.ts';
import { usageError } from '../parsing.ts';
import type { DemoCluster } from './demo-cluster.ts';
import { SHELL_COMMANDS, shellProgram } from './shell-program.ts';
import type { ShellContext } from './shell-program.ts';
import { splitWords } from './words.ts';

const HISTORY_LINES = 500;

export interface ShellEnd {
  /** Of the first command that failed. */
  readonly code: ExitCode;
  /** Commands that were run, well or not. */
  readonly commands: number;
}

export class Shell {
  readonly #io: Io;
  readonly #terminal: boolean;
  #lines: Interface | null = null;
  #code: ExitCode = EXIT.ok;
  #commands = 0;
  #busy = false;
  #left = false;

  constructor(io: Io) {
    this.#io = io;
    this.#terminal = io.stdin.isTTY === true && io.stderr.isTTY === true;
  }

  /** Until the input ends or somebody leaves. `interrupt`: Ctrl-C that means the demo, not a line. */
  async run(context: Omit<ShellContext, 'say' | 'leave' | 'io'>, interrupt: () => void): Promise<ShellEnd> {
    const say = (line: string): void => this.say(line);
    const leave = (): void => this.close();
    const lines = this.#open(context.cluster, interrupt);
    this.#prompt();
    // From here on without a pause: lines that come before somebody iterates are lost.
    for await (const line of lines) {
      if (this.#left) break;
      this.#busy = true;
      await this.#execute(line, { ...context, io: this.#io, say, leave });
      this.#busy = false;
      if (this.#left) break;
      this.#prompt();
    }
    if (this.#terminal && !this.#left) this.#io.stderr.write('\n');
    this.#left = true;
    return { code: this.#code, commands: this.#commands };
  }

  /** The prompt is no data: it goes to standard error. */
  #open(cluster: DemoCluster, interrupt: () => void): Interface {
    const lines = createInterface({
      input: this.#io.stdin,
      ...(this.#terminal ? { output: this.#io.stderr } : {}),
      terminal: this.#terminal,
      historySize: HISTORY_LINES,
      prompt: paint(hasColor(this.#io.stderr, this.#io.env), 'cyan', 'quorate> '),
      completer: (line: string) => complete(line, cluster),
    });
    // In raw mode Ctrl-C is no signal: it clears a line, and on an empty one it ends the demo.
    lines.on('SIGINT', () => {
      if (lines.line === '' || this.#busy) return interrupt();
      lines.write(null, { ctrl: true, name: 'e' });
      lines.write(null, { ctrl: true, name: 'u' });
    });
    this.#lines = lines;
    return lines;
  }

  async #execute(line: string, context: ShellContext): Promise<void> {
    try {
      const words = splitWords(line);
      if (words.length === 0) return;
      this.#commands += 1;
      await shellProgram(context).parseAsync(words, { from: 'user' });
    } catch (thrown) {
      if (thrown instanceof CommanderError && thrown.exitCode === 0) return;
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    // The demo is ending and takes the connection with it; no fault of the command.
    if (this.#left) return;
    const error =
      thrown instanceof CommanderError
        ? usageError(thrown, 'help lists the commands')
        : toQuorateError(thrown);
    const color = hasColor(this.#io.stderr, this.#io.env);
    this.#io.stderr.write(describeFailure(error, false, color));
    if (this.#code === EXIT.ok) this.#code = exitCodeOf(error);
  }

  /** News, without tearing apart what is being typed. */
  say(line: string): void {
    const typing = this.#terminal && this.#lines !== null && !this.#busy && !this.#left;
    this.#io.stderr.write(`${typing ? '\r\u001b[K' : ''}${line}\n`);
    if (typing) this.#lines?.prompt(true);
  }

  close(): void {
    this.#left = true;
    this.#lines?.close();
  }

  #prompt(): void {
    if (this.#terminal) this.#lines?.prompt();
  }
}

function complete(line: string, cluster: DemoCluster): [string[], string] {
  const words = line.split(/\s+/);
  const last = words.at(-1) ?? '';
  const about = words[0] ?? '';
  const ids = cluster.nodes.map(({ id }) => id);
  const candidates =
    words.length === 1
      ? [...SHELL_COMMANDS]
      : about === 'kill'
        ? ['leader', ...ids]
        : about === 'restart'
          ? ids
          : about === 'help'
            ? [...SHELL_COMMANDS]
            : [];
  return [candidates.filter((each) => each.startsWith(last)).map((each) => `${each} `), last];
}
