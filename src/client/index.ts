/** The SDK in Node: sockets from `ws`. */
import { WebSocket } from 'ws';

import { SERVER_FRAME_BYTES_MAX } from '../wire/defaults.ts';
import { connectOn } from './connect.ts';
import type { Db } from './db.ts';
import type { ConnectOptions } from './options.ts';
import { commonPlatform } from './platform.ts';
import type { OpenSocket, Platform, Socket } from './platform.ts';

export * from './public-names.ts';

/**
 * Connects to a cluster: `await connect('quorate://a:7400,b:7400,c:7400')`. Resolves once any endpoint has welcomed
 * us; the others, and the members that the nodes name, are connected to on the side. Rejects with UNAVAILABLE when
 * nobody did within `timeoutMs`, with WRONG_CLUSTER or PROTOCOL_MISMATCH as soon as everybody has refused.
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Db> {
  return await connectOn(node, url, options);
}

const openSocket: OpenSocket = (url, subprotocol, events) => {
  const socket = new WebSocket(url, [subprotocol], {
    perMessageDeflate: false,
    maxPayload: SERVER_FRAME_BYTES_MAX,
    handshakeTimeout: HANDSHAKE_MS,
    // Masks protect web caches from pages that choose their own bytes (RFC 6455 §10.3). This is no page: zeros do, and
    // cost nothing. Browsers mask as they must.
    generateMask: (mask) => mask.fill(0),
  });
  let reason = 'the connection was closed';
  socket.on('open', () => events.opened());
  socket.on('message', (data: unknown, isBinary: boolean) => {
    if (isBinary && data instanceof Uint8Array) events.frame(data);
    else events.malformed('a text frame');
  });
  // Always followed by `close`.
  socket.on('error', (error) => {
    reason = messageOf(error);
  });
  socket.on('close', () => events.closed(reason));
  return new NodeSocket(socket);
};

const HANDSHAKE_MS = 2_000;
/** A node that hangs answers no farewell. */
const FAREWELL_MS = 500;

class NodeSocket implements Socket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(frame: Uint8Array): void {
    // What goes wrong here closes the socket, and that is told there.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame, () => {});
  }

  close(): void {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close();
    setTimeout(() => this.#socket.terminate(), FAREWELL_MS).unref();
  }
}

/** An attempt at several addresses of one name fails with all of their errors and no message of its own. */
function messageOf(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ');
  }
  return error.message;
}

const node: Platform = { ...commonPlatform, openSocket, endOfTurn: (run) => setImmediate(run) };
