/**
 * The clients of this node: admission, limits and answers. A connection is known by its number; whether it is a
 * WebSocket or one HTTP request is the skin's business.
 */
import type { Reply } from '../kv/operation.ts';
import type { StateMachine } from '../kv/state-machine.ts';
import type { Millis, NodeId, Term } from '../raft/types.ts';
import type { ClientMessage, ServerMessage } from '../wire/client-protocol.ts';
import type { ErrorCode, ErrorDetails, Outcome } from '../wire/errors.ts';
import { CLIENT_PROTOCOL, negotiate } from '../wire/versions.ts';
import type { LeaderView } from './leader-view.ts';
import { MemberDirectory } from './member-directory.ts';
import type { ClusterFacts } from './member-directory.ts';
import type { ConnectionId, LoopPorts } from './loop-io.ts';
import { checkQuery, checkRequest } from './query-limits.ts';
import type { ReadPath } from './read-path.ts';
import { queryBytes, RequestTable } from './requests.ts';
import type { ClientRequest, ReadRequest, WriteRequest } from './requests.ts';
import type { NodeLimits } from './settings.ts';
import type { WritePath } from './write-path.ts';

type ReadMessage = Extract<ClientMessage, { type: 'read' }>;
type WriteMessage = Extract<ClientMessage, { type: 'write' }>;

/** Nobody may wait longer than this, whatever the request says. */
const TIMEOUT_MS_MAX = 60_000;
/** Clients say something at least every few seconds; one that does not is gone (reliability row 25). */
const SILENCE_MS_MAX = 30_000;
/** Requests held for all clients together. */
const HELD_BYTES_MAX = 256 * 1024 * 1024;
const RETRY_AFTER_MS = 50;

interface ClientSession {
  heardAt: Millis;
  greeted: boolean;
}

export class ClientSessions {
  readonly #view: LeaderView;
  readonly #machine: StateMachine;
  readonly #ports: LoopPorts;
  readonly #writes: WritePath;
  readonly #reads: ReadPath;
  readonly #facts: ClusterFacts;
  readonly #limits: NodeLimits;
  readonly #requests = new RequestTable();
  readonly #sessions = new Map<ConnectionId, ClientSession>();
  readonly #members: MemberDirectory;
  #silenceCheckAt: Millis = 0;
  #leaving = false;

  constructor(
    view: LeaderView,
    machine: StateMachine,
    ports: LoopPorts,
    writes: WritePath,
    reads: ReadPath,
    options: { readonly facts: ClusterFacts; readonly limits: NodeLimits },
  ) {
    this.#view = view;
    this.#machine = machine;
    this.#ports = ports;
    this.#writes = writes;
    this.#reads = reads;
    this.#facts = options.facts;
    this.#limits = options.limits;
    this.#members = new MemberDirectory(view, options.facts.members);
  }

  get openRequests(): number {
    return this.#requests.count;
  }

  get connectionCount(): number {
    return this.#sessions.size;
  }

  get wakeAt(): Millis {
    return Math.min(
      this.#requests.nextDeadline,
      this.#sessions.size > 0 ? this.#silenceCheckAt : Number.POSITIVE_INFINITY,
    );
  }

  opened(connection: ConnectionId, now: Millis): void {
    this.#sessions.set(connection, { heardAt: now, greeted: false });
    this.#requests.openConnection(connection);
    if (this.#sessions.size === 1) this.#silenceCheckAt = now + SILENCE_MS_MAX;
  }

  closed(connection: ConnectionId): void {
    this.#sessions.delete(connection);
    this.#requests.closeConnection(connection);
  }

  receive(
    connection: ConnectionId,
    messages: readonly ClientMessage[],
    leaderless: string | null,
    now: Millis,
  ): void {
    const session = this.#sessions.get(connection);
    if (session === undefined) return;
    session.heardAt = now;
    for (const message of messages) {
      if (!session.greeted && message.type !== 'hello') {
        return this.#hangUp(connection, 'FRAME_INVALID', 'the first message must be hello');
      }
      switch (message.type) {
        case 'hello':
          if (!this.#greet(connection, message)) return;
          session.greeted = true;
          break;
        case 'write':
          this.#write(connection, message, leaderless, now);
          break;
        case 'read':
          this.#read(connection, message, leaderless, now);
          break;
        case 'cancel':
          this.#requests.cancel(connection, message.id);
          break;
        case 'ping':
          this.#ports.toClient(connection, { type: 'pong', nonce: message.nonce });
          break;
      }
    }
  }

  #greet(connection: ConnectionId, hello: Extract<ClientMessage, { type: 'hello' }>): boolean {
    const protocol = negotiate(CLIENT_PROTOCOL, { min: hello.protocolMin, max: hello.protocolMax });
    if (protocol === null) {
      const { min, max } = CLIENT_PROTOCOL;
      const message = `this node speaks client protocol ${min} to ${max}, the client ${hello.protocolMin} to ${hello.protocolMax}`;
      this.#hangUp(connection, 'PROTOCOL_MISMATCH', message);
      return false;
    }
    if (hello.clusterId !== null && hello.clusterId !== this.#facts.clusterId) {
      this.#hangUp(connection, 'WRONG_CLUSTER', `this node belongs to cluster ${this.#facts.clusterId}`);
      return false;
    }
    const { keyBytesMax, valueBytesMax, requestBytesMax, inFlightPerConnectionMax } = this.#limits;
    this.#ports.toClient(connection, {
      type: 'welcome',
      protocol,
      clusterId: this.#facts.clusterId,
      nodeId: this.#facts.self,
      topology: this.#members.topology(),
      limits: { keyBytesMax, valueBytesMax, requestBytesMax, inFlightMax: inFlightPerConnectionMax },
    });
    if (this.#leaving) this.#ports.toClient(connection, { type: 'goodbye' });
    return true;
  }

