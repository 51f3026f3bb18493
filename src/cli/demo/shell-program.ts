/** The commands of the demo's shell: those of the command line on keys, and what only a demo can do. */
import { Command } from 'commander';
import { showStatus } from '../cluster-status.ts';
import { addOutputFlag, outputFor } from '../client-session.ts';
import type { ClientFlags } from '../client-session.ts';
import type { Io } from '../io.ts';
import { addKeyCommands } from '../key-commands.ts';
import { Output } from '../output.ts';
import type { OutputFormat } from '../output.ts';
import { configureParsing } from '../parsing.ts';
import type { Db } from '../../client/index.ts';
import { QuorateError } from '../../server/terms.ts';
import { hasColor } from '../failure.ts';
import type { DemoCluster } from './demo-cluster.ts';
import type { NodeProcess } from './node-process.ts';

export interface ShellContext {
  readonly cluster: DemoCluster;
  readonly db: Db;
  readonly io: Io;
  readonly format: OutputFormat | undefined;
  /** Something to say that is no result. */
  readonly say: (line: string) => void;
  readonly leave: () => void;
}

export const SHELL_COMMANDS: readonly string[] =
  'put get delete scan increment txn lease compact status kill restart help exit'.split(' ');

/** How long `restart` waits for a node to serve; alone, without a majority, it never will. */
const RESTART_WAIT_MS = 5_000;

export function shellProgram(context: ShellContext): Command {
  const program: Command = new Command('shell')
    .helpCommand('help [COMMAND]', 'what there is, or help for one command')
    .configureHelp({ commandUsage: (command) => usageOf(command, program) });
  configureParsing(program, context.io);
  addKeyCommands(program, async (command, use) => {
    const out = outputOf(command, context);
    const stdin = (): Promise<never> => Promise.reject(missingInput(command.name()));
    // Ctrl-C means the whole demo here.
    await use({ db: context.db, out, stdin, interrupt: null });
  }).forEach(addOutputFlag);
  addStatus(program, context);
  addKill(program, context);
  addRestart(program, context);
  program.command('exit').alias('quit').summary('stop the cluster and leave').action(context.leave);
  // Now, so that the commands keep theirs.
  return program.helpOption(false);
}

function usageOf(command: Command, program: Command): string {
  return command === program ? 'COMMAND …' : `${command.name()} ${command.usage()}`;
}

function outputOf(command: Command, { io, format }: ShellContext): Output {
  const wanted = command.opts<ClientFlags>().output ?? format;
  const terminal = outputFor(io, wanted);
  return new Output(io.stdout, { format: terminal.format, color: hasColor(io.stdout, io.env), lines: true });
}

function missingInput(command: string): QuorateError {
  const isPut = command === 'put';
  const hint = isPut ? "put KEY VALUE; an empty value is ''" : `${command} FILE`;
  return new QuorateError('INVALID_ARGUMENT', `${command} needs a ${isPut ? 'value' : 'file'}`, {
    details: { hint },
  });
}

function addStatus(program: Command, context: ShellContext): void {
  addOutputFlag(program.command('status'))
    .summary('who leads, how far everyone is')
    .action(async (_flags: object, command: Command) => {
      await showStatus(outputOf(command, context), await context.cluster.report());
    });
}

function addKill(program: Command, { cluster, say }: ShellContext): void {
  program
    .command('kill')
    .summary('end a node with SIGKILL, as a crash would')
    .argument('<NODE...>', 'n1, n2, … or leader')
    .action(async (names: readonly string[]) => {
      for (const name of names) {
        const node = name === 'leader' ? await cluster.leader() : cluster.node(name);
        if (!node.alive) {
          say(`${node.id} is down already`);
          continue;
        }
        await node.kill();
        say(
          `${node.id} killed${name === 'leader' ? '; it was the leader' : ''}; restart ${node.id} brings it back`,
        );
      }
    });
}

function addRestart(program: Command, { cluster, say }: ShellContext): void {
  program
    .command('restart')
    .summary('start nodes that are down, or stop and start those that run')
    .argument('<NODE...>', 'n1, n2, …')
    .action(async (names: readonly string[]) => {
      const nodes = names.map((name) => cluster.node(name));
      await Promise.all(nodes.map(async (node) => say(await restarted(cluster, node))));
    });
}

async function restarted(cluster: DemoCluster, node: NodeProcess): Promise<string> {
  if (node.alive) await node.stop();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<'waiting'>((resolve) => {
    timer = setTimeout(() => resolve('waiting'), RESTART_WAIT_MS);
  });
  try {
    const outcome = await Promise.race([cluster.restart(node).then(() => 'ready' as const), patience]);
    return outcome === 'ready' ? `${node.id} is back` : `${node.id} is up, and waits for a majority`;
  } finally {
    clearTimeout(timer);
  }
}
