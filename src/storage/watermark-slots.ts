/**
 * The watermark file: two slots of 4 KiB, written in turn, so that a torn write leaves the other one. It lies outside
 * LevelDB, because LevelDB is what it watches.
 *
 *   offset 0   CRC-32, version   5 bytes
 *          5   sequence          8 bytes; its parity is the slot's number
 *         13   writes            8 bytes
 *         21   end               32 bytes, a chain point
 *         53   zeros to 4096
 */
import { getUint53, setUint53 } from '../wire/uint53.ts';
import { type ChainPoint, readChainPoint, writeChainPoint } from './chain.ts';
import { SEAL_BYTES, seal, sealState } from './sealed.ts';

export const WATERMARK_FILE = 'quorate.watermark';
export const WATERMARK_VERSION = 1;
export const SLOT_BYTES = 4_096;

const END_AT = SEAL_BYTES + 16;

export interface Watermark {
  /** Counts the slots written, from 0; the highest one is the newest. */
  readonly sequence: number;
  /** Of the state record, at `end`. */
  readonly writes: number;
  readonly end: ChainPoint;
}

export interface ReadSlots {
  /** null: both are unreadable. */
  readonly newest: Watermark | null;
  readonly unreadable: number;
  /** A version that this program does not know, if any slot is intact and has one. */
  readonly unsupported: number | null;
}

export function slotOffset(watermark: Watermark): number {
  return (watermark.sequence % 2) * SLOT_BYTES;
}

export function encodeSlot(watermark: Watermark): Uint8Array {
  const slot = new Uint8Array(SLOT_BYTES);
  const view = new DataView(slot.buffer);
  setUint53(view, SEAL_BYTES, watermark.sequence);
  setUint53(view, SEAL_BYTES + 8, watermark.writes);
  writeChainPoint(slot, END_AT, watermark.end);
  seal(slot, WATERMARK_VERSION);
  return slot;
}

/** Both slots of a directory in which nothing has been written yet. */
export function freshSlots(start: ChainPoint): Uint8Array {
  const slots = [0, 1].map((sequence) => encodeSlot({ sequence, writes: 0, end: start }));
  return Buffer.concat(slots);
}

export function readSlots(file: Uint8Array): ReadSlots {
  let newest: Watermark | null = null;
  let unreadable = 0;
  let unsupported: number | null = null;
  for (const number of [0, 1]) {
    const slot = file.subarray(number * SLOT_BYTES, (number + 1) * SLOT_BYTES);
    const state = sealState(slot, WATERMARK_VERSION);
    if (state.kind === 'unsupported') unsupported = state.version;
    const watermark = state.kind === 'sound' ? decodeSlot(slot, number) : null;
    if (watermark === null) unreadable += 1;
    else if (newest === null || watermark.sequence > newest.sequence) newest = watermark;
  }
  return { newest, unreadable, unsupported };
}

function decodeSlot(slot: Uint8Array, number: number): Watermark | null {
  if (slot.length !== SLOT_BYTES) return null;
  const view = new DataView(slot.buffer, slot.byteOffset, slot.byteLength);
  const sequence = getUint53(view, SEAL_BYTES);
  const writes = getUint53(view, SEAL_BYTES + 8);
  const end = readChainPoint(slot, END_AT);
  if (sequence < 0 || sequence % 2 !== number || writes < 0 || end === null) return null;
  return { sequence, writes, end };
}
