/** What links and ports need of a WebSocket, so that a simulated network can stand in. A socket of `ws` is one. */
import { WebSocket } from 'ws';
import { formatEndpoint } from '../wire/endpoints.ts';
import type { Endpoint } from '../wire/endpoints.ts';
import { PEER_SUBPROTOCOL } from '../wire/versions.ts';
import { socketLimits, zeroMask } from './socket-options.ts';

export interface FrameSocket {
  /** Bytes that were sent and have not left. */
  readonly bufferedAmount: number;
  /** `sent` is called when the bytes have left, or cannot. */
  send(frame: Uint8Array, sent?: () => void): void;
  close(code: number, reason?: string): void;
  /** Ends it at once; `close` is told as for any end. */
  terminate(): void;
  /** Nothing is read until `resume`. */
  pause(): void;
  resume(): void;
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  /** Once, however it ended. */
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** One that was dialled and is not open yet. */
export interface DialledSocket extends FrameSocket {
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  on(event: 'open' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Something answers there that is no WebSocket of ours. */
  on(
    event: 'unexpected-response',
    listener: (request: unknown, response: { readonly statusCode?: number | undefined }) => void,
  ): unknown;
}

/** Dials a peer port. Nothing is reported before it returns. */
export type DialPeer = (address: Endpoint, frameBytesMax: number) => DialledSocket;

export const dialWebSocket: DialPeer = (address, frameBytesMax) =>
  new WebSocket(`ws://${formatEndpoint(address)}/`, PEER_SUBPROTOCOL, {
    ...socketLimits(frameBytesMax),
    generateMask: zeroMask,
  });
