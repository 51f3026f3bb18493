import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { WebSocketServer, type WebSocket } from 'ws';

import { decodeClientFrame, encodeServerMessages } from '../../../src/wire/client-codec.ts';
import type {
  ClientLimits,
  ClientMessage,
  KvRecord,
  ServerMessage,
  Topology,
} from '../../../src/wire/client-protocol.ts';
import { kindOf } from '../../../src/wire/acknowledged-operation.ts';
import { KIND } from '../../../src/wire/operation-kinds.ts';
import { CLIENT_SUBPROTOCOL } from '../../../src/wire/versions.ts';

export type Hello = Extract<ClientMessage, { type: 'hello' }>;
export type WriteMessage = Extract<ClientMessage, { type: 'write' }>;
export type ReadMessage = Extract<ClientMessage, { type: 'read' }>;

export const LIMITS: ClientLimits = {
  keyBytesMax: 4_096,
  valueBytesMax: 1_048_576,
  requestBytesMax: 1_572_864,
  inFlightMax: 256,
};

/** What a node does with what it hears. Whatever is not said stays unanswered. */
export interface Script {
  readonly nodeId?: string;
  readonly clusterId?: string;
  readonly limits?: Partial<ClientLimits>;
  /** Null: the node never welcomes anybody. */
  readonly topology?: (() => Topology) | null;
  readonly hello?: (message: Hello, to: Conversation) => void;
  readonly write?: (message: WriteMessage, to: Conversation) => void;
  readonly read?: (message: ReadMessage, to: Conversation) => void;
  /** False: what the SDK does about sessions is up to the script as well. */
  readonly sessions?: boolean;
  /** False: not even pings are answered. */
  readonly pongs?: boolean;
}

/** One client's connection, seen from the node. */
export class Conversation {
  readonly heard: ClientMessage[] = [];
  /** The messages of each frame, in order. */
  readonly frames: (readonly ClientMessage[])[] = [];
  readonly #socket: WebSocket;
  readonly #tcp: Socket;

  constructor(socket: WebSocket, tcp: Socket) {
    this.#socket = socket;
    this.#tcp = tcp;
  }

  say(...messages: readonly ServerMessage[]): void {
    this.#socket.send(encodeServerMessages(messages));
  }

  sayRaw(data: Uint8Array | string): void {
    this.#socket.send(data);
  }

  /** As if the process had died: no close frame, nothing more. */
  cut(): void {
    this.#tcp.destroy();
  }

  /** Like a stopped process: the socket stays, nothing is read from it. */
  freeze(): void {
    this.#tcp.pause();
    this.#tcp.removeAllListeners('data');
  }
}

/** A real WebSocket server that speaks the client protocol by script: what it says is up to the test. */
export class ScriptedNode implements AsyncDisposable {
  readonly conversations: Conversation[] = [];
  script: Script;
  readonly #server: WebSocketServer;
  readonly #events = new EventEmitter();