  #hangUp(connection: ConnectionId, code: ErrorCode, message: string): void {
    this.#send(connection, 0, code, message, 'not-applied');
    this.#ports.closeClient(connection);
  }

  #write(connection: ConnectionId, message: WriteMessage, leaderless: string | null, now: Millis): void {
    if (!this.#admits(connection, message.id, message.operation.length)) return;
    const refusal = checkRequest(message, this.#limits);
    if (refusal !== null)
      return this.#send(connection, message.id, refusal.code, refusal.message, 'not-applied');
    if (leaderless !== null)
      return this.#send(connection, message.id, 'NO_QUORUM', leaderless, 'not-applied');
    const { id, session, sequence, operation } = message;
    const request: WriteRequest = {
      kind: 'write',
      connection,
      id,
      deadline: now + Math.min(message.timeoutMs, TIMEOUT_MS_MAX),
      settled: false,
      session,
      sequence,
      operation,
      mayApply: false,
    };
    this.#requests.add(request);
    this.#writes.route(request);
  }

  #read(connection: ConnectionId, message: ReadMessage, leaderless: string | null, now: Millis): void {
    if (!this.#admits(connection, message.id, queryBytes(message.query))) return;
    const refusal = checkQuery(message.query, this.#limits);
    if (refusal !== null)
      return this.#send(connection, message.id, refusal.code, refusal.message, 'not-applied');
    if (leaderless !== null && message.level === 'linearizable') {
      return this.#send(connection, message.id, 'NO_QUORUM', leaderless, 'not-applied');
    }
    const request: ReadRequest = {
      kind: 'read',
      connection,
      id: message.id,
      deadline: now + Math.min(message.timeoutMs, TIMEOUT_MS_MAX),
      settled: false,
      level: message.level,
      minRevision: message.minRevision,
      query: message.query,
    };
    this.#requests.add(request);
    if (message.level === 'linearizable') this.#reads.admit(request);
    else this.answerRead(request);
  }

  #admits(connection: ConnectionId, id: number, bytes: number): boolean {
    if (this.#requests.has(connection, id)) {
      this.#hangUp(connection, 'FRAME_INVALID', `request ${id} is already open`);
      return false;
    }
    const crowded = this.#requests.inFlight(connection) >= this.#limits.inFlightPerConnectionMax;
    if (!crowded && this.#requests.bytes + bytes <= HELD_BYTES_MAX) return true;
    const message = crowded
      ? `this connection has ${this.#limits.inFlightPerConnectionMax} requests in flight, the most it may have`
      : 'the node holds as many open requests as it may';
    this.#send(connection, id, 'OVERLOADED', message, 'not-applied', { retryAfterMs: RETRY_AFTER_MS });
    return false;
  }

  /** The read may be answered from the state as it is now; unless it asks for a revision that is not here yet. */
  answerRead(request: ReadRequest): void {
    if (request.settled) return;
    if (this.#machine.revision < request.minRevision) return this.#reads.admitBehind(request);
    if (!this.#requests.settle(request)) return;
    this.#ports.toClient(request.connection, {
      type: 'answer',
      id: request.id,
      term: this.#view.term,
      revision: this.#machine.revision,
      level: request.level,
      ageMs: request.level === 'linearizable' ? 0 : -1,
      result: this.#machine.query(request.query, this.#limits),
    });
  }

  written(request: WriteRequest, term: Term, reply: Reply): void {
    if (!this.#requests.settle(request)) return;
    this.#ports.toClient(request.connection, { type: 'written', id: request.id, term, reply });
  }

  failed(request: ClientRequest, code: ErrorCode, message: string, outcome: Outcome): void {
    if (!this.#requests.settle(request)) return;
    const details = code === 'OVERLOADED' ? { retryAfterMs: RETRY_AFTER_MS } : {};
    this.#send(request.connection, request.id, code, message, outcome, details);
  }

  #send(
    connection: ConnectionId,
    id: number,
    code: ErrorCode,
    message: string,
    outcome: Outcome,
    details: ErrorDetails = {},
  ): void {
    const leader = this.#view.leader;
    const known = leader === null ? details : { ...details, leader };
    this.#ports.toClient(connection, { type: 'failed', id, code, message, outcome, details: known });
  }

  /** Answers what has run out of time, and lets go of clients that have fallen silent. */
  expire(now: Millis): void {
    for (const request of this.#requests.expired(now)) {
      const unknown = request.kind === 'write' && request.mayApply;
      const code = this.#view.leader === null ? 'NO_QUORUM' : 'TIMEOUT';
      const message = unknown
        ? 'the deadline passed before the write was known to be committed'
        : 'the deadline passed before the request could be served';
      this.failed(request, code, message, unknown ? 'unknown' : 'not-applied');
    }
    if (this.#sessions.size === 0 || now < this.#silenceCheckAt) return;
    this.#silenceCheckAt = now + SILENCE_MS_MAX / 2;
    for (const [connection, session] of this.#sessions) {
      if (now - session.heardAt >= SILENCE_MS_MAX) this.#ports.closeClient(connection);
    }
  }

  learnAddress(peer: NodeId, client: string): void {
    if (this.#members.learn(peer, client)) this.publishTopology();
  }

  publishTopology(): void {
    this.#broadcast({ type: 'topology', topology: this.#members.topology() });
  }

  sayGoodbye(): void {
    this.#leaving = true;
    this.#broadcast({ type: 'goodbye' });
  }

  #broadcast(message: ServerMessage): void {
    for (const [connection, session] of this.#sessions) {
      if (session.greeted) this.#ports.toClient(connection, message);
    }
  }
}
