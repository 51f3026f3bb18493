/**
 * Keys of the log's database: a tag byte, then an index that sorts as a number.
 *
 *   'b' index   a block, by its first index
 *   's'         the state record
 */
import type { LogIndex } from '../raft/types.ts';
import { getUint53, setUint53, UINT53_BYTES } from '../wire/uint53.ts';

const BLOCK_TAG = 0x62;
const BLOCK_KEY_BYTES = 1 + UINT53_BYTES;

export const STATE_KEY: Uint8Array = Uint8Array.of(0x73);

/** Before and after every block that can be. */
export const FIRST_BLOCK_KEY: Uint8Array = blockKey(0);
export const LAST_BLOCK_KEY: Uint8Array = blockKey(Number.MAX_SAFE_INTEGER);

export function blockKey(first: LogIndex): Uint8Array {
  const key = new Uint8Array(BLOCK_KEY_BYTES);
  key[0] = BLOCK_TAG;
  setUint53(new DataView(key.buffer), 1, first);
  return key;
}

/** -1 for what is no block's key. */
export function firstIndexOf(key: Uint8Array): LogIndex {
  if (key.length !== BLOCK_KEY_BYTES || key[0] !== BLOCK_TAG) return -1;
  return getUint53(new DataView(key.buffer, key.byteOffset, key.byteLength), 1);
}
