/** The SDK in browsers: their own WebSocket. */
import { connectOn } from './connect.ts';
import type { Db } from './db.ts';
import type { ConnectOptions } from './options.ts';
import { commonPlatform } from './platform.ts';
import type { OpenSocket, Platform } from './platform.ts';

export * from './public-names.ts';

/**
 * Connects to a cluster: `await connect('quorate://a:7400,b:7400,c:7400')`. Resolves once any endpoint has welcomed
 * us; the others, and the members that the nodes name, are connected to on the side. Rejects with UNAVAILABLE when
 * nobody did within `timeoutMs`, with WRONG_CLUSTER or PROTOCOL_MISMATCH as soon as everybody has refused. The nodes
 * have to allow the page's origin.
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Db> {
  return await connectOn(browser, url, options);
}

/** As much of the browser's class as is used here; the DOM's own types are not loaded. */
declare class WebSocket {
  constructor(url: string, protocols: string[]);
  binaryType: 'arraybuffer' | 'blob';
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  send(data: Uint8Array): void;
  close(): void;
}

const openSocket: OpenSocket = (url, subprotocol, events) => {
  const socket = new WebSocket(url, [subprotocol]);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => events.opened());
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) events.frame(new Uint8Array(data));
    else events.malformed('a text frame');
  });
  // A page is not told why a connection failed; `close` comes in any case. Classes that stand in for the browser's
  // throw errors that nobody listens to.
  socket.addEventListener('error', () => {});
  socket.addEventListener('close', ({ code, reason }) => {
    events.closed(reason === '' ? `the connection was closed (${code})` : reason);
  });
  return {
    send: (frame) => socket.send(frame),
    close: () => socket.close(),
  };
};

const browser: Platform = { ...commonPlatform, openSocket, endOfTurn: (run) => queueMicrotask(run) };
