/** How Commander is used here: it parses and words its complaints; printing and ending are ours. */
import type { Command, CommanderError } from 'commander';
import { QuorateError } from '../server/terms.ts';
import type { Io } from './io.ts';

const HELP_WIDTH = 100;
const HELP_WIDTH_MAX = 110;

/** Call it before commands are added: they inherit it. */
export function configureParsing(program: Command, io: Io): void {
  program
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Errors are printed once, in one form, by whoever called.
      writeErr: (text) => {
        if (!text.startsWith('error:')) io.stderr.write(text);
      },
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? HELP_WIDTH, HELP_WIDTH_MAX),
      getErrHelpWidth: () => Math.min(io.stderr.columns ?? HELP_WIDTH, HELP_WIDTH_MAX),
    });
}

/** Commander's sentence in our form. `help`: where to read more. */
export function usageError(error: CommanderError, help: string): QuorateError {
  if (error.code === 'commander.help') {
    return new QuorateError('INVALID_ARGUMENT', 'no command was given', { cause: error });
  }
  const [sentence = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = more.join(' ').replace(/^\((.*)\)$/, '$1');
  const dashed = /unknown option '-[^-]/.test(sentence);
  const dashes = dashed ? 'a value that begins with a dash comes after --; ' : '';
  const hint = suggestion === '' ? dashes + help : suggestion;
  return new QuorateError('INVALID_ARGUMENT', sentence, { cause: error, details: { hint } });
}
