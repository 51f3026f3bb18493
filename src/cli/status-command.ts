import type { Command } from 'commander';
import { addClientFlags, readClientFlags } from './client-session.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { flag } from './flags.ts';
import type { Io } from './io.ts';

/** A node that is alive answers at once; one that is not should not hide the others for long. */
const NODE_TIMEOUT_MS = 2_000;

export function addStatus(parent: Command, io: Io, ends: (code: ExitCode) => void): Command {
  return addClientFlags(parent.command('status'))
    .summary('how the nodes are')
    .description(
      'Ask every node how it is, whether there is a majority or not. One answer is enough for exit code 0; ' +
        'none at all is 5.',
    )
    .addOption(flag('--check', 'exit code 7 unless every member is up, serves and agrees on a leader'))
    .addHelpText(
      'after',
      '\nExamples:\n  quorate status\n  quorate status -o json | jq .role\n  quorate status --check',
    )
    .action(async (_flags: object, command: Command) => {
      const { endpoints, timeoutMs, out } = readClientFlags(command, io);
      const { askCluster, showStatus, unhealthy } = await import('./cluster-status.ts');
      const report = await askCluster(endpoints, Math.min(timeoutMs, NODE_TIMEOUT_MS));
      await showStatus(out, report);
      const complaint = unhealthy(report);
      if (complaint !== null) io.stderr.write(`unhealthy: ${complaint}\n`);
      if (complaint !== null && command.opts<{ check?: boolean }>().check === true) ends(EXIT.unhealthy);
    });
}
