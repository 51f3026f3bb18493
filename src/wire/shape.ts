/**
 * A small language for what a message may hold. A shape encodes a value into wire form and decodes it back, and
 * refuses everything else: no field may be missing, none added, none out of range. Codecs are tables of shapes, one
 * row a message; the types hold the tables to the message types.
 */
import type { Wire } from './frame.ts';

export interface Shape<T> {
  encode: (value: T) => Wire;
  /** Throws Malformed. */
  decode: (wire: Wire) => T;
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

/**
 * A whole number in [min, max], both safe integers. Ours above 2^32 arrive as float64, those of other languages as
 * int64 or uint64; which of them it was makes no difference.
 */
export function integer(min = 0, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return {
    encode: (value) => value,
    decode: (wire) => {
      const value = typeof wire === 'bigint' ? Number(wire) : wire;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max)
        return value;
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

const BYTE_ORDER_MARK = '\ufeff';

/** Some decoders drop a leading byte order mark, ours only from longer strings: so no string may begin with one. */
export function text(lengthMax: number): Shape<string> {
  return {
    encode: (value) => value,
    decode: (wire) =>
      typeof wire === 'string' && wire.length <= lengthMax && !wire.startsWith(BYTE_ORDER_MARK)
        ? wire
        : malformed(`a string of at most ${lengthMax} characters`, wire),
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
  const columns = columnsOf(fields);
  return {
    encode: (value) => encodeColumns([], columns, value),
    decode: (wire) => typed<T>(decodeColumns({}, columns, wire, 0)),
  };
}

type Cases<D extends string, U extends Tagged<D>> = {
  readonly [K in U[D]]: {
    readonly tag: number;
    readonly fields: Fields<Omit<Extract<U, Readonly<Record<D, K>>>, D>>;
  };
};

type Tagged<D extends string> = Readonly<Record<D, string>>;

/** A union told apart by `type`: the tuple [tag, ...fields]. */
export function variants<U extends Tagged<'type'>>(cases: Cases<'type', U>): Shape<U> {
  return union<'type', U>('type', cases);
}

/** A union told apart by the field `by`. */
export function union<D extends string, U extends Tagged<D>>(by: D, cases: Cases<D, U>): Shape<U> {
  const rows = Object.entries<{ readonly tag: number; readonly fields: object }>(cases).map(
    ([kind, { tag, fields }]) => ({ kind, tag, columns: columnsOf(fields) }),
  );
  const byKind = new Map(rows.map((row) => [row.kind, row]));
  const byTag = new Map(rows.map((row) => [row.tag, row]));
  if (byTag.size !== rows.length) throw new Error('two messages share a tag');
  return {
    encode: (value) => {
      const row = byKind.get(value[by]);
      if (row === undefined) throw new Error(`no row for ${value[by]}`);
      return encodeColumns([row.tag], row.columns, value);
    },
    decode: (wire) => {
      if (!isList(wire) || typeof wire[0] !== 'number') return malformed('a tagged tuple', wire);
      const row = byTag.get(wire[0]);
      if (row === undefined) return malformed('a known tag', wire[0]);
      // Not as a computed name in the literal, which V8 defines in its runtime, ten times as slowly.
      const value: Record<string, unknown> = {};
      value[by] = row.kind;
      return typed<U>(decodeColumns(value, row.columns, wire, 1));
    },
  };
}

interface Column {
  readonly name: string;
  readonly shape: Shape<unknown>;
}

function columnsOf(fields: object): readonly Column[] {
  return Object.entries<Shape<unknown>>({ ...fields }).map(([name, shape]) => ({ name, shape }));
}

function encodeColumns(tuple: Wire[], columns: readonly Column[], value: object): Wire {
  const fields = typed<Readonly<Record<string, unknown>>>(value);
  for (const { name, shape } of columns) tuple.push(shape.encode(fields[name]));
  return tuple;
}

/** Fills in `value` from what follows the first `skip` elements. */
function decodeColumns(
  value: Record<string, unknown>,
  columns: readonly Column[],
  wire: Wire,
  skip: number,
): object {
  if (!isList(wire) || wire.length !== columns.length + skip) {
    return malformed(`a tuple of ${columns.length + skip}`, wire);
  }
  let at = skip;
  for (const { name, shape } of columns) {
    value[name] = shape.decode(wire[at] ?? null);
    at += 1;
  }
  return value;
}

/** The table's one assertion, and why it holds: `Fields` and `Cases` bind each row to the type that it stands for. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function typed<T>(value: object): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as T;
}

/** Array.isArray does not narrow a readonly union. */
export function isList(wire: Wire): wire is readonly Wire[] {
  return Array.isArray(wire);
}

/** Pairs that stand for the fields of an object come in order, so that none comes twice. */
export function isAscending(keys: readonly string[] | readonly number[]): boolean {
  return keys.every((key, at) => {
    const before = keys[at - 1];
    return before === undefined || before < key;
  });
}
