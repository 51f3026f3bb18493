import { QuorateError } from '../wire/errors.ts';

/** A string is stored as its UTF-8; what UTF-8 cannot hold (a lone surrogate) becomes U+FFFD. */
export type Value = string | Uint8Array;

const encoder = new TextEncoder();

/** Not copied: the caller's bytes are encoded before the call returns. */
export function valueBytes(value: Value, bytesMax: number | undefined): Uint8Array {
  const bytes = typeof value === 'string' ? encoder.encode(value) : checked(value);
  if (bytesMax === undefined || bytes.length <= bytesMax) return bytes;
  const message = `a value of ${bytes.length} bytes; the most is ${bytesMax}`;
  throw new QuorateError('VALUE_TOO_LARGE', message, { details: { limit: bytesMax, actual: bytes.length } });
}

function checked(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const found = value === null ? 'null' : typeof value;
  throw new QuorateError('INVALID_ARGUMENT', `a value is a string or a Uint8Array, not ${found}`);
}
