/**
 * The chain: each block names the point it continues from, and a point's hash covers everything before it. LevelDB can
 * lose a write and keep the next, or bring back an older value of a key; both leave blocks that look sound and no
 * longer fit their neighbours (reference/reliability.md 0).
 *
 * A link hashes a block's header alone, because the header holds the CRC of the rest. Per block, one core, Node 20:
 *
 *   bytes    sha256 of all   crc32 of all   sha256 of the header
 *     300          1.1 µs         0.2 µs          1.1 µs
 *   3,000          3.0            0.8             1.1
 *  30,000         20.2            7.0             1.1
 *
 * So a block costs one CRC pass and a constant 1.1 µs, and a broken link shows even where two CRCs collide.
 */
import { hash } from 'node:crypto';
import type { LogIndex, Term } from '../raft/types.ts';
import { getUint53, setUint53 } from '../wire/uint53.ts';

const HASH_BYTES = 16;
export const CHAIN_POINT_BYTES = 16 + HASH_BYTES;

/** A place where the log may end: its last entry, and the hash of everything up to it. */
export interface ChainPoint {
  readonly index: LogIndex;
  readonly term: Term;
  readonly hash: Uint8Array;
}

/** Before the first entry. Seeded with the incarnation, so that another directory's log does not fit this one. */
export function chainStart(incarnation: string): ChainPoint {
  return { index: 0, term: 0, hash: digest(Buffer.from(incarnation, 'utf8')) };
}

export function chainHash(blockHeader: Uint8Array): Uint8Array {
  return digest(blockHeader);
}

export function samePoint(a: ChainPoint, b: ChainPoint): boolean {
  return a.index === b.index && a.term === b.term && Buffer.compare(a.hash, b.hash) === 0;
}

/**
 *   offset 0   index  8 bytes
 *          8   term   8 bytes
 *         16   hash   16 bytes
 */
export function writeChainPoint(target: Uint8Array, at: number, point: ChainPoint): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  setUint53(view, at, point.index);
  setUint53(view, at + 8, point.term);
  target.set(point.hash, at + 16);
}

/** null when its numbers are no safe integers. The caller has checked the length. */
export function readChainPoint(source: Uint8Array, at: number): ChainPoint | null {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const index = getUint53(view, at);
  const term = getUint53(view, at + 8);
  if (index < 0 || term < 0) return null;
  return { index, term, hash: source.slice(at + 16, at + CHAIN_POINT_BYTES) };
}

function digest(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer').subarray(0, HASH_BYTES);
}
