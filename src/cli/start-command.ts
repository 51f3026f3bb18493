/** `start` and `config print`: flags made from the table of settings, so that no flag can be forgotten. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { SettingsInput } from '../server/settings-sources.ts';
import { flagOf, SETTINGS, variableOf } from '../server/settings-table.ts';
import type { SettingRow } from '../server/settings-table.ts';
import { addOutputFlag, outputFor } from './client-session.ts';
import type { ClientFlags } from './client-session.ts';
import type { ExitCode } from './exit-codes.ts';
import { applyVariables, flag } from './flags.ts';
import type { Io } from './io.ts';

const GROUPS: Readonly<Record<SettingRow['group'], string>> = {
  node: 'The node:',
  listening: 'Where it listens:',
  timing: 'Timing:',
  limits: 'Limits:',
  history: 'History:',
};

export function addStart(parent: Command, io: Io, ends: (code: ExitCode) => void): Command {
  const command = parent
    .command('start')
    .summary('run one node of a cluster')
    .description(
      'Run one node in the foreground. Once it serves, it prints one JSON line {"event":"ready",…} on standard ' +
        'output; its log goes to standard error. SIGTERM or Ctrl-C stops it gracefully (a leader hands over first), ' +
        'a second one at once.',
    );
  addSettingFlags(command);
  command
    .addOption(new Option('--die-with-parent', 'end when file descriptor 3 is closed').hideHelp())
    .addHelpText('after', START_HELP)
    .action(async (flags: Readonly<Record<string, unknown>>) => {
      const { dieWithParent = false, config: _config, ...settingFlags } = flags;
      const { start } = await import('./start.ts');
      const input = await settingsInput(command, io, settingFlags);
      ends(await start(input, io, { dieWithParent: dieWithParent === true }));
    });
  return command;
}

export function addConfig(parent: Command, io: Io): Command {
  const config = parent.command('config').summary('look at settings').description('Look at settings.');
  const print = config
    .command('print')
    .summary('print every setting with its value and where it comes from')
    .description(
      'Print every setting of a node, its value, and where it comes from, without starting anything.',
    );
  addSettingFlags(addOutputFlag(print))
    .addHelpText(
      'after',
      '\nExamples:\n  quorate config print\n  quorate config print --config n1.json -o json',
    )
    .action(async (flags: Readonly<Record<string, unknown>>) => {
      const { config: _config, output: _output, ...settingFlags } = flags;
      const input = await settingsInput(print, io, settingFlags);
      const { printSettings } = await import('./print-settings.ts');
      await printSettings(input, outputFor(io, print.opts<ClientFlags>().output));
    });
  return config;
}

function addSettingFlags(command: Command): Command {
  const file = flag('--config <FILE>', 'JSON file of settings, its keys named as in quorate config print');
  command.addOption(file.helpGroup(GROUPS.node));
  for (const row of SETTINGS) {
    const { key, metavar, group, about } = row;
    const usage = metavar === '' ? `${flagOf(key)} [BOOLEAN]` : `${flagOf(key)} <${metavar}>`;
    command.addOption(
      new Option(usage, `${about}${defaultOf(row)} [${variableOf(key)}]`).helpGroup(GROUPS[group]),
    );
  }
  return command;
}

function defaultOf({ fallback }: SettingRow): string {
  if (fallback.type === 'required') return '';
  const text = fallback.type === 'value' ? fallback.value : fallback.from;
  return text === '' ? '' : ` Default: ${text}.`;
}

async function settingsInput(
  command: Command,
  io: Io,
  flags: Readonly<Record<string, unknown>>,
): Promise<SettingsInput> {
  applyVariables(command, io.env);
  const { readSettingsFile } = await import('../server/settings-resolve.ts');
  const { config } = command.opts<{ config?: string }>();
  return { flags, env: io.env, file: config === undefined ? null : await readSettingsFile(config) };
}

const START_HELP = `
Every flag is also a variable and a key of the configuration file; a flag wins over a variable, a variable over
the file. Exit codes: 0 stopped, 1 failed (ADDRESS_IN_USE, DATA_LOCKED, DATA_DIR_UNUSABLE, WRONG_CLUSTER, …),
2 settings, 4 fenced (INCARNATION_FENCED), 7 the disk or the data on it (IO_FAILED, CORRUPT, RECOVERING).

Examples:
  quorate start --id n1 --data /var/lib/quorate --cluster prod \\
    --peers n1=10.0.0.1:7401,n2=10.0.0.2:7401,n3=10.0.0.3:7401 --client 10.0.0.1:7400 --insecure
  quorate start --config n1.json --log-level debug`;
