/**
 * What a JSON value must look like to stand for one of ours: both ways, and everything else refused with its path.
 * Bytes are a string where they are UTF-8 and `{"base64": …}` where not; 64-bit numbers are strings of digits.
 */
export interface JsonShape<T> {
  readonly encode: (value: T) => unknown;
  /** Throws Unshapely. */
  readonly decode: (json: unknown, path: string) => T;
}

export class Unshapely extends Error {
  override readonly name = 'Unshapely';
}

function refuse(path: string, expected: string): never {
  throw new Unshapely(`${path === '' ? 'the line' : path} is not ${expected}`);
}

export const number: JsonShape<number> = {
  encode: (value) => value,
  decode: (json, path) => (typeof json === 'number' ? json : refuse(path, 'a number')),
};

export const flag: JsonShape<boolean> = {
  encode: (value) => value,
  decode: (json, path) => (typeof json === 'boolean' ? json : refuse(path, 'true or false')),
};

export const text: JsonShape<string> = {
  encode: (value) => value,
  decode: (json, path) => (typeof json === 'string' ? json : refuse(path, 'a string')),
};

/** JSON has no Infinity. */
export const endMs: JsonShape<number> = {
  encode: (value) => (value === Infinity ? null : value),
  decode: (json, path) => (json === null ? Infinity : number.decode(json, path)),
};

export const bigint: JsonShape<bigint> = {
  encode: (value) => value.toString(),
  decode: (json, path) =>
    typeof json === 'string' && /^-?\d+$/u.test(json) ? BigInt(json) : refuse(path, 'a string of digits'),
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const bytes: JsonShape<Uint8Array> = {
  encode: (value) => {
    try {
      return utf8.decode(value);
    } catch {
      return { base64: Buffer.from(value).toString('base64') };
    }
  },
  decode: (json, path) => {
    if (typeof json === 'string') return Uint8Array.from(Buffer.from(json, 'utf8'));
    const { base64 } = fieldsOf(json, path);
    return typeof base64 === 'string'
      ? Uint8Array.from(Buffer.from(base64, 'base64'))
      : refuse(path, 'a string or {"base64": …}');
  },
};

export function nullable<T>(shape: JsonShape<T>): JsonShape<T | null> {
  return {
    encode: (value) => (value === null ? null : shape.encode(value)),
    decode: (json, path) => (json === null ? null : shape.decode(json, path)),
  };
}

export function list<T>(shape: JsonShape<T>): JsonShape<readonly T[]> {
  return {
    encode: (values) => values.map((value) => shape.encode(value)),
    decode: (json, path) =>
      Array.isArray(json)
        ? json.map((item: unknown, at) => shape.decode(item, `${path}[${at}]`))
        : refuse(path, 'a list'),
  };
}

/** A form that has itself in it. */
export function lazy<T>(shape: () => JsonShape<T>): JsonShape<T> {
  return {
    encode: (value) => shape().encode(value),
    decode: (json, path) => shape().decode(json, path),
  };
}

/** May be left out. */
export function withDefault<T>(shape: JsonShape<T>, missing: T): JsonShape<T> {
  return {
    encode: shape.encode,
    decode: (json, path) => (json === undefined ? missing : shape.decode(json, path)),
  };
}

export function oneOf<T extends string>(...names: readonly T[]): JsonShape<T> {
  return {
    encode: (value) => value,
    decode: (json, path) => names.find((name) => name === json) ?? refuse(path, `one of ${names.join(', ')}`),
  };
}

export type JsonFields<T> = { readonly [K in keyof T]-?: JsonShape<T[K]> };

export function record<T extends object>(fields: JsonFields<T>): JsonShape<T> {
  const columns = columnsOf(fields);
  return {
    encode: (value) => encodeColumns(columns, value),
    decode: (json, path) => typed<T>(decodeColumns(columns, fieldsOf(json, path), path)),
  };
}

type Tagged<D extends string> = Readonly<Record<D, string>>;
type Cases<D extends string, U extends Tagged<D>> = {
  readonly [K in U[D]]: JsonFields<Omit<Extract<U, Readonly<Record<D, K>>>, D>>;
};

/** A union told apart by the field `by`. */
export function union<D extends string, U extends Tagged<D>>(by: D, cases: Cases<D, U>): JsonShape<U> {
  const kinds = new Map(Object.entries<object>(cases).map(([kind, fields]) => [kind, columnsOf(fields)]));
  return {
    encode: (value) => {
      const columns = kinds.get(value[by]);
      if (columns === undefined) throw new Unshapely(`there is no form for ${value[by]}`);
      return { [by]: value[by], ...encodeColumns(columns, value) };
    },
    decode: (json, path) => {
      const fields = fieldsOf(json, path);
      const kind = text.decode(fields[by], `${path}.${by}`);
      const columns = kinds.get(kind) ?? refuse(`${path}.${by}`, `one of ${[...kinds.keys()].join(', ')}`);
      return typed<U>({ [by]: kind, ...decodeColumns(columns, fields, path) });
    },
  };
}

interface Column {
  readonly name: string;
  readonly shape: JsonShape<unknown>;
}

function columnsOf(fields: object): readonly Column[] {
  return Object.entries<JsonShape<unknown>>({ ...fields }).map(([name, shape]) => ({ name, shape }));
}

function encodeColumns(columns: readonly Column[], value: object): Record<string, unknown> {
  const fields = typed<Readonly<Record<string, unknown>>>(value);
  return Object.fromEntries(columns.map(({ name, shape }) => [name, shape.encode(fields[name])]));
}

function decodeColumns(
  columns: readonly Column[],
  fields: Readonly<Record<string, unknown>>,
  path: string,
): object {
  return Object.fromEntries(
    columns.map(({ name, shape }) => [
      name,
      shape.decode(fields[name], path === '' ? name : `${path}.${name}`),
    ]),
  );
}

function fieldsOf(json: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse(path, 'an object');
  return { ...json };
}

/** The table's one assertion, and why it holds: `JsonFields` and `Cases` bind each row to the type it stands for. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function typed<T>(value: object): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as T;
}
