/** What leaves at the next drain: all messages of a turn for one connection, in as few frames as its limit allows. */
import type { ClientMessage } from '../../wire/client-protocol.ts';
import type { ConnectionId } from './link.ts';

/**
 * Below what every node accepts, however small its limit for requests (wire/defaults.ts): a frame holds many messages
 * up to this size, or one of any size.
 */
const FRAME_BYTES_TARGET = 256 * 1024;

export interface Frame {
  readonly connection: ConnectionId;
  readonly messages: readonly ClientMessage[];
}

interface Waiting {
  readonly message: ClientMessage;
  readonly bytes: number;
}

/** Hello, ping, cancel. */
const CONTROL_BYTES = 64;

export class Outbox {
  readonly #waiting = new Map<ConnectionId, Waiting[]>();

  add(connection: ConnectionId, message: ClientMessage, bytes: number = CONTROL_BYTES): void {
    const waiting = this.#waiting.get(connection);
    if (waiting === undefined) this.#waiting.set(connection, [{ message, bytes }]);
    else waiting.push({ message, bytes });
  }

  /** The connection is gone, and what was not sent on it with it. */
  forget(connection: ConnectionId): void {
    this.#waiting.delete(connection);
  }

  take(): Frame[] {
    if (this.#waiting.size === 0) return [];
    const frames: Frame[] = [];
    for (const [connection, waiting] of this.#waiting) {
      let messages: ClientMessage[] = [];
      let filled = 0;
      for (const { message, bytes } of waiting) {
        if (messages.length > 0 && filled + bytes > FRAME_BYTES_TARGET) {
          frames.push({ connection, messages });
          messages = [];
          filled = 0;
        }
        messages.push(message);
        filled += bytes;
      }
      frames.push({ connection, messages });
    }
    this.#waiting.clear();
    return frames;
  }
}
