import type { Bytes, KeyRange } from '../kv/operation.ts';

/** All keys that start with `prefix`; an empty prefix means all keys. */
export function prefixRange(prefix: Bytes): KeyRange {
  const end = afterPrefix(prefix);
  // The empty key does not exist, so a range from it starts at the first key.
  return { start: prefix, end };
}

/**
 * The first key behind all that start with `prefix`: the last byte that is not 0xff, plus one. Empty ("to the last
 * key") when there is none.
 *
 *   61 62      61 63
 *   61 ff      62
 *   ff ff      (empty)
 */
function afterPrefix(prefix: Bytes): Bytes {
  for (let last = prefix.length - 1; last >= 0; last -= 1) {
    const byte = prefix[last];
    if (byte === undefined || byte === 0xff) continue;
    const end = new Uint8Array(prefix.subarray(0, last + 1));
    end[last] = byte + 1;
    return end;
  }
  return new Uint8Array(0);
}
