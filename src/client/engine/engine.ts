/**
 * The SDK's request engine: a state machine with time as an argument. Steps say what happened, one drain says what to
 * do about it:
 *
 *   submit, abort, opened, received, lost      what the caller and the sockets did
 *   drain(now)                                 whom to dial, what to send, whom to hang up on, what is settled, when
 *                                              to be called again
 *
 * Any number of steps, then one drain: all requests of a turn leave in one frame.
 */
import type { ServerMessage, TopologyMember } from '../../wire/client-protocol.ts';
import type { ClientLimits } from '../../wire/client-protocol.ts';
import { QuorateError } from '../../wire/errors.ts';
import { Connections } from './connections.ts';
import type { ConnectionsOptions, Dial } from './connections.ts';
import { brokenProtocol, neverSent, nobodyLeads, noSession, onlySilentNodes } from './failures.ts';
import type { ConnectionId, Link } from './link.ts';
import { Outbox } from './outbox.ts';
import type { Frame } from './outbox.ts';
import { wantsLeader } from './request.ts';
import type { Millis, Request, Settlement, Work } from './request.ts';
import { Requests } from './requests.ts';
import type { Random } from './retry-policy.ts';
import { routesOver } from './routing.ts';
import { lacksSession } from './session-writes.ts';
import { OWN_PAUSE_MS } from './timing.ts';

export interface EngineOptions extends ConnectionsOptions {
  /** False: nothing is ever sent twice. */
  readonly retry: boolean;
  /** Whether writes go into a session, in which they take effect once however often they are sent. */
  readonly sessions: boolean;
  /** @default SESSION_TTL_MS */
  readonly sessionTtlMs?: Millis;
}

export interface Output {
  readonly dials: readonly Dial[];
  readonly frames: readonly Frame[];
  readonly hangUps: readonly ConnectionId[];
  readonly settled: readonly Settlement[];
  /** When to drain again if nothing happens before; Infinity for never. */
  readonly wakeAt: Millis;
}

/** What was last heard of the cluster. */
export interface EngineStatus {
  readonly clusterId: string | null;
  readonly term: number;
  readonly leader: string | null;
  readonly members: readonly TopologyMember[];
  readonly endpoints: readonly EndpointStatus[];
}

export interface EndpointStatus {
  /** `host:port`. */
  readonly address: string;
  /** The node that answers there; null while unknown. */
  readonly node: string | null;
  readonly state: 'connected' | 'connecting' | 'leaving' | 'disconnected';
  /** Why the last attempt or connection ended. */
  readonly failure: QuorateError | null;
}

export class Engine {
  readonly #connections: Connections;
  readonly #requests: Requests;
  readonly #outbox = new Outbox();
  #phase: 'lazy' | 'running' | 'closed' = 'lazy';
  #leader: string | null = null;
  #wakeAt: Millis = Number.POSITIVE_INFINITY;

