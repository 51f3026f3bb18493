/** Limits and defaults that both sides of a connection must agree on, with the reason for each number. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** `quorate://host` without a port. */
export const DEFAULT_CLIENT_PORT = 7400;

export const DEFAULT_LIMITS = {
  /** bytes, 1 to 4,096. A key stays in memory on every node (SPEC 2). */
  keyBytesMax: 4 * KIB,
  /** bytes, 0 to 8 MiB. */
  valueBytesMax: 1 * MIB,
  /** bytes. One value of the largest size with room for what surrounds it; etcd's number (SPEC 8). */
  requestBytesMax: 1.5 * MIB,
  /** records in a page of a scan, 1 to 10,000. */
  pageRecordsMax: 1_000,
  /** bytes in a page of a scan; a page always holds at least one record. */
  pageBytesMax: 1 * MIB,
  /** clients at once on one node. */
  connectionsMax: 10_000,
  /** requests in flight on one connection. */
  inFlightPerConnectionMax: 256,
} as const;

/** What surrounds operations in a frame: tuples, headers, ids. */
const FRAME_OVERHEAD_BYTES = 512 * KIB;

/** A client's frame holds one largest request, or many small ones that are together no larger. */
export function clientFrameBytesMax(requestBytesMax: number): number {
  return requestBytesMax + FRAME_OVERHEAD_BYTES;
}

/** A peer's frame holds one entry of the largest size, which may itself hold one largest request. */
export function peerFrameBytesMax(requestBytesMax: number): number {
  return 2 * requestBytesMax + 2 * FRAME_OVERHEAD_BYTES;
}

/** What a node may answer in one frame: a page with its keys, or many answers of one turn. Bounds the SDK's memory. */
export const SERVER_FRAME_BYTES_MAX: number = 64 * MIB;

/** How long a call may take end to end unless it says otherwise (SPEC 9). */
export const DEFAULT_TIMEOUT_MS = 5_000;
