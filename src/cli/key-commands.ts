/** The commands about keys, as they stand on the command line and in the shell of `demo`. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { Db } from '../client/index.ts';
import { QuorateError } from '../server/terms.ts';
import { callFlag, flag, oneOf, wholeNumber } from './flags.ts';
import type { PutFlags, ReadFlags, ScanFlags } from './key-actions.ts';
import type { Output } from './output.ts';
import { addLease, leaseId } from './lease-command.ts';
import { addCompact, addResolve, addTxn } from './txn-command.ts';

/** What an action runs with: a cluster, a place for results, and a value that was not on the command line. */
export interface KeySession {
  readonly db: Db;
  readonly out: Output;
  readonly stdin: () => Promise<Uint8Array>;
  /** Aborts when somebody asks the command to end; null where nobody can without ending more than the command. */
  readonly interrupt: AbortSignal | null;
}

/** Connects for one command, and lets go afterwards. */
export type RunWithSession = (command: Command, use: (session: KeySession) => Promise<void>) => Promise<void>;

export function addKeyCommands(parent: Command, run: RunWithSession): readonly Command[] {
  return [
    addPut(parent, run),
    addGet(parent, run),
    addDelete(parent, run),
    addScan(parent, run),
    addIncrement(parent, run),
    addTxn(parent, run),
    ...addLease(parent, run),
    addCompact(parent, run),
    addResolve(parent, run),
  ];
}

function addPut(parent: Command, run: RunWithSession): Command {
  return parent
    .command('put')
    .summary('write a key')
    .description('Write a key. Without VALUE, the value is read from standard input as it is, byte for byte.')
    .argument('<KEY>')
    .argument('[VALUE]')
    .addOption(callFlag('--if-absent', 'only if there is no such key (conflict: exit code 4)'))
    .addOption(callFlag('--if-present', 'only if there is such a key'))
    .addOption(
      callFlag('--if-revision <N>', 'only if this change was the last one of the key', wholeNumber(1)),
    )
    .addOption(
      callFlag('--if-version <N>', 'only if the key was written this often since it exists', wholeNumber(1)),
    )
    .addOption(callFlag('--lease <ID>', 'delete the key when this lease ends', leaseId))
    .addOption(callFlag('--keep-lease', 'leave the key on the lease that it has, if any'))
    .addHelpText('after', PUT_EXAMPLES)
    .action(async (key: string, value: string | undefined, flags: PutFlags, command: Command) => {
      await run(command, async ({ db, out, stdin }) => {
        const { put } = await import('./key-actions.ts');
        await put(db, out, key, value ?? (await stdin()), flags);
      });
    });
}

function addGet(parent: Command, run: RunWithSession): Command {
  return withReadFlags(parent.command('get'))
    .summary('read a key')
    .description(
      'Read a key. As raw output the value comes exactly as it is stored. A key that is not there: exit code 3.',
    )
    .argument('<KEY>')
    .addHelpText('after', GET_EXAMPLES)
    .action(async (key: string, flags: ReadFlags, command: Command) => {
      await run(command, async ({ db, out }) => {
        const { get } = await import('./key-actions.ts');
        await get(db, out, key, flags);
      });
    });
}

interface DeleteFlags {
  readonly prefix?: string;
  readonly ifRevision?: number;
  readonly yes?: boolean;
}

function addDelete(parent: Command, run: RunWithSession): Command {
  return parent
    .command('delete')
    .summary('delete a key or all keys with a prefix')
    .description(
      'Delete a key, or all keys that begin with a prefix. Prints how many there were; none is no error.',
    )
    .argument('[KEY]')
    .addOption(callFlag('--prefix <PREFIX>', 'delete every key that begins with it'))
    .addOption(
      callFlag('--if-revision <N>', 'only if this change was the last one of the key', wholeNumber(1)),
    )
    .addOption(callFlag('--yes', 'allow the empty prefix, which means every key there is'))
    .addHelpText('after', DELETE_EXAMPLES)
    .action(async (key: string | undefined, flags: DeleteFlags, command: Command) => {
      const target = deleteTarget(key, flags);
      const { ifRevision } = flags;
      await run(command, async ({ db, out }) => {
        const { remove } = await import('./key-actions.ts');
        await remove(db, out, target, ifRevision === undefined ? {} : { ifRevision });
      });
    });
}

