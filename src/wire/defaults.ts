/**
 * Limits and defaults that both sides of a connection must agree on, each with unit, range and reason. What a node's
 * settings may change is checked against the same ranges in server/settings-table.ts.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

/** `quorate://host` without a port. */
export const DEFAULT_CLIENT_PORT = 7400;

export const DEFAULT_LIMITS = {
  /** bytes, 16 to 4,096. A key stays in memory on every node (SPEC 2). */
  keyBytesMax: 4 * KIB,
  /** bytes, 1 to 8 MiB. A large value holds up the log for everybody behind it. */
  valueBytesMax: 1 * MIB,
  /** bytes, 1 KiB to 16 MiB. One value of the largest size with room for what surrounds it; etcd's number (SPEC 8). */
  requestBytesMax: 1.5 * MIB,
  /** records in a page of a scan, 1 to 10,000. A page is served in one turn of the loop. */
  pageRecordsMax: 1_000,
  /** bytes in a page of a scan, 1 KiB to 16 MiB; a page always holds at least one record. */
  pageBytesMax: 1 * MIB,
  /** clients at once on one node, 1 to 100,000. Mind the limit of open files. */
  connectionsMax: 10_000,
  /** requests in flight on one connection, 1 to 65,536. One client cannot take the whole node. */
  inFlightPerConnectionMax: 256,
} as const;

/** How much of the past every node keeps, whichever is less (SPEC 2). */
export const DEFAULT_HISTORY = {
  /** milliseconds of cluster time, 10 s to 30 days. */
  keptMs: 60 * 60 * 1_000,
  /** revisions, 1 to 1,000,000,000. */
  keptRevisions: 1_000_000,
} as const;

/** bytes. What surrounds operations in a frame: tuples, headers, ids. */
const FRAME_OVERHEAD_BYTES = 512 * KIB;

/** A client's frame holds one largest request, or many small ones that are together no larger; 2 MiB by default. */
export function clientFrameBytesMax(requestBytesMax: number): number {
  return requestBytesMax + FRAME_OVERHEAD_BYTES;
}

/**
 * Elements of all lists in a client's frame. Unpacking costs some 0.2 µs and 50 bytes each, so that 2 MiB of empty
 * lists would stop a node for half a second; this many stop it for some 30 ms. A request of ours has some ten, and the
 * longest list of keys that a node answers has 10,000.
 */
export const CLIENT_FRAME_ELEMENTS_MAX = 131_072;

/**
 * A peer's frame holds one entry of the largest size, which may itself hold one largest request, beside another
 * turn's messages; 4 MiB by default.
 */
export function peerFrameBytesMax(requestBytesMax: number): number {
  return 2 * requestBytesMax + 2 * FRAME_OVERHEAD_BYTES;
}

/** bytes. What a node may answer in one frame: a page with its keys, or many answers of one turn. Bounds the SDK. */
export const SERVER_FRAME_BYTES_MAX: number = 64 * MIB;

/** milliseconds. How long a call may take end to end unless it says otherwise (SPEC 9). */
export const DEFAULT_TIMEOUT_MS = 5_000;
