/**
 * A small language for what a message may hold. A shape encodes a value into wire form and decodes it back, and
 * refuses everything else: no field may be missing, none added, none out of range. Codecs are tables of shapes, one
 * row a message; the types hold the tables to the message types.
 */
import type { Wire } from './frame.ts';

export interface Shape<T> {
  encode(value: T): Wire;
  /** Throws Malformed. */
  decode(wire: Wire): T;
}

/** Never leaves this folder: the codecs turn it into a result. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

function malformed(expected: string, wire: Wire): never {
  throw new Malformed(`expected ${expected}, got ${describe(wire)}`);
}

function describe(wire: Wire): string {
  if (wire === null) return 'nil';
  if (wire instanceof Uint8Array) return `${wire.length} bytes`;
  if (Array.isArray(wire)) return `a list of ${wire.length}`;
  return typeof wire === 'string' ? `a string of ${wire.length}` : String(wire);
}

/** A whole number in [min, max]; both at most 2^53 - 1. */
export function integer(min = 0, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return {
    encode: (value) => value,
    decode: (wire) => {
      if (typeof wire === 'number' && Number.isInteger(wire) && wire >= min && wire <= max) return wire;
      return malformed(`an integer from ${min} to ${max}`, wire);
    },
  };
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** A signed 64-bit number, always a bigint in memory; on the wire small ones may travel as plain integers. */
export const int64: Shape<bigint> = {
  encode: (value) => value,
  decode: (wire) => {
    if (typeof wire === 'number' && Number.isSafeInteger(wire)) return BigInt(wire);
    if (typeof wire === 'bigint' && wire >= INT64_MIN && wire <= INT64_MAX) return wire;
    return malformed('a signed 64-bit integer', wire);
  },
};

export const bool: Shape<boolean> = {
  encode: (value) => value,
  decode: (wire) => (typeof wire === 'boolean' ? wire : malformed('true or false', wire)),
};

export function text(lengthMax: number): Shape<string> {
  return {
    encode: (value) => value,
    decode: (wire) =>
      typeof wire === 'string' && wire.length <= lengthMax
        ? wire
        : malformed(`a string of at most ${lengthMax}`, wire),
  };
}

/** Views on the frame; no longer than the frame is, so a limit of their own is for the reader's sake. */
export const bytes: Shape<Uint8Array> = {
  encode: (value) => value,
  decode: (wire) => (wire instanceof Uint8Array ? wire : malformed('bytes', wire)),
};

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    encode: (value) => (value === null ? null : shape.encode(value)),
    decode: (wire) => (wire === null ? null : shape.decode(wire)),
  };
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    encode: (values) => values.map((value) => shape.encode(value)),
    decode: (wire) => (isList(wire) ? wire.map((item) => shape.decode(item)) : malformed('a list', wire)),
  };
}

/** One of a few names, written as its place in the list. */
export function oneOf<T extends string>(...names: readonly T[]): Shape<T> {
  return {
    encode: (value) => names.indexOf(value),
    decode: (wire) =>
      (typeof wire === 'number' ? names[wire] : undefined) ?? malformed(`one of ${names.join(', ')}`, wire),
  };
}

export type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

/** An object as a tuple of its fields, in the order in which they stand in the table. */
export function record<T extends object>(fields: Fields<T>): Shape<T> {
  const names = fieldNames(fields);
  return {
    encode: (value) => names.map((name) => fields[name].encode(value[name])),
    decode: (wire) => decodeFields(wire, fields, names, 0),
  };
}

type Cases<U extends { readonly type: string }> = {
  readonly [K in U['type']]: {
    readonly tag: number;
    readonly fields: Fields<Omit<Extract<U, { readonly type: K }>, 'type'>>;
  };
};

/** A union told apart by `type`: the tuple [tag, ...fields]. */
export function variants<U extends { readonly type: string }>(cases: Cases<U>): Shape<U> {
  const types = Object.keys(cases) as U['type'][];
  const rows = new Map(types.map((type) => [type, rowOf<U>(type, cases[type])]));
  const byTag = new Map([...rows.values()].map((row) => [row.tag, row]));
  if (byTag.size !== types.length) throw new Error('two messages share a tag');
  return {
    encode: (value) => {
      const row = rows.get(value.type);
      if (row === undefined) throw new Error(`no row for ${value.type}`);
      return row.encode(value);
    },
    decode: (wire) => {
      if (!isList(wire) || typeof wire[0] !== 'number') return malformed('a tagged tuple', wire);
      const row = byTag.get(wire[0]);
      return row === undefined ? malformed('a known tag', wire[0]) : row.decode(wire);
    },
  };
}

interface Row<U> {
  readonly tag: number;
  encode(value: U): Wire;
  decode(wire: readonly Wire[]): U;
}

/** The one cast of the table: a row's fields and its `type` together are that member of the union. */
function rowOf<U extends { readonly type: string }>(type: U['type'], row: Cases<U>[U['type']]): Row<U> {
  const fields = row.fields as Readonly<Record<string, Shape<unknown>>>;
  const names = Object.keys(fields);
  return {
    tag: row.tag,
    encode: (value) => {
      const tuple: Wire[] = [row.tag];
      const from = value as Readonly<Record<string, unknown>>;
      for (const name of names) tuple.push(fields[name]?.encode(from[name]) ?? null);
      return tuple;
    },
    decode: (wire) => ({ type, ...decodeFields(wire, fields, names, 1) }) as unknown as U,
  };
}

function decodeFields<T extends object>(
  wire: Wire,
  fields: Fields<T>,
  names: readonly (keyof T)[],
  skip: number,
): T {
  if (!isList(wire) || wire.length !== names.length + skip) {
    return malformed(`a tuple of ${names.length + skip}`, wire);
  }
  const value: Partial<T> = {};
  names.forEach((name, position) => {
    value[name] = fields[name].decode(wire[position + skip] ?? null);
  });
  return value as T;
}

function fieldNames<T extends object>(fields: Fields<T>): readonly (keyof T)[] {
  return Object.keys(fields) as (keyof T)[];
}

/** Array.isArray does not narrow a readonly union. */
export function isList(wire: Wire): wire is readonly Wire[] {
  return Array.isArray(wire);
}