function deleteTarget(key: string | undefined, flags: DeleteFlags): string | { readonly prefix: string } {
  const { prefix, ifRevision, yes = false } = flags;
  if ((key === undefined) === (prefix === undefined)) {
    throw new QuorateError('INVALID_ARGUMENT', 'delete takes either KEY or --prefix PREFIX');
  }
  if (key !== undefined) return key;
  if (ifRevision !== undefined) {
    throw new QuorateError('INVALID_ARGUMENT', '--if-revision speaks of one key, --prefix of many');
  }
  if (prefix === '' && !yes) {
    throw new QuorateError('INVALID_ARGUMENT', 'the empty prefix means every key there is', {
      details: { hint: 'add --yes if you mean it' },
    });
  }
  return { prefix: prefix ?? '' };
}

function addScan(parent: Command, run: RunWithSession): Command {
  return withReadFlags(parent.command('scan'))
    .summary('list keys that begin with a prefix')
    .description('List keys that begin with PREFIX, in order of their bytes; without PREFIX all keys.')
    .argument('[PREFIX]', '', '')
    .addOption(flag('--limit <N>', 'at most so many', wholeNumber(1)))
    .addOption(flag('--reverse', 'from the last to the first'))
    .addOption(flag('--keys-only', 'without the values'))
    .addOption(flag('--count', 'only how many there are'))
    .addOption(callFlag('--min-mod-revision <N>', 'only what was last changed then or later', wholeNumber(1)))
    .addOption(
      callFlag('--max-mod-revision <N>', 'only what was last changed then or before', wholeNumber(1)),
    )
    .addOption(callFlag('--min-create-revision <N>', 'only what was created then or later', wholeNumber(1)))
    .addOption(callFlag('--max-create-revision <N>', 'only what was created then or before', wholeNumber(1)))
    .addHelpText('after', SCAN_EXAMPLES)
    .action(async (prefix: string, flags: ScanFlags, command: Command) => {
      await run(command, async ({ db, out }) => {
        const { scan } = await import('./key-actions.ts');
        await scan(db, out, prefix, flags);
      });
    });
}

function addIncrement(parent: Command, run: RunWithSession): Command {
  return parent
    .command('increment')
    .summary('add to a counter')
    .description(
      'Add N to a counter and print the sum. An absent key counts as 0; the sum is a signed 64-bit number.',
    )
    .argument('<KEY>')
    .argument('[N]', 'how much, negative to subtract', signed64, 1n)
    .addHelpText('after', INCREMENT_EXAMPLES)
    .action(async (key: string, by: bigint, _flags: object, command: Command) => {
      await run(command, async ({ db, out }) => {
        const { increment } = await import('./key-actions.ts');
        await increment(db, out, key, by);
      });
    });
}

function withReadFlags(command: Command): Command {
  return command
    .addOption(
      flag(
        '--level <LEVEL>',
        'linearizable: the newest there is (default); local: what one node has, also without a majority',
        oneOf('linearizable', 'local'),
      ),
    )
    .addOption(flag('--min-revision <N>', 'from a state that has at least this revision', wholeNumber(1)))
    .addOption(callFlag('--revision <N>', 'what was true right after this revision', wholeNumber(1)));
}

function signed64(text: string): bigint {
  if (/^[+-]?\d{1,20}$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''));
    if (BigInt.asIntN(64, value) === value) return value;
  }
  throw new InvalidArgumentError('it is a whole number of at most 64 bits.');
}

const PUT_EXAMPLES = `
Examples:
  quorate put config/colour blue
  quorate put config/motd < motd.txt
  quorate put jobs/7/owner me --if-absent
  quorate put temperature -- -4`;

const GET_EXAMPLES = `
Examples:
  quorate get config/colour
  quorate get config/motd -o raw > motd.txt
  quorate get config/colour --level local
  quorate get config/colour --revision 17`;

const DELETE_EXAMPLES = `
Examples:
  quorate delete config/colour
  quorate delete --prefix jobs/`;

const SCAN_EXAMPLES = `
Examples:
  quorate scan config/
  quorate scan jobs/ --reverse --limit 10
  quorate scan --count
  quorate scan config/ --revision 17
  quorate scan config/ --min-mod-revision 18   # what has changed since
  quorate scan jobs/ -o json | while read -r job; do …; done`;

const INCREMENT_EXAMPLES = `
Examples:
  quorate increment hits
  quorate increment stock/apples -3`;
