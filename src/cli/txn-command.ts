/** `txn`, `compact` and `resolve`, as they stand on the command line and in the shell of `demo`. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { QuorateError } from '../server/terms.ts';
import { wholeNumber } from './flags.ts';
import type { KeySession, RunWithSession } from './key-commands.ts';

export function addTxn(parent: Command, run: RunWithSession): Command {
  return parent
    .command('txn')
    .summary('compare keys and do several things at once')
    .description(
      'Do a transaction: JSON from FILE, or from standard input. If every compare in "when" holds, all of "do" is ' +
        'done as one revision, else all of "otherwise". Where there is no "otherwise", compares that do not hold are ' +
        'a conflict: exit code 4.',
    )
    .argument('[FILE]')
    .addHelpText('after', TXN_HELP)
    .action(async (file: string | undefined, _flags: object, command: Command) => {
      await run(command, async (session) => {
        const { doTxn } = await import('./txn-actions.ts');
        await doTxn(session.db, session.out, await textFrom(file, session));
      });
    });
}

async function textFrom(file: string | undefined, { stdin }: KeySession): Promise<string> {
  if (file === undefined || file === '-') return Buffer.from(await stdin()).toString();
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new QuorateError('INVALID_ARGUMENT', `the transaction cannot be read: ${why}`, { cause });
  });
}

export function addCompact(parent: Command, run: RunWithSession): Command {
  return parent
    .command('compact')
    .summary('end the history below a revision')
    .description(
      'End the history below REVISION, which is then the oldest that can be read. Leaders do so by themselves when ' +
        'history is older than --history-kept-ms or longer than --history-kept-revisions.',
    )
    .argument('<REVISION>', '', wholeNumber(1))
    .addHelpText('after', COMPACT_EXAMPLES)
    .action(async (revision: number, _flags: object, command: Command) => {
      await run(command, async ({ db, out }) => {
        const { compact } = await import('./txn-actions.ts');
        await compact(db, out, revision);
      });
    });
}

export function addResolve(parent: Command, run: RunWithSession): Command {
  return parent
    .command('resolve')
    .summary('what became of a write whose outcome is unknown')
    .description(
      'Tell what became of a write that ended with exit code 6. If it did not take effect by now, it never will: exit ' +
        'code 4. Sessions are kept for a minute; after that nobody knows.',
    )
    .argument('<OPERATION>', 'as the failure named it: SESSION/SEQUENCE')
    .addHelpText('after', RESOLVE_EXAMPLES)
    .action(async (operation: string, _flags: object, command: Command) => {
      await run(command, async ({ db, out }) => {
        const { resolve } = await import('./txn-actions.ts');
        await resolve(db, out, operation);
      });
    });
}

const RESOLVE_EXAMPLES = `
Examples:
  quorate resolve 27262976/1`;

const TXN_HELP = `
Compares   {"key": K | "prefix": P | "start": K, "end": K,  "operator": "=" | "!=" | "<" | ">",  and one of
            "value": V, "version": N, "createRevision": N, "modRevision": N, "lease": "N"}
            "=" unless said; a key that is not there has version 0
Steps      {"put": K, "value": V}   {"delete": K or {"prefix": P}}   {"increment": K, "by": "N"}
            {"get": K}   {"getMany": [K]}   {"scan": {"prefix": P}}   {"count": {"prefix": P}}   {"txn": {…}}
            with the options of the same commands, spelt as in the SDK: ifAbsent, ifRevision, limit, atRevision, …
Bytes      a string, or {"b64": "…"}; 64-bit numbers are strings of digits

Examples:
  quorate txn swap.json
  quorate txn <<'END'
  {"when": [{"key": "jobs/7/owner", "version": 0}],
   "do": [{"put": "jobs/7/owner", "value": "me"}, {"increment": "jobs/taken"}],
   "otherwise": [{"get": "jobs/7/owner"}]}
  END`;

const COMPACT_EXAMPLES = `
Examples:
  quorate compact 12345`;
