/** Sockets for the SDK's driver, below its public surface: the recorder needs the node's answers unabridged. */
import { WebSocket } from 'ws';

import { commonPlatform } from '../../../src/client/platform.ts';
import type { Platform, Socket, SocketEvents } from '../../../src/client/platform.ts';

const HANDSHAKE_MS = 1_000;

export const nodePlatform: Platform = {
  ...commonPlatform,
  endOfTurn: (run) => setImmediate(run),
  openSocket: (url, subprotocol, events) => new TestSocket(url, subprotocol, events),
};

class TestSocket implements Socket {
  readonly #socket: WebSocket;

  constructor(url: string, subprotocol: string, events: SocketEvents) {
    const socket = new WebSocket(url, [subprotocol], {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
    });
    let reason = 'the connection was closed';
    socket.on('open', () => events.opened());
    socket.on('message', (data: unknown, isBinary: boolean) => {
      if (isBinary && data instanceof Uint8Array) events.frame(data);
      else events.malformed('a text frame');
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => events.closed(reason));
    this.#socket = socket;
  }

  send(frame: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame, () => {});
  }

  /** A test does not wait for a farewell. */
  close(): void {
    this.#socket.terminate();
  }
}
