/**
 * A record as 64 bytes, one cache line: in the rows of the present and, as it was, in the events of history.
 *
 *   byte  0  createRevision   float64        byte 32  hash                        4 × int32
 *         8  modRevision      float64             48  offset of the value          uint32
 *        16  version          float64             52  length of the value          uint32
 *        24  lease            int64               56  number of its key's last event float64
 *
 * The buffer that the value is a slice of stands beside; the key is known to whoever found the record.
 */
import type { Lanes } from './murmur128.ts';
import type { Bytes, KvRecord } from './operation.ts';

export const ROW_BYTES = 64;
export const CREATE_REVISION = 0;
export const MOD_REVISION = 8;
export const VERSION = 16;
export const LEASE = 24;
export const HASH = 32;
export const VALUE_OFFSET = 48;
export const VALUE_LENGTH = 52;
export const LAST_EVENT = 56;

export const NO_BUFFER = new ArrayBuffer(0);

/** Gives back the buffer to be kept beside. Whoever writes to it afterwards alters history. */
export function writeRecord(fields: DataView, at: number, record: KvRecord, hash: Lanes): ArrayBufferLike {
  fields.setFloat64(at + CREATE_REVISION, record.createRevision, true);
  fields.setFloat64(at + MOD_REVISION, record.modRevision, true);
  fields.setFloat64(at + VERSION, record.version, true);
  fields.setBigInt64(at + LEASE, record.lease, true);
  writeLanes(fields, at + HASH, hash);
  const { buffer, byteOffset, byteLength } = record.value;
  fields.setUint32(at + VALUE_OFFSET, byteLength === 0 ? 0 : byteOffset, true);
  fields.setUint32(at + VALUE_LENGTH, byteLength, true);
  return byteLength === 0 ? NO_BUFFER : buffer;
}

export function readRecord(fields: DataView, at: number, key: Bytes, value: Bytes): KvRecord {
  return {
    key,
    value,
    createRevision: fields.getFloat64(at + CREATE_REVISION, true),
    modRevision: fields.getFloat64(at + MOD_REVISION, true),
    version: fields.getFloat64(at + VERSION, true),
    lease: fields.getBigInt64(at + LEASE, true),
  };
}

export function readValue(fields: DataView, at: number, buffer: ArrayBufferLike): Bytes {
  return new Uint8Array(
    buffer,
    fields.getUint32(at + VALUE_OFFSET, true),
    fields.getUint32(at + VALUE_LENGTH, true),
  );
}

/** What are words goes as words: a float64 that is read and written may lose bits that are no number. */
export function copyRow(from: DataView, fromAt: number, to: DataView, toAt: number): void {
  to.setFloat64(toAt + CREATE_REVISION, from.getFloat64(fromAt + CREATE_REVISION, true), true);
  to.setFloat64(toAt + MOD_REVISION, from.getFloat64(fromAt + MOD_REVISION, true), true);
  to.setFloat64(toAt + VERSION, from.getFloat64(fromAt + VERSION, true), true);
  for (let byte = LEASE; byte < LAST_EVENT; byte += 4) {
    to.setInt32(toAt + byte, from.getInt32(fromAt + byte, true), true);
  }
  to.setFloat64(toAt + LAST_EVENT, from.getFloat64(fromAt + LAST_EVENT, true), true);
}

export function writeLanes(fields: DataView, at: number, { a, b, c, d }: Lanes): void {
  fields.setInt32(at, a, true);
  fields.setInt32(at + 4, b, true);
  fields.setInt32(at + 8, c, true);
  fields.setInt32(at + 12, d, true);
}

export function readLanes(fields: DataView, at: number): Lanes {
  return {
    a: fields.getInt32(at, true),
    b: fields.getInt32(at + 4, true),
    c: fields.getInt32(at + 8, true),
    d: fields.getInt32(at + 12, true),
  };
}
