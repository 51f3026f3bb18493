/**
 * One port: HTTP requests and WebSocket upgrades. Both ports of a node are made of it. Every limit that stands between
 * a stranger and our memory or our file descriptors is applied here (reference/reliability.md 4).
 */
import { createServer, STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Endpoint } from '../wire/endpoints.ts';
import { refuseRequest, refuseUpgrade } from './admission.ts';
import type { AdmissionRules, HttpRefusal } from './admission.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { bindError } from './bind-error.ts';
import { CLOSE_GOING_AWAY, CLOSE_POLICY, closeWith, socketLimits } from './socket-options.ts';

export interface ListenerOptions extends AdmissionRules {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly frameBytesMax: number;
  /** WebSocket connections at once; more are answered with 503. */
  readonly connectionsMax: number;
  /** The handshake is done; nothing has been read yet. The listener itself watches for errors and the first frame. */
  readonly onConnection: (socket: WebSocket, request: IncomingMessage) => void;
  /** Plain HTTP. Without it, every request is answered with 426. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly limits?: Partial<ListenerLimits>;
  readonly clock?: Clock;
}

export interface ListenerLimits {
  /** Connections that have sent neither a request nor a first frame. More are closed unheard. */
  readonly unauthenticatedMax: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly firstFrameTimeoutMs: number;
  readonly headerBytesMax: number;
}

export const LISTENER_LIMITS: ListenerLimits = {
  unauthenticatedMax: 64,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
  firstFrameTimeoutMs: 5_000,
  headerBytesMax: 8 * 1024,
};

export interface ListenerStats {
  readonly webSockets: number;
  readonly unauthenticated: number;
  /** Upgrades and requests turned away by Host, Origin, subprotocol or number. */
  readonly refused: number;
  /** Not HTTP, or too slow or too large for it. */
  readonly invalidRequests: number;
  /** Frames that break WebSocket or its limits; each cost its connection. */
  readonly invalidFrames: number;
  readonly firstFrameTimeouts: number;
}

const CLOSE_BOUND_MS = 1_000;

