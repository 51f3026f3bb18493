/**
 * The operation of a request in a session, with what the client has acknowledged: it travels with the operation, so
 * that it goes through unchanged to every log and costs nothing outside of sessions.
 *
 *   offset 0   2, where an operation (operation-codec.ts) has its format, which is 1
 *          1   how far below the request's sequence all replies are acknowledged: 2 bytes, 1 to 65,535
 *          3   the operation
 *
 * Without it, nothing is acknowledged. The state machine keeps no more than 1,024 replies, so 2 bytes always do.
 */
import type { Operation } from '../kv/operation.ts';
import { allocate } from './allocate.ts';
import type { Decoded, OperationLimits } from './decoded.ts';
import { refuse } from './decoded.ts';
import { QuorateError } from './errors.ts';
import { decodeOperation } from './operation-codec.ts';

const FORMAT = 2;
const HEADER_BYTES = 3;
const BACK_MAX = 0xffff;

/** `back`: the request's sequence less the one through which its client has all replies. `operation` is encoded. */
export function withAcknowledgement(back: number, operation: Uint8Array): Uint8Array {
  if (!Number.isInteger(back) || back < 1 || back > BACK_MAX) {
    throw new QuorateError('INVALID_ARGUMENT', `${back} sequences back; 1 to ${BACK_MAX} can be said`);
  }
  const bytes = allocate(HEADER_BYTES + operation.length);
  bytes[0] = FORMAT;
  bytes[1] = back >>> 8;
  bytes[2] = back;
  bytes.set(operation, HEADER_BYTES);
  return bytes;
}

export interface AcknowledgedOperation {
  /** null: nothing is said. */
  readonly back: number | null;
  readonly operation: Operation;
}

/** An operation with or without. */
export function decodeAcknowledged(
  bytes: Uint8Array,
  limits: OperationLimits,
): Decoded<AcknowledgedOperation> {
  if (bytes[0] !== FORMAT) return withBack(null, decodeOperation(bytes, limits));
  const back = 256 * (bytes[1] ?? 0) + (bytes[2] ?? 0);
  if (back === 0) return refuse('INVALID_ARGUMENT', 'a request does not acknowledge its own reply');
  return withBack(back, decodeOperation(bytes.subarray(HEADER_BYTES), limits));
}

/** The number of its kind (operation-kinds.ts), without decoding the rest; undefined for what is too short. */
export function kindOf(bytes: Uint8Array): number | undefined {
  return bytes[bytes[0] === FORMAT ? HEADER_BYTES + 1 : 1];
}

function withBack(back: number | null, decoded: Decoded<Operation>): Decoded<AcknowledgedOperation> {
  return decoded.ok ? { ok: true, value: { back, operation: decoded.value } } : decoded;
}
