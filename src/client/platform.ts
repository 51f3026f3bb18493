/** What the SDK needs from where it runs. `index.ts` and `index.browser.ts` hand it in; tests may hand in their own. */

export interface Platform {
  readonly openSocket: OpenSocket;
  /** Runs once everything that happens in this turn of the event loop has happened. */
  readonly endOfTurn: (run: () => void) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Runs it once, about `delayMs` (at most 2^31 - 1) from now, unless what is returned is called before. */
  readonly schedule: (delayMs: number, run: () => void) => () => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Opens a WebSocket for binary frames. Nothing is reported before it returns. */
export type OpenSocket = (url: string, subprotocol: string, events: SocketEvents) => Socket;

export interface Socket {
  /** Only between `opened` and `closed`. The bytes are not changed afterwards. */
  send(frame: Uint8Array): void;
  /** From any state; says so to the other side where it can, and does not wait for it for long. */
  close(): void;
}

export interface SocketEvents {
  opened(): void;
  /** A binary frame; a view that may be reused once this returns. */
  frame(bytes: Uint8Array): void;
  /** The other side sent what is no frame of this protocol. */
  malformed(reason: string): void;
  /** Exactly once, whoever closed it and whether or not it was ever open. */
  closed(reason: string): void;
}

/** Every platform has these. */
export const commonPlatform: Pick<Platform, 'now' | 'random' | 'schedule'> = {
  now: () => performance.now(),
  random: () => Math.random(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
