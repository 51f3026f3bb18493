/**
 * A block: consecutive entries under one LevelDB key, sealed (sealed.ts) and linked to the block before it (chain.ts).
 * A put costs LevelDB 7 to 10 µs as a record of its own, 1.5 to 3 µs when a hundred share a block (DESIGN 3).
 *
 *   offset 0   CRC-32, version   5 bytes
 *          5   length            4 bytes, of the whole block
 *          9   previous point    32 bytes; the block's first index is the one after it
 *         41   first term        8 bytes
 *         49   last index        8 bytes
 *         57   last term         8 bytes
 *         65   entries           wire/entry-codec.ts
 */
import type { Entry } from '../raft/entry.ts';
import type { LogIndex, Term } from '../raft/types.ts';
import {
  decodeEntries,
  encodedEntriesBytes,
  encodedEntryBytes,
  encodeEntriesInto,
} from '../wire/entry-codec.ts';
import { getUint53, setUint53 } from '../wire/uint53.ts';
import { CHAIN_POINT_BYTES, type ChainPoint, chainHash, readChainPoint, writeChainPoint } from './chain.ts';
import { SEAL_BYTES, seal, sealState } from './sealed.ts';

export const BLOCK_VERSION = 1;

const PREVIOUS_AT = SEAL_BYTES + 4;
const RANGE_AT = PREVIOUS_AT + CHAIN_POINT_BYTES;
const HEADER_BYTES = RANGE_AT + 24;

export interface Block {
  readonly previous: ChainPoint;
  /** At least one. */
  readonly entries: readonly Entry[];
  /** Of the last entry; the next block's `previous`. */
  readonly end: ChainPoint;
  /** As stored. */
  readonly value: Uint8Array;
}

export type DecodedBlock =
  | { readonly kind: 'sound'; readonly block: Block }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'unsupported'; readonly version: number };

/** `entries` are at least one, and follow `previous`. */
export function encodeBlock(previous: ChainPoint, entries: readonly Entry[]): Block {
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) throw new Error('a block without entries');
  const value = Buffer.allocUnsafe(HEADER_BYTES + encodedEntriesBytes(entries));
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  view.setUint32(SEAL_BYTES, value.length);
  writeChainPoint(value, PREVIOUS_AT, previous);
  writeRange(view, { firstTerm: first.term, lastIndex: last.index, lastTerm: last.term });
  encodeEntriesInto(value, HEADER_BYTES, entries);
  seal(value, BLOCK_VERSION);
  return { previous, entries, end: endOf(value, last), value };
}

/** One block, or as many as `bytesMax` of entries each make; a single larger entry has one to itself. */
export function packBlocks(
  previous: ChainPoint,
  entries: readonly Entry[],
  bytesMax: number,
): readonly Block[] {
  const blocks: Block[] = [];
  let start = 0;
  let bytes = 0;
  for (let at = 0; at <= entries.length; at++) {
    const entry = entries[at];
    const size = entry === undefined ? 0 : encodedEntryBytes(entry);
    const full = entry === undefined || bytes + size > bytesMax;
    if (full && at > start) {
      blocks.push(encodeBlock(blocks.at(-1)?.end ?? previous, entries.slice(start, at)));
      start = at;
      bytes = 0;
    }
    bytes += size;
  }
  return blocks;
}

export function decodeBlock(value: Uint8Array): DecodedBlock {
  const state = sealState(value, BLOCK_VERSION);
  if (state.kind !== 'sound') return state;
  const block = decodeBody(value);
  return block === null ? { kind: 'damaged' } : { kind: 'sound', block };
}

function decodeBody(value: Uint8Array): Block | null {
  if (value.length < HEADER_BYTES) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const previous = readChainPoint(value, PREVIOUS_AT);
  const entries = decodeEntries(value.subarray(HEADER_BYTES));
  const first = entries?.[0];
  const last = entries?.at(-1);
  if (view.getUint32(SEAL_BYTES) !== value.length || previous === null) return null;
  if (entries === null || first === undefined || last === undefined) return null;
  const range = readRange(view);
  const fits =
    first.index === previous.index + 1 &&
    first.term >= previous.term &&
    first.term === range.firstTerm &&
    last.index === range.lastIndex &&
    last.term === range.lastTerm;
  return fits ? { previous, entries, end: endOf(value, last), value } : null;
}

function endOf(value: Uint8Array, last: Entry): ChainPoint {
  return { index: last.index, term: last.term, hash: chainHash(value.subarray(0, HEADER_BYTES)) };
}

interface BlockRange {
  readonly firstTerm: Term;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

function writeRange(view: DataView, range: BlockRange): void {
  setUint53(view, RANGE_AT, range.firstTerm);
  setUint53(view, RANGE_AT + 8, range.lastIndex);
  setUint53(view, RANGE_AT + 16, range.lastTerm);
}

function readRange(view: DataView): BlockRange {
  return {
    firstTerm: getUint53(view, RANGE_AT),
    lastIndex: getUint53(view, RANGE_AT + 8),
    lastTerm: getUint53(view, RANGE_AT + 16),
  };
}
