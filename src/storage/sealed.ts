/**
 * Every record this room writes is sealed the same way, so that damage and a foreign version are told apart before
 * anything else is believed. The two fields keep their place in every version:
 *
 *   offset 0   CRC-32   4 bytes, of all that follows
 *          4   version  1 byte
 *          5   body
 */
import { crc32 } from 'node:zlib';

export const SEAL_BYTES = 5;

export type SealState =
  | { readonly kind: 'sound' }
  /** Its CRC does not fit: not a word of it is true. */
  | { readonly kind: 'damaged' }
  /** Intact, and written by another version of Quorate. */
  | { readonly kind: 'unsupported'; readonly version: number };

/** The body stands at `SEAL_BYTES` already; this fills in what stands before it. */
export function seal(record: Uint8Array, version: number): void {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  view.setUint8(4, version);
  view.setUint32(0, crc32(record.subarray(4)));
}

export function sealState(record: Uint8Array, version: number): SealState {
  if (record.length < SEAL_BYTES) return { kind: 'damaged' };
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  if (view.getUint32(0) !== crc32(record.subarray(4))) return { kind: 'damaged' };
  const found = view.getUint8(4);
  return found === version ? { kind: 'sound' } : { kind: 'unsupported', version: found };
}
