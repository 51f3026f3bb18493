/**
 * Writes in sessions that come once more after they were answered, over any connection of their client: as does one
 * that was held up on its way, and repeated elsewhere meanwhile. Sessions promise that this changes nothing (SPEC 3);
 * of what is outside of them, no copy ever comes.
 */
import { decodeClientFrame, decodeServerFrame, encodeClientMessages } from '../../wire/client-codec.ts';
import type { ClientMessage } from '../../wire/client-protocol.ts';
import type { SimulatedSocket } from './simulated-socket.ts';

type Write = Extract<ClientMessage, { type: 'write' }>;

/** Frames here come from our own encoders. */
const FRAME_LIMITS = { frameBytesMax: 64 * 1024 * 1024 };
/** The SDK counts its requests from 1, so that it never asked what such an answer names. */
const ID_OF_COPY = 2 ** 31;

export class LateCopies {
  /** Not answered yet, by the socket that they were sent on. */
  readonly #asked = new WeakMap<SimulatedSocket, Map<number, Write>>();

  asked(by: SimulatedSocket, frame: Uint8Array): void {
    const decoded = decodeClientFrame(frame, FRAME_LIMITS);
    if (!decoded.ok) return;
    const open = this.#asked.get(by) ?? new Map<number, Write>();
    this.#asked.set(by, open);
    for (const message of decoded.value) {
      if (message.type === 'write' && message.session !== 0n) open.set(message.id, message);
    }
  }

  /** Copies of the writes that this frame answers, a frame for each. */
  answered(by: SimulatedSocket, frame: Uint8Array): readonly Uint8Array[] {
    const open = this.#asked.get(by);
    const decoded = decodeServerFrame(frame, FRAME_LIMITS);
    if (open === undefined || !decoded.ok) return [];
    return decoded.value.flatMap((message) => {
      const write = message.type === 'written' ? open.get(message.id) : undefined;
      if (write === undefined) return [];
      open.delete(write.id);
      return [encodeClientMessages([{ ...write, id: write.id + ID_OF_COPY }])];
    });
  }
}
