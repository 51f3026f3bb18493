import type { OutboxLimits } from './outbox.ts';

const MIB = 1024 * 1024;

export interface LinkTuning extends OutboxLimits {
  /** An attempt to connect that takes longer is given up. */
  readonly dialTimeoutMs: number;
  /** The first pause between two attempts; it doubles up to the largest, and each is cut by up to a half at random. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Heartbeats without a frame after which a link is dead. */
  readonly silentHeartbeatsMax: number;
  /** Heartbeats above the hard bound after which a link is cut. */
  readonly stalledHeartbeatsMax: number;
}

/** A healed network must not wait for TCP's own timers (DESIGN 6): all of these are far below its first retry. */
export const LINK_TUNING: LinkTuning = {
  dialTimeoutMs: 300,
  backoffMinMs: 20,
  backoffMaxMs: 300,
  silentHeartbeatsMax: 5,
  stalledHeartbeatsMax: 40,
  /** About 8 ms on a link of 1 Gbit/s: what comes behind waits no longer than that for one frame. */
  frameBytesTarget: 1 * MIB,
  /** Twice what raft keeps in flight to one follower (8 MiB): above it, appends are repeats of repeats. */
  bufferedBytesSoft: 16 * MIB,
  bufferedBytesHard: 32 * MIB,
};
