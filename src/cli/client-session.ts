/** Flags that every command of a client has, and the connection made from them. */
import { addAbortSignal } from 'node:stream';
import type { Command } from 'commander';
import { DEFAULT_TIMEOUT_MS, QuorateError } from '../server/terms.ts';
import { applyVariables, duration, flag, oneOf } from './flags.ts';
import { hasColor } from './failure.ts';
import type { Io } from './io.ts';
import { readAll } from './io.ts';
import type { KeySession } from './key-commands.ts';
import { FORMATS, Output } from './output.ts';
import type { OutputFormat } from './output.ts';

/** Where `quorate demo` serves unless told otherwise. */
export const DEFAULT_ENDPOINTS = 'quorate://127.0.0.1:7400,127.0.0.1:7410,127.0.0.1:7420';

export interface ClientFlags {
  readonly endpoints?: string;
  readonly timeout?: number;
  readonly output?: OutputFormat;
}

export function addOutputFlag(command: Command): Command {
  return command.addOption(
    flag('-o, --output <FORMAT>', 'table, json or raw; table on a terminal, else raw', oneOf(...FORMATS)),
  );
}

export function addClientFlags(command: Command): Command {
  command.addOption(flag('--endpoints <URL>', `the cluster; default ${DEFAULT_ENDPOINTS}`));
  command.addOption(
    flag(
      '--timeout <TIME>',
      `how long the whole command may take, or each renewal of keep-alive; default ${DEFAULT_TIMEOUT_MS / 1_000}s`,
      duration,
    ),
  );
  return addOutputFlag(command);
}

/** The flags as they stand after variables; `-o` as a ready output. */
export function readClientFlags(
  command: Command,
  io: Io,
): { readonly endpoints: string; readonly timeoutMs: number; readonly out: Output } {
  applyVariables(command, io.env);
  const { endpoints = DEFAULT_ENDPOINTS, timeout, output } = command.opts<ClientFlags>();
  return { endpoints, timeoutMs: timeout ?? DEFAULT_TIMEOUT_MS, out: outputFor(io, output) };
}

export function outputFor(io: Io, format?: OutputFormat): Output {
  const terminal = io.stdout.isTTY === true;
  return new Output(io.stdout, {
    format: format ?? (terminal ? 'table' : 'raw'),
    color: hasColor(io.stdout, io.env),
    lines: terminal,
  });
}

export async function withClient(
  command: Command,
  io: Io,
  signal: AbortSignal,
  use: (session: KeySession) => Promise<void>,
): Promise<void> {
  const { endpoints, timeoutMs, out } = readClientFlags(command, io);
  const { connect } = await import('../client/index.ts');
  const db = await connect(endpoints, { timeoutMs, signal });
  const close = (): void => void db.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await use({ db, out, stdin: () => valueFrom(io, signal), interrupt: signal });
  } finally {
    signal.removeEventListener('abort', close);
    await db.close();
  }
}

async function valueFrom({ stdin, stderr }: Io, signal: AbortSignal): Promise<Uint8Array> {
  if (stdin.isTTY === true) stderr.write('reading the value from the terminal; end with Ctrl-D\n');
  try {
    return await readAll(addAbortSignal(signal, stdin));
  } catch (cause) {
    throw new QuorateError('INVALID_ARGUMENT', 'standard input cannot be read', { cause });
  }
}
