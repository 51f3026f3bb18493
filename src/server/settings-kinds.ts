/**
 * The kinds of value a setting can have. Each takes what a flag or a variable (text) or a configuration file (JSON)
 * says, and gives the value or the rule that it breaks.
 */
import { isIP } from 'node:net';
import { formatEndpoint } from '../wire/endpoints.ts';
import type { HostPort, PeerAddress } from './settings.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rule: string };

export interface Kind<T> {
  /** What stands for the value in help: `--data DIR`. */
  readonly metavar: string;
  parse(raw: unknown): Parsed<T>;
  /** As it would be written on a command line. */
  show(value: T): string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const NAME_RULE = 'letters, digits, dots, dashes and underscores, 63 at most, the first a letter or a digit';
const MEMBERS_MAX = 15;

const UNITS: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  ms: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
  bytes: { KiB: 1_024, MiB: 1_048_576 },
  count: {},
};

export type Unit = 'ms' | 'bytes' | 'count';

export const name: Kind<string> = {
  metavar: 'NAME',
  parse: (raw) => (typeof raw === 'string' && NAME.test(raw) ? accept(raw) : refuse(NAME_RULE)),
  show: (value) => value,
};

export const folder: Kind<string> = {
  metavar: 'DIR',
  parse: (raw) =>
    typeof raw === 'string' && raw.length > 0 && !raw.includes('\0')
      ? accept(raw)
      : refuse('the path of a folder'),
  show: (value) => value,
};

/** Whole numbers; text may carry the unit: `300ms`, `2s`, `1h`, `64KiB`, `1MiB`. */
export function integer(unit: Unit, min: number, max: number): Kind<number> {
  const named = unit === 'count' ? '' : ` ${unit}`;
  const rule = `a whole number from ${min} to ${max}${named}`;
  return {
    metavar: unit === 'count' ? 'N' : unit.toUpperCase(),
    parse: (raw) => {
      const value = typeof raw === 'string' ? numberOf(raw, unit) : raw;
      return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? accept(value)
        : refuse(rule);
    },
    show: (value) => String(value),
  };
}

function numberOf(text: string, unit: Unit): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null) return Number.NaN;
  const [, digits = '', suffix = ''] = match;
  return Number(digits) * (suffix === '' ? 1 : (UNITS[unit][suffix] ?? Number.NaN));
}

const WORDS = new Map<unknown, boolean>([
  ...[true, 'true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...[false, 'false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

export const toggle: Kind<boolean> = {
  metavar: '',
  parse: (raw) => {
    const value = WORDS.get(raw);
    return value === undefined ? refuse('true or false') : accept(value);
  },
  show: (value) => String(value),
};

export function choice<T extends string>(metavar: string, ...words: readonly T[]): Kind<T> {
  return {
    metavar,
    parse: (raw) => {
      const found = words.find((word) => word === raw);
      return found === undefined ? refuse(`one of ${words.join(', ')}`) : accept(found);
    },
    show: (value) => value,
  };
}

export const address: Kind<HostPort> = {
  metavar: 'HOST:PORT',
  parse: (raw) => {
    const value = typeof raw === 'string' ? addressOf(raw) : null;
    return value === null
      ? refuse(
          'HOST:PORT with a port from 1 to 65535, an IPv6 address in brackets: 127.0.0.1:7400, [::1]:7400',
        )
      : accept(value);
  },
  show: formatEndpoint,
};

function addressOf(text: string): HostPort | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  const [, bracketed, plain, digits = ''] = match ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return null;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return null;
  // Four numbers are meant as an address; 127.0.0.300 is no name either.
  if (/^[\d.]+$/.test(host) && isIP(host) !== 4) return null;
  return { host, port };
}

/** `n1=HOST:7401,n2=HOST:7401` as text; in a file also `{ "n1": "HOST:7401" }`. Sorted by id. */
export const peers: Kind<readonly PeerAddress[]> = {
  metavar: 'ID=HOST:PORT,…',
  parse: (raw) => {
    const pairs = pairsOf(raw);
    if (pairs === null) return refuse('every member as ID=HOST:PORT, separated by commas');
    if (pairs.length > MEMBERS_MAX) return refuse(`at most ${MEMBERS_MAX} members`);
    const members: PeerAddress[] = [];
    for (const [id, where] of pairs) {
      const member = memberOf(id, where, members);
      if (typeof member === 'string') return refuse(member);
      members.push(member);
    }
    return accept(members.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  },
  show: (value) => value.map(({ id, address: where }) => `${id}=${formatEndpoint(where)}`).join(','),
};

function pairsOf(raw: unknown): readonly (readonly [string, unknown])[] | null {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    const entries = Object.entries(raw);
    return entries.length === 0 ? null : entries;
  }
  if (typeof raw !== 'string' || raw.trim() === '') return null;
  return raw.split(',').map((part) => {
    const [id = '', ...rest] = part.trim().split('=');
    return [id, rest.join('=')] as const;
  });
}

/** A member, or the sentence that says what is wrong with it. */
function memberOf(id: string, where: unknown, others: readonly PeerAddress[]): PeerAddress | string {
  if (where === '') return `"${id}" lacks its address; every member is ID=HOST:PORT`;
  if (!NAME.test(id)) return `"${id}" is no node id; an id is ${NAME_RULE}`;
  const parsed = address.parse(where);
  if (!parsed.ok) return `the address of ${id} is ${JSON.stringify(where)}; an address is ${parsed.rule}`;
  const same = others.find((other) => other.id === id);
  if (same !== undefined) return `${id} is named twice; every member once`;
  const shown = formatEndpoint(parsed.value);
  const rival = others.find((other) => formatEndpoint(other.address) === shown);
  if (rival !== undefined) return `${rival.id} and ${id} have the same address ${shown}; each its own`;
  return { id, address: parsed.value };
}

/** Text separated by commas; in a file also a list. */
export function listOf(item: Kind<string>, metavar: string): Kind<readonly string[]> {
  return {
    metavar,
    parse: (raw) => {
      const parts = typeof raw === 'string' ? raw.split(',').map((part) => part.trim()) : raw;
      if (!Array.isArray(parts)) return refuse('a list');
      const values: string[] = [];
      for (const part of parts.filter((each) => each !== '')) {
        const parsed = item.parse(part);
        if (!parsed.ok) return refuse(`a list, each ${parsed.rule}`);
        values.push(parsed.value);
      }
      return accept(values);
    },
    show: (value) => value.join(','),
  };
}

export const origin: Kind<string> = {
  metavar: 'ORIGIN',
  parse: (raw) =>
    typeof raw === 'string' && URL.canParse(raw) && new URL(raw).origin === raw
      ? accept(raw)
      : refuse('an origin as browsers send it, like https://app.example.com'),
  show: (value) => value,
};

export const hostName: Kind<string> = {
  metavar: 'HOST',
  parse: (raw) =>
    typeof raw === 'string' && /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/.test(raw)
      ? accept(raw.toLowerCase())
      : refuse('a host name without a port'),
  show: (value) => value,
};

function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

function refuse(rule: string): { readonly ok: false; readonly rule: string } {
  return { ok: false, rule };
}
