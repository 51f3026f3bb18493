/** What comes of decoding an operation, and the checks that all of its kinds share. */
import type { Bytes } from '../kv/operation.ts';
import type { ErrorCode } from './errors.ts';

export type Decoded<T> = { readonly ok: true; readonly value: T } | Refused;

export interface Refused {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface OperationLimits {
  readonly keyBytesMax: number;
  readonly valueBytesMax: number;
}

export function refuse(code: ErrorCode, message: string): Refused {
  return { ok: false, code, message };
}

export function checkKey(key: Bytes, limits: OperationLimits, emptyAllowed: boolean): Refused | null {
  if (key.length === 0 && !emptyAllowed) return refuse('INVALID_ARGUMENT', 'a key has at least one byte');
  return key.length > limits.keyBytesMax ? tooLarge('KEY', key.length, limits.keyBytesMax) : null;
}

export function checkValue(value: Bytes, limits: OperationLimits): Refused | null {
  return value.length > limits.valueBytesMax ? tooLarge('VALUE', value.length, limits.valueBytesMax) : null;
}

function tooLarge(what: 'KEY' | 'VALUE', bytes: number, bytesMax: number): Refused {
  return refuse(`${what}_TOO_LARGE`, `a ${what.toLowerCase()} of ${bytes} bytes; the most is ${bytesMax}`);
}
