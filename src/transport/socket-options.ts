/** How every WebSocket of ours is set up, on both ends (reference/reliability.md 4, performance.md 6.0). */
import type { FrameSocket } from './frame-socket.ts';

/** RFC 6455 §7.4.1. */
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_POLICY = 1008;

/** RFC 6455 §5.5: a control frame holds 125 bytes, two of them are the code. */
const CLOSE_REASON_BYTES_MAX = 123;

/** The smallest segment that IPv4 must carry; what arrives on a trickling link comes in pieces of about this size. */
const SEGMENT_BYTES = 512;

export interface SocketLimits {
  readonly perMessageDeflate: false;
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  /** How long ws waits for the other side's half of a close before it destroys the socket. */
  readonly closeTimeout: number;
}

export function socketLimits(frameBytesMax: number): SocketLimits {
  return {
    perMessageDeflate: false,
    maxPayload: frameBytesMax,
    // Nobody of ours fragments; the default of 16,384 is a way to burn memory with tiny fragments.
    maxFragments: 16,
    // The largest frame must fit when it arrives in small segments: 1,024, as advised, would cut it off at 1.4 MiB.
    maxBufferedChunks: 1_024 + Math.ceil(frameBytesMax / SEGMENT_BYTES),
    closeTimeout: 5_000,
  };
}

/**
 * Masks protect proxies from browsers (RFC 6455 §10.3). Between our own processes a mask of zeros is legal, and ws then
 * skips the XOR on both ends. It also means that `send` never writes into the caller's bytes.
 */
export function zeroMask(mask: Buffer): void {
  mask.fill(0);
}

/** Ends a connection with a reason that fits in a close frame. */
export function closeWith(socket: FrameSocket, code: number, reason: string): void {
  const bytes = Buffer.from(reason, 'utf8').subarray(0, CLOSE_REASON_BYTES_MAX);
  // A cut in the middle of a character would make the frame invalid.
  socket.close(code, bytes.toString('utf8').replace(/\uFFFD+$/u, ''));
}
