/** The command line as a whole: parsing, help, and how a command ends. What a command does is loaded when it runs. */
import { Command, CommanderError } from 'commander';
import { QuorateError } from '../server/terms.ts';
import { addClientFlags, withClient } from './client-session.ts';
import { addDemo } from './demo-command.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { describeFailure, hasColor, toQuorateError } from './failure.ts';
import type { Io } from './io.ts';
import { addKeyCommands } from './key-commands.ts';
import { addSim } from './sim-command.ts';
import { addConfig, addStart } from './start-command.ts';
import { addStatus } from './status-command.ts';
import { Stopping } from './stopping.ts';
import { configureParsing, usageError } from './parsing.ts';
import { packageVersion } from '../server/version.ts';

/** Runs one command line; never throws. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = buildProgram(io, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
    const error =
      thrown instanceof CommanderError ? usageError(thrown, helpFor(argv, thrown)) : toQuorateError(thrown);
    io.stderr.write(describeFailure(error, wantsJson(argv, io), hasColor(io.stderr, io.env)));
    return exitCodeOf(error);
  }
}

export function buildProgram(io: Io, ends: (code: ExitCode) => void): Command {
  const program = new Command('quorate')
    .description(
      'A replicated key-value store: three or five nodes, of which a minority can be lost.\n' +
        'quorate demo starts a cluster here to play with.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpCommand('help [COMMAND]', 'help for a command')
    .addHelpText('after', PROGRAM_HELP);
  // Set before the commands are added: they inherit it.
  configureParsing(program, io);
  program.commandsGroup('Run a cluster:');
  addDemo(program, io, ends);
  addStart(program, io, ends);
  addStatus(program, io, ends);
  addConfig(program, io);
  addSim(program, io, ends);
  program.commandsGroup('Read and write:');
  const keyCommands = addKeyCommands(program, async (command, use) => {
    using stopping = new Stopping();
    const interrupt = new AbortController();
    void stopping.asked.then(() => interrupt.abort());
    try {
      await withClient(command, io, interrupt.signal, use);
    } catch (error) {
      // Whatever the call made of being given up: the one who asked knows why.
      if (interrupt.signal.aborted) throw interrupted(error);
      throw error;
    }
  });
  keyCommands.forEach(addClientFlags);
  return program;
}

function interrupted(cause: unknown): QuorateError {
  const outcome = QuorateError.is(cause) ? cause.outcome : 'unknown';
  return new QuorateError('ABORTED', 'interrupted', { outcome, cause });
}

/** The help nearest to what went wrong. */
function helpFor(argv: readonly string[], { code }: CommanderError): string {
  const command = argv.find((word) => !word.startsWith('-'));
  const known = command !== undefined && code !== 'commander.unknownCommand';
  return `quorate ${known ? `${command} ` : ''}--help lists what there is`;
}

/** Looked up without the parser, which may be what failed. */
function wantsJson(argv: readonly string[], io: Io): boolean {
  const until = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const line = argv.slice(0, until).join('\n');
  const given = /^(?:-o=?|--output=|-o\n|--output\n)(\w+)$/m.exec(line)?.[1];
  return (given ?? io.env['QUORATE_OUTPUT']) === 'json';
}

const PROGRAM_HELP = `
Results go to standard output, everything else to standard error. Exit codes: 0 ok, 1 failed, 2 usage,
3 not found, 4 conflict or fenced, 5 unavailable, 6 outcome unknown, 7 unhealthy, 130 interrupted.

The first five minutes:
  quorate demo                        a cluster of three nodes, and a shell
  quorate put greeting hello          from another terminal
  quorate get greeting
  quorate status`;
