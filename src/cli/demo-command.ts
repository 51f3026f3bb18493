import type { Command } from 'commander';
import { addOutputFlag } from './client-session.ts';
import type { ExitCode } from './exit-codes.ts';
import { applyVariables, flag, wholeNumber } from './flags.ts';
import type { Io } from './io.ts';
import type { OutputFormat } from './output.ts';

export interface DemoFlags {
  readonly nodes?: number;
  readonly port?: number;
  readonly data?: string;
  readonly shell: boolean;
  readonly output?: OutputFormat;
}

export const DEMO_NODES_MAX = 9;

export function addDemo(parent: Command, io: Io, ends: (code: ExitCode) => void): Command {
  const command = parent
    .command('demo')
    .summary('a whole cluster on this machine, and a shell to play with it')
    .description(
      'Start a cluster of real node processes on this machine and open a shell. The shell reads from a terminal or ' +
        'from a pipe; with --no-shell, one JSON line says that the cluster is ready, and it runs until SIGTERM. ' +
        'A node that dies stays dead until you restart it.',
    )
    .addOption(flag('--nodes <N>', 'how many nodes; default 3', wholeNumber(1, DEMO_NODES_MAX)))
    .addOption(
      flag(
        '--port <PORT>',
        'node i serves clients on PORT + 10 i and peers one above, i from 0; default 7400',
        wholeNumber(1, 65_535),
      ),
    )
    .addOption(
      flag('--data <DIR>', 'keep the data there, and start from it again; otherwise it is temporary'),
    )
    .addOption(flag('--no-shell', 'no shell: a ready line, then run until SIGTERM'));
  return addOutputFlag(command)
    .addHelpText('after', DEMO_HELP)
    .action(async () => {
      applyVariables(command, io.env);
      const { demo } = await import('./demo/demo.ts');
      ends(await demo(command.opts<DemoFlags>(), io));
    });
}

const DEMO_HELP = `
Examples:
  quorate demo
  quorate demo --nodes 5 --data ./my-cluster
  printf 'put a 1\\nkill leader\\nget a\\n' | quorate demo

In the shell: put, get, delete, scan, increment, txn, lease, compact, status, kill NODE|leader, restart NODE, help, exit.
From a script the exit code is that of the first command that failed; the others run all the same.`;