/** Rejects with ADDRESS_IN_USE, or CONFIG_INVALID for an address that this machine does not have. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const listener = new Listener(options);
  await listener.open();
  return listener;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #upgrader: WebSocketServer;
  readonly #webSockets = new Set<WebSocket>();
  readonly #unauthenticated = new Set<Duplex>();
  #address: Endpoint | null = null;
  #refused = 0;
  #invalidRequests = 0;
  #invalidFrames = 0;
  #firstFrameTimeouts = 0;
  #closing: Promise<void> | null = null;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = { ...LISTENER_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#upgrader = new WebSocketServer({
      ...socketLimits(options.frameBytesMax),
      noServer: true,
      clientTracking: false,
      handleProtocols: () => options.subprotocol,
    });
    this.#server = this.#createServer();
  }

  #createServer(): Server {
    const server = createServer({
      maxHeaderSize: this.#limits.headerBytesMax,
      headersTimeout: this.#limits.headersTimeoutMs,
      requestTimeout: this.#limits.requestTimeoutMs,
      // How often Node looks for those that are too slow; by default only every 30 s.
      connectionsCheckingInterval: Math.ceil(this.#limits.headersTimeoutMs / 5),
      noDelay: true,
    });
    server.maxConnections = this.#options.connectionsMax + this.#limits.unauthenticatedMax;
    server.on('connection', (socket: Socket) => this.#connected(socket));
    server.on('drop', () => {
      this.#refused += 1;
    });
    server.on('request', (request, response) => this.#request(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (error, socket) => this.#notHttp(error, socket));
    return server;
  }

  async open(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(bindError({ host, port }, error)));
      this.#server.listen({ host, port }, resolve);
    });
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('a bound TCP port has an address');
    this.#address = { host: bound.address, port: bound.port };
    // From now on an error is one of accept(2), such as a lack of descriptors: that one stranger was not let in.
    this.#server.removeAllListeners('error').on('error', () => {
      this.#refused += 1;
    });
  }

  /** Where it is, with the port that it got; known once it is open, and still when it is closed. */
  get address(): Endpoint {
    if (this.#address === null) throw new Error('the listener is not open');
    return this.#address;
  }

  stats(): ListenerStats {
    return {
      webSockets: this.#webSockets.size,
      unauthenticated: this.#unauthenticated.size,
      refused: this.#refused,
      invalidRequests: this.#invalidRequests,
      invalidFrames: this.#invalidFrames,
      firstFrameTimeouts: this.#firstFrameTimeouts,
    };
  }

  /** Takes nobody in any more, says goodbye to all, and cuts those who are still there after the bound. */
  close(boundMs: number = CLOSE_BOUND_MS): Promise<void> {
    this.#closing ??= this.#close(boundMs);
    return this.#closing;
  }

  async #close(boundMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#webSockets) closeWith(socket, CLOSE_GOING_AWAY, 'the node is stopping');
    for (const socket of this.#unauthenticated) socket.destroy();
    const cancel = this.#clock.schedule(boundMs, () => {
      for (const socket of this.#webSockets) socket.terminate();
      this.#server.closeAllConnections();
    });
    await closed;
    cancel();
  }

  #connected(socket: Socket): void {
    if (this.#unauthenticated.size >= this.#limits.unauthenticatedMax) {
      this.#refused += 1;
      socket.destroy();
      return;
    }
    this.#unauthenticated.add(socket);
    socket.once('close', () => this.#unauthenticated.delete(socket));
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refuseRequest(request.headers, this.#options) ?? this.#notHere();
    if (refusal === null) {
      this.#unauthenticated.delete(request.socket);
      this.#options.onRequest?.(request, response);
      return;
    }
    this.#refused += 1;
    response.writeHead(refusal.status, { ...REFUSAL_HEADERS, connection: 'close' });
    response.end(refusalBody(refusal));
  }

  #notHere(): HttpRefusal | null {
    if (this.#options.onRequest !== undefined) return null;
    const message = `this port speaks ${this.#options.subprotocol} over WebSocket only`;
    return { status: 426, code: 'PROTOCOL_MISMATCH', message };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refuseUpgrade(request.headers, this.#options) ?? this.#full();
    if (refusal === null) {
      this.#upgrader.handleUpgrade(request, socket, head, (webSocket) =>
        this.#opened(webSocket, request, socket),
      );
      return;
    }
    this.#refused += 1;
    socket.on('error', () => socket.destroy());
    socket.once('finish', () => socket.destroy());
    socket.end(rawRefusal(refusal));
  }

  #full(): HttpRefusal | null {
    if (this.#closing === null && this.#webSockets.size < this.#options.connectionsMax) return null;
    const message = `this node has its ${this.#options.connectionsMax} connections; try another one`;
    return { status: 503, code: 'OVERLOADED', message };
  }

  #opened(webSocket: WebSocket, request: IncomingMessage, socket: Duplex): void {
    this.#webSockets.add(webSocket);
    const cancel = this.#clock.schedule(this.#limits.firstFrameTimeoutMs, () => {
      this.#firstFrameTimeouts += 1;
      closeWith(webSocket, CLOSE_POLICY, 'no first frame in time');
      this.#cutAfter(webSocket, this.#limits.firstFrameTimeoutMs);
    });
    webSocket.once('message', () => {
      cancel();
      this.#unauthenticated.delete(socket);
    });
    webSocket.once('close', () => {
      cancel();
      this.#webSockets.delete(webSocket);
    });
    // ws closes a connection that breaks the protocol by itself (1002, 1008, 1009); without a listener it would throw.
    webSocket.on('error', (error) => {
      if ('code' in error && String(error.code).startsWith('WS_ERR_')) this.#invalidFrames += 1;
    });
    this.#options.onConnection(webSocket, request);
  }

  #cutAfter(webSocket: WebSocket, delayMs: number): void {
    const cancel = this.#clock.schedule(delayMs, () => webSocket.terminate());
    webSocket.once('close', cancel);
  }

  #notHttp(error: Error, socket: Duplex): void {
    this.#invalidRequests += 1;
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const status = 'code' in error ? (PARSER_STATUS[String(error.code)] ?? 400) : 400;
    const message = STATUS_CODES[status] ?? 'Bad Request';
    socket.once('finish', () => socket.destroy());
    socket.end(rawRefusal({ status, code: 'FRAME_INVALID', message }));
  }
}

const PARSER_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const REFUSAL_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

function refusalBody({ code, message }: HttpRefusal): string {
  return `${JSON.stringify({ code, message })}\n`;
}

/** For sockets that have no response object (upgrades and what is not HTTP). */
function rawRefusal(refusal: HttpRefusal): string {
  const body = refusalBody(refusal);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
