import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { addOutputFlag } from './client-session.ts';
import type { ExitCode } from './exit-codes.ts';
import { applyVariables, callFlag, oneOf, wholeNumber } from './flags.ts';
import type { Io } from './io.ts';
import type { OutputFormat } from './output.ts';

export interface SimFlags {
  readonly seed?: number;
  readonly seeds?: number;
  readonly minutes?: number;
  readonly nodes?: number;
  readonly load?: 'full' | 'light';
  /** Names as they were given; what they may be is known where the simulator is. */
  readonly faults?: readonly string[];
  readonly only?: readonly number[];
  readonly trace?: boolean;
  readonly twice?: boolean;
  readonly failFast?: boolean;
  readonly profile?: boolean;
  readonly until?: number;
  readonly output?: OutputFormat;
}

const SEED_MAX = 2 ** 32 - 1;
const SEEDS_MAX = 1_000_000;
const MINUTES_MAX = 1_440;

/** A run is said by its command line and by nothing else: its flags have no variables. */
export function addSim(parent: Command, io: Io, ends: (code: ExitCode) => void): Command {
  const command = parent
    .command('sim')
    .summary('whole clusters under simulated time, with faults; looks for a law that breaks')
    .description(
      'Run whole clusters in this process: real nodes, real clients, and a simulated clock, network and disk. A seed ' +
        'draws the size of the cluster, its timing and its faults, and is the same history every time. Each is judged ' +
        'by what Raft promises and by what clients saw. It stores nothing and opens no port.',
    )
    .addOption(callFlag('--seed <N>', 'the first seed; default: a fresh one', wholeNumber(0, SEED_MAX)))
    .addOption(
      callFlag(
        '--seeds <N>',
        'how many, one after the other; default 1 with --seed, no end with --until, else 10',
        wholeNumber(1, SEEDS_MAX),
      ),
    )
    .addOption(callFlag('--minutes <M>', 'simulated minutes of each seed; default 2', minutes))
    .addOption(callFlag('--nodes <N>', '3 or 5; default: the seed draws it', clusterSize))
    .addOption(
      callFlag(
        '--load <LOAD>',
        'full: about 50 operations a second; light: few, so that hours cost less; default full',
        oneOf('full', 'light'),
      ),
    )
    .addOption(callFlag('--faults <KINDS>', 'kinds of faults, with commas between; default all', words))
    .addOption(
      callFlag('--only <PLACES>', 'of the faults of a seed only these, by number; none for none', places),
    )
    .addOption(
      callFlag('--until <TIME>', 'begin no seed after so much real time, like 90s, 10m or 2h', realTime),
    )
    .addOption(callFlag('--twice', 'run every seed twice, and compare'))
    .addOption(callFlag('--fail-fast', 'end with the first seed that breaks a law'))
    .addOption(callFlag('--trace', 'tell the story of every seed on standard error'))
    .addOption(callFlag('--profile', 'say where the processor time goes'));
  return addOutputFlag(command)
    .addHelpText('after', SIM_HELP)
    .action(async () => {
      applyVariables(command, io.env);
      const { simulate } = await import('./sim/simulate.ts');
      ends(await simulate(command.opts<SimFlags>(), io));
    });
}

function minutes(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.1 && value <= MINUTES_MAX) return value;
  throw new InvalidArgumentError(`it is a number from 0.1 to ${MINUTES_MAX}.`);
}

function clusterSize(text: string): number {
  if (text === '3' || text === '5') return Number(text);
  throw new InvalidArgumentError('it is 3 or 5.');
}

function words(text: string): readonly string[] {
  return text.split(',').map((word) => word.trim());
}

function places(text: string): readonly number[] {
  if (text === 'none') return [];
  const numbers = text.split(',').map((word) => (/^\d{1,9}$/.test(word.trim()) ? Number(word) : Number.NaN));
  if (!numbers.some(Number.isNaN)) return numbers;
  throw new InvalidArgumentError('it is a list of numbers like 3,7,9, or none.');
}

const REAL_TIME_UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

function realTime(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const ms = Number(amount) * (REAL_TIME_UNITS[unit] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('it is a time like 90s, 10m or 2h.');
}

const SIM_HELP = `
Examples:
  quorate sim
  quorate sim --until 10m --nodes 5
  quorate sim --seeds 100 --faults crash,partition,slow-disk
  quorate sim --seed 7 --only 3,9 --trace

A seed that breaks a law is told with its faults, of which those that matter are found by running it again
without the others, and with the command that replays it; the exit code is then 1. With -o json there is one
line for each seed, for each breach, and for the whole.`;
