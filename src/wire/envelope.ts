/**
 * The data of a command entry: many clients' requests under one stamp of cluster time. A request's position in
 * history is (log index, ordinal in the envelope). The layout is fixed (DESIGN 10):
 *
 *   offset 0   format version   1 byte, now 1
 *          1   kind             1 byte, now 1 (requests)
 *          2   cluster time     8 bytes big-endian, milliseconds
 *         10   request count    4 bytes big-endian
 *         14   requests         each: 4 bytes length, then the encoded request
 *
 * A request is the tuple [session, sequence, user, authRevision, operation bytes]. The client encodes the operation once;
 * its bytes go through unchanged to every log and are decoded where they are applied.
 */
import type { Request } from '../kv/state-machine.ts';

export interface Envelope {
  readonly clusterTimeMs: number;
  readonly requests: readonly Request[];
}
