/** `lease …`, as it stands on the command line and in the shell of `demo`. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { callFlag } from './flags.ts';
import type { RunWithSession } from './key-commands.ts';

const LIFETIME_MS_MIN = 100;
const LIFETIME_MS_MAX = 2 ** 40;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** The commands that connect; each has the flags of a client. */
export function addLease(parent: Command, run: RunWithSession): readonly Command[] {
  const lease = parent
    .command('lease')
    .summary('grant, renew, revoke and look at leases')
    .description('Leases: keys that are put with one (put --lease ID) are deleted when it ends.')
    .addHelpText('after', LEASE_EXAMPLES);
  return [
    lease
      .command('grant')
      .summary('make a lease, and print its id')
      .argument('<TIME>', 'how long it lives without being renewed: 30s, 500ms, 5m, 1h', lifetime)
      .addOption(callFlag('--id <ID>', 'its id, if it is not to be made', leaseId))
      .action(async (ttlMs: number, { id }: { readonly id?: bigint }, command: Command) => {
        await run(command, async ({ db, out }) => await (await actions()).grant(db, out, { ttlMs, id }));
      }),
    lease
      .command('renew')
      .summary('give a lease all of its time again')
      .argument('<ID>', '', leaseId)
      .action(async (id: bigint, _flags: object, command: Command) => {
        await run(command, async ({ db, out }) => void (await (await actions()).renew(db, out, id)));
      }),
    lease
      .command('keep-alive')
      .summary('renew a lease until interrupted')
      .description(
        'Renew a lease three times in its time to live, and print a line each time, until Ctrl-C or SIGTERM, which ' +
          'leave the lease as it is: exit code 0. A lease that is gone: exit code 3. --timeout counts for each renewal.',
      )
      .argument('<ID>', '', leaseId)
      .addOption(callFlag('--once', 'renew it once, and end'))
      .action(async (id: bigint, { once = false }: { readonly once?: boolean }, command: Command) => {
        await run(command, async ({ db, out, interrupt }) => {
          const { keepAlive, renew } = await actions();
          await (once ? renew(db, out, id) : keepAlive(db, out, id, interrupt));
        });
      }),
    lease
      .command('revoke')
      .summary('end a lease and delete its keys')
      .argument('<ID>', '', leaseId)
      .action(async (id: bigint, _flags: object, command: Command) => {
        await run(command, async ({ db, out }) => await (await actions()).revoke(db, out, id));
      }),
    lease
      .command('list')
      .summary('all leases')
      .action(async (_flags: object, command: Command) => {
        await run(command, async ({ db, out }) => await (await actions()).list(db, out));
      }),
    lease
      .command('show')
      .summary('a lease and its keys')
      .argument('<ID>', '', leaseId)
      .action(async (id: bigint, _flags: object, command: Command) => {
        await run(command, async ({ db, out }) => await (await actions()).show(db, out, id));
      }),
  ];
}

async function actions(): Promise<typeof import('./lease-actions.ts')> {
  return await import('./lease-actions.ts');
}

export function leaseId(text: string): bigint {
  const id = /^-?\d{1,19}$/.test(text) ? BigInt(text) : 0n;
  if (id !== 0n && BigInt.asIntN(64, id) === id) return id;
  throw new InvalidArgumentError('it is the number of a lease: whole, of at most 64 bits, not 0.');
}

function lifetime(text: string): number {
  const match = /^(\d{1,12})(ms|s|m|h)$/.exec(text);
  const unit = Object.entries(UNIT_MS).find(([name]) => name === match?.[2])?.[1] ?? Number.NaN;
  const ms = Number(match?.[1]) * unit;
  if (ms >= LIFETIME_MS_MIN && ms <= LIFETIME_MS_MAX) return ms;
  throw new InvalidArgumentError('it is a time like 30s, 500ms, 5m or 1h, from 100ms.');
}

const LEASE_EXAMPLES = `
Examples:
  id=$(quorate lease grant 30s)
  quorate put workers/7 here --lease "$id"
  quorate lease renew "$id"
  quorate lease keep-alive "$id"
  quorate lease show "$id"
  quorate lease list -o json`;