  constructor(options: EngineOptions, random: Random) {
    this.#requests = new Requests(this.#outbox, random, options);
    this.#connections = new Connections(options, random, this.#outbox, {
      linkUp: () => this.#requests.greeted(),
      linkLost: (link, failure, now) => this.#requests.linkLost(link, failure, now),
    });
  }

  /** Null until a node has told. */
  get limits(): ClientLimits | null {
    return this.#connections.view.limits;
  }

  /** Requests that are not settled yet. */
  get openRequests(): number {
    return this.#requests.openCount;
  }

  submit(work: Work, timeoutMs: Millis, now: Millis): number {
    if (this.#phase === 'lazy') this.#phase = 'running';
    const id = this.#requests.submit(work, timeoutMs, now);
    if (this.#phase === 'closed') this.#requests.closeAll();
    return id;
  }

  abort(id: number, reason: unknown): void {
    this.#requests.abort(id, reason);
  }

  opened(connection: ConnectionId): void {
    this.#connections.opened(connection);
  }

  received(connection: ConnectionId, messages: readonly ServerMessage[], now: Millis): void {
    this.#forgiveOwnPause(now);
    for (const message of messages) this.#receive(connection, message, now);
    this.#connections.linkOf(connection)?.heard(now);
  }

  lost(connection: ConnectionId, failure: QuorateError, now: Millis): void {
    this.#connections.lost(connection, failure, now);
  }

  /** What came on it cannot be understood. */
  drop(connection: ConnectionId, failure: QuorateError, now: Millis): void {
    this.#connections.drop(connection, failure, now);
  }

  /** What became of the write is known now. */
  resolved(session: bigint, sequence: number): void {
    this.#requests.sessions?.resolved(session, sequence);
  }

  close(): void {
    this.#phase = 'closed';
    this.#requests.closeAll();
    const links = [...this.#connections.links()];
    const link = links.find(({ nodeId }) => nodeId === this.#leader) ?? links[0];
    if (link !== undefined) this.#requests.sayFarewell(link);
    this.#connections.closeAll();
  }

  drain(now: Millis): Output {
    this.#forgiveOwnPause(now);
    this.#requests.expire(now, (request) => this.#whyWaiting(request, now));
    let wakeAt = Number.POSITIVE_INFINITY;
    if (this.#phase === 'running') {
      this.#connections.advance(now);
      this.#dispatch(now);
      this.#connections.pingTheSilent(now);
      wakeAt = this.#connections.wakeAt(now);
    }
    this.#wakeAt = Math.min(wakeAt, this.#requests.wakeAt(this.#connections.links()));
    const { dials, hangUps } = this.#connections.take();
    return {
      dials,
      frames: this.#outbox.take(),
      hangUps,
      settled: this.#requests.take(),
      wakeAt: this.#wakeAt,
    };
  }

  status(): EngineStatus {
    const { clusterId, term, members } = this.#connections.view;
    const endpoints = [...this.#connections.endpoints].map(({ address, nodeId, phase, failure }) => ({
      address,
      node: nodeId,
      state: stateOf(phase),
      failure,
    }));
    return { clusterId, term, leader: this.#connections.leader(), members, endpoints };
  }

  #receive(connection: ConnectionId, message: ServerMessage, now: Millis): void {
    if (message.type === 'welcome') return this.#connections.welcomed(connection, message, now);
    if (message.type === 'failed' && message.id === 0) {
      return this.#connections.refused(connection, message, now);
    }
    const link = this.#connections.linkOf(connection);
    if (link === undefined) {
      const error = new QuorateError('FRAME_INVALID', 'the node there spoke before it welcomed us');
      return this.#connections.drop(connection, error, now);
    }
    switch (message.type) {
      case 'written':
      case 'answer':
        if (this.#requests.answered(link, message, now)) return;
        return this.#connections.drop(connection, brokenProtocol(link, 'answered what was not asked'), now);
      case 'failed':
        return this.#requests.refused(link, message, now);
      case 'topology':
        return this.#connections.topologyChanged(link, message.topology, now);
      case 'goodbye':
        link.leaving = true;
        return;
      case 'pong':
        return;
    }
  }

  #dispatch(now: Millis): void {
    const refusal = this.#connections.refusedByAll();
    if (refusal !== null) this.#requests.failWaiting(refusal);
    const leader = this.#connections.leader();
    if (leader !== null && leader !== this.#leader) this.#requests.leaderFound();
    this.#leader = leader;
    this.#requests.endDelays(now);
    const routes = routesOver(this.#connections.links(), leader, now);
    for (const link of this.#connections.links()) this.#requests.moveRepeatable(link, routes, now);
    this.#requests.dispatch(routes, now);
  }

  /** A wake-up long after its time: it was us who slept, and what the nodes said meanwhile is not read yet. */
  #forgiveOwnPause(now: Millis): void {
    const pausedMs = now - this.#wakeAt;
    if (pausedMs < OWN_PAUSE_MS) return;
    this.#connections.forgive(pausedMs);
    this.#wakeAt = now;
  }

  #whyWaiting(request: Request, now: Millis): QuorateError {
    const links: Link[] = [...this.#connections.links()];
    if (links.length === 0) return this.#connections.unreachable();
    const telling = lacksSession(request) ? (this.#requests.sessions?.telling ?? null) : null;
    if (telling !== null) return noSession(telling);
    if (links.every((link) => link.isSuspect(now))) return onlySilentNodes(links);
    const leaderless = wantsLeader(request.work) && this.#connections.leader() === null;
    return leaderless ? nobodyLeads(links) : neverSent(request, now);
  }
}

function stateOf(phase: { readonly kind: string; readonly link?: Link }): EndpointStatus['state'] {
  if (phase.kind === 'dialing') return 'connecting';
  if (phase.link === undefined) return 'disconnected';
  return phase.link.leaving ? 'leaving' : 'connected';
}