  private constructor(server: WebSocketServer, script: Script) {
    this.#server = server;
    this.script = script;
    server.on('connection', (socket, request) => this.#converse(socket, request.socket));
  }

  static async start(script: Script = {}, port = 0): Promise<ScriptedNode> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      handleProtocols: (offered) => (offered.has(CLIENT_SUBPROTOCOL) ? CLIENT_SUBPROTOCOL : false),
    });
    await once(server, 'listening');
    return new ScriptedNode(server, script);
  }

  get port(): number {
    return addressInfo(this.#server.address()).port;
  }

  /** `host:port`, as topology has it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `quorate://${this.address}`;
  }

  get nodeId(): string {
    return this.script.nodeId ?? 'n1';
  }

  get writes(): readonly WriteMessage[] {
    return this.#heard().filter((message) => message.type === 'write');
  }

  get reads(): readonly ReadMessage[] {
    return this.#heard().filter((message) => message.type === 'read');
  }

  get hellos(): readonly Hello[] {
    return this.#heard().filter((message) => message.type === 'hello');
  }

  /** Sees each connection before its first frame. */
  onRequest(look: (headers: IncomingHttpHeaders, tcp: Socket) => void): void {
    this.#server.prependListener('connection', (_, request) => look(request.headers, request.socket));
  }

  /** Until a message of that type has come. */
  async heard(type: ClientMessage['type']): Promise<void> {
    if (this.#heard().some((message) => message.type === type)) return;
    await once(this.#events, type);
  }

  /** Until no client is connected. */
  async allGone(): Promise<void> {
    await Promise.all([...this.#server.clients].map((socket) => once(socket, 'close')));
  }

  freeze(): void {
    for (const conversation of this.conversations) conversation.freeze();
  }

  #heard(): readonly ClientMessage[] {
    return this.conversations.flatMap(({ heard }) => heard);
  }

  #converse(socket: WebSocket, tcp: Socket): void {
    const conversation = new Conversation(socket, tcp);
    this.conversations.push(conversation);
    socket.on('error', () => {});
    socket.on('message', (data) => {
      if (!(data instanceof Uint8Array)) throw new Error('not one buffer');
      const decoded = decodeClientFrame(data, { frameBytesMax: 2_097_152 });
      if (!decoded.ok) throw new Error(`the SDK sent what is no frame: ${decoded.reason}`);
      const told = decoded.value.filter((message) => !this.#keepsSession(message, conversation));
      if (told.length > 0) conversation.frames.push(told);
      for (const message of told) {
        conversation.heard.push(message);
        this.#react(message, conversation);
        this.#events.emit(message.type);
      }
    });
  }

  /** Sessions are granted, kept and closed without being asked for in a script. */
  #keepsSession(message: ClientMessage, to: Conversation): boolean {
    if (message.type !== 'write' || this.script.sessions === false) return false;
    const kind = kindOf(message.operation);
    const facts = { type: 'written' as const, id: message.id, term: 1 };
    if (kind === KIND.sessionOpen) {
      to.say({ ...facts, reply: { type: 'sessionOpen', revision: 1, session: 77n } });
    } else if (kind === KIND.sessionRenew) {
      to.say({ ...facts, reply: { type: 'sessionRenew', revision: 1, ttlsMs: [60_000] } });
    }
    return kind === KIND.sessionOpen || kind === KIND.sessionRenew || kind === KIND.sessionClose;
  }

  #react(message: ClientMessage, to: Conversation): void {
    switch (message.type) {
      case 'hello':
        if (this.script.hello !== undefined) this.script.hello(message, to);
        else if (this.script.topology !== null) to.say(this.welcome());
        return;
      case 'write':
        return this.script.write?.(message, to);
      case 'read':
        return this.script.read?.(message, to);
      case 'ping':
        if (this.script.pongs !== false) to.say({ type: 'pong', nonce: message.nonce });
        return;
      case 'cancel':
        return;
    }
  }

  welcome(): ServerMessage {
    const topology = this.script.topology?.() ?? {
      term: 1,
      leader: this.nodeId,
      members: [{ id: this.nodeId, client: this.address }],
    };
    const clusterId = this.script.clusterId ?? 'cluster-1';
    const limits = { ...LIMITS, ...this.script.limits };
    return { type: 'welcome', protocol: 1, clusterId, nodeId: this.nodeId, topology, limits };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

function addressInfo(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address;
}

export function written(id: number, revision = 2): ServerMessage {
  return { type: 'written', id, term: 1, reply: { type: 'put', revision, previous: null } };
}

export function found(message: ReadMessage, records: readonly (KvRecord | null)[]): ServerMessage {
  return {
    type: 'answer',
    id: message.id,
    term: 1,
    revision: 7,
    level: message.level,
    ageMs: message.level === 'local' ? -1 : 0,
    result: { type: 'get', records },
  };
}

export function failed(
  id: number,
  code: Extract<ServerMessage, { type: 'failed' }>['code'],
  outcome: 'not-applied' | 'unknown' = 'not-applied',
): ServerMessage {
  return { type: 'failed', id, code, message: `the node says ${code}`, outcome, details: {} };
}

export function record(key: string, value: string, modRevision = 2): KvRecord {
  const encoder = new TextEncoder();
  return {
    key: encoder.encode(key),
    value: encoder.encode(value),
    createRevision: modRevision,
    modRevision,
    version: 1,
    lease: 0n,
  };
}
