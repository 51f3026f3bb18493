/**
 * The bodies of operations on leases and sessions (operation-codec.ts has what stands before them):
 *
 *   leaseGrant      id (0: one that is made), 8 bytes time to live in milliseconds, 100 to 2^40
 *   leaseRenew      2 bytes length, ids
 *   leaseRevoke     id
 *   leaseExpire     8 bytes term, 2 bytes length, ids
 *   sessionOpen     8 bytes time to live in milliseconds, 100 to 2^40
 *   sessionRenew    2 bytes length, ids
 *   sessionClose    id
 *   sessionExpire   8 bytes term, 2 bytes length, ids
 *   resolve         id, 8 bytes sequence
 *
 * An id is 8 bytes, signed.
 */
import type { LeaseOperation, SessionOperation } from '../kv/operation.ts';
import type { ByteReader } from './byte-reader.ts';
import { refuse } from './decoded.ts';
import type { Decoded } from './decoded.ts';
import { PartsWriter } from './parts-writer.ts';

/** Without keys, flags and conditions. */
export type BareOperation = LeaseOperation | SessionOperation;

const TTL_MS_MIN = 100;
/** 34 years; so that no deadline leaves the safe integers. */
const TTL_MS_MAX = 2 ** 40;

export function encodeBareOperation(operation: BareOperation): Uint8Array {
  const writer = new PartsWriter();
  switch (operation.type) {
    case 'leaseGrant':
      writer.int64(operation.id);
      writer.uint53(operation.ttlMs);
      break;
    case 'sessionOpen':
      writer.uint53(operation.ttlMs);
      break;
    case 'leaseRenew':
    case 'sessionRenew':
      writeIds(writer, operation.ids);
      break;
    case 'leaseRevoke':
    case 'sessionClose':
      writer.int64(operation.id);
      break;
    case 'leaseExpire':
    case 'sessionExpire':
      writer.uint53(operation.term);
      writeIds(writer, operation.ids);
      break;
    case 'resolve':
      writer.int64(operation.session);
      writer.uint53(operation.sequence);
      break;
  }
  return writer.join();
}

/** Whether something follows is the caller's question. */
export function decodeBareOperation(reader: ByteReader, type: BareOperation['type']): Decoded<BareOperation> {
  switch (type) {
    case 'leaseGrant': {
      const id = reader.int64();
      const ttlMs = reader.uint53();
      return checkTtl(ttlMs) ?? { ok: true, value: { type, id, ttlMs } };
    }
    case 'sessionOpen': {
      const ttlMs = reader.uint53();
      return checkTtl(ttlMs) ?? { ok: true, value: { type, ttlMs } };
    }
    case 'leaseRenew':
    case 'sessionRenew':
      return { ok: true, value: { type, ids: readIds(reader) } };
    case 'leaseRevoke':
    case 'sessionClose':
      return { ok: true, value: { type, id: reader.int64() } };
    case 'leaseExpire':
    case 'sessionExpire': {
      const term = reader.uint53();
      if (term < 0) return refuse('INVALID_ARGUMENT', 'a term beyond 2^53');
      return { ok: true, value: { type, ids: readIds(reader), term } };
    }
    case 'resolve': {
      const session = reader.int64();
      const sequence = reader.uint53();
      if (sequence < 0) return refuse('INVALID_ARGUMENT', 'a sequence beyond 2^53');
      return { ok: true, value: { type, session, sequence } };
    }
  }
}

function checkTtl(ttlMs: number): ReturnType<typeof refuse> | null {
  if (ttlMs >= TTL_MS_MIN && ttlMs <= TTL_MS_MAX) return null;
  return refuse('INVALID_ARGUMENT', `a time to live is ${TTL_MS_MIN} ms to 2^40 ms`);
}

function writeIds(writer: PartsWriter, ids: readonly bigint[]): void {
  writer.length16(ids.length);
  for (const id of ids) writer.int64(id);
}

/** A length that lies costs one step: beyond the end nothing more is read. */
function readIds(reader: ByteReader): readonly bigint[] {
  const ids: bigint[] = [];
  const length = reader.uint16();
  while (ids.length < length && !reader.short) ids.push(reader.int64());
  return ids;
}
