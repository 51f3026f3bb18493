/**
 * Flags, each with its variable: `--timeout 3s` is `QUORATE_TIMEOUT=3s`. Only what decides about somebody's data
 * (conditions of a write, the range of a delete, --yes) has none: an exported variable must not change what a line
 * in a script means.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { QuorateError } from '../server/terms.ts';

const variables = new WeakMap<Option, string>();

export function flag(flags: string, about: string, parse?: (text: string) => unknown): Option {
  const option = callFlag(flags, about, parse);
  const name = (option.long ?? '').replace(/^--/, '');
  const variable = `QUORATE_${name.replaceAll('-', '_').toUpperCase()}`;
  variables.set(option, variable);
  option.description = `${about} [${variable}]`;
  return option;
}

/** A flag without a variable. */
export function callFlag(flags: string, about: string, parse?: (text: string) => unknown): Option {
  const option = new Option(flags, about);
  if (parse !== undefined) option.argParser(parse);
  return option;
}

/** Fills in from the environment what the command line left open. */
export function applyVariables(command: Command, env: Readonly<Record<string, string | undefined>>): void {
  for (const option of command.options) {
    const variable = variables.get(option);
    const text = variable === undefined ? undefined : env[variable];
    if (variable === undefined || text === undefined || text === '') continue;
    const name = option.attributeName();
    if (command.getOptionValueSource(name) === 'cli') continue;
    command.setOptionValueWithSource(name, valueOf(option, variable, text), 'env');
  }
}

function valueOf(option: Option, variable: string, text: string): unknown {
  try {
    if (option.isBoolean()) return option.negate !== toggle(text);
    return option.parseArg === undefined ? text : option.parseArg(text, undefined);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new QuorateError('INVALID_ARGUMENT', `${variable} is "${text}": ${why}`, { cause: error });
  }
}

function toggle(text: string): boolean {
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  if (/^(?:0|false|no|off)$/i.test(text)) return false;
  throw new InvalidArgumentError('it is true or false');
}

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`it is a whole number ${range}.`);
  };
}

export function oneOf<T extends string>(...words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`it is one of ${words.join(', ')}.`);
  };
}

const TIMEOUT_MS_MAX = 600_000;

/** `3s`, `500ms`, or a number of milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  const ms = match === null ? Number.NaN : Number(match[1]) * (match[2] === 's' ? 1_000 : 1);
  if (ms >= 1 && ms <= TIMEOUT_MS_MAX) return Math.round(ms);
  throw new InvalidArgumentError('it is a time like 3s or 500ms, at most 600s.');
}
