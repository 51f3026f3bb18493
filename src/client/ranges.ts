import type { KeyRange } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { prefixRange } from '../wire/ranges.ts';
import { boundBytes, keyBytes } from './keys.ts';
import type { Key } from './keys.ts';

/**
 * Which keys: all that begin with `prefix` (`''` means all there are), or all from `start` on and before `end`
 * (without `end`: to the last).
 */
export type Range = { readonly prefix: Key } | { readonly start: Key; readonly end?: Key | undefined };

const FORMS = 'a range is { prefix } or { start, end }';

/** Checked here too, because a misspelt field must not come to mean "everything". */
export function toKeyRange(range: Range, keyBytesMax: number | undefined): KeyRange {
  if (typeof range !== 'object' || range === null) throw invalid(`${FORMS}, not ${String(range)}`);
  for (const field of Object.keys(range)) {
    if (field !== 'prefix' && field !== 'start' && field !== 'end')
      throw invalid(`${FORMS}, not { ${field} }`);
  }
  if ('prefix' in range) {
    if ('start' in range || 'end' in range) throw invalid(`${FORMS}, not both`);
    return prefixRange(boundBytes(range.prefix, keyBytesMax));
  }
  const start = boundBytes(range.start, keyBytesMax);
  // An empty end means "to the last key" (wire/client-protocol.ts).
  const end = boundBytes(range.end ?? '', keyBytesMax);
  return { start, end };
}

/** A single key, or a range of them. */
export function toTarget(target: Key | Range, keyBytesMax: number | undefined): KeyRange {
  if (typeof target === 'string' || target instanceof Uint8Array) {
    return { start: keyBytes(target, keyBytesMax), end: null };
  }
  return toKeyRange(target, keyBytesMax);
}

function invalid(message: string): QuorateError {
  return new QuorateError('INVALID_ARGUMENT', message);
}
