/**
 * One connection to each node that is known, so that whoever leads next is already there. Decides whom to dial and
 * when, greets, pings, hangs up; what is sent on the connections is not its business.
 *
 *   idle ──► dialing ──► open ──► idle, with a pause that grows with each failure in a row
 */
import type { ServerMessage, Topology } from '../../wire/client-protocol.ts';
import { QuorateError } from '../../wire/errors.ts';
import { fromFailedMessage } from '../../wire/failures.ts';
import { CLIENT_PROTOCOL } from '../../wire/versions.ts';
import { addressOf, ClusterView, leaderAmong } from './cluster-view.ts';
import { Endpoint, isForGood } from './endpoint.ts';
import { brokenProtocol, unreachable, wentSilent } from './failures.ts';
import { Link } from './link.ts';
import type { ConnectionId } from './link.ts';
import type { Outbox } from './outbox.ts';
import type { Random } from './retry-policy.ts';
import type { Millis } from './request.ts';
import { DIAL_MS, ENDPOINTS_MAX } from './timing.ts';

export interface ConnectionsOptions {
  /** `host:port` each; at least one. */
  readonly seeds: readonly string[];
  /** Whether members that the nodes name are connected to as well. */
  readonly discover: boolean;
  readonly clusterId: string | null;
  /** How we introduce ourselves. */
  readonly clientName: string;
}

export interface Dial {
  readonly connection: ConnectionId;
  /** `host:port`. */
  readonly address: string;
}

export interface ConnectionEvents {
  linkUp(link: Link): void;
  /** Whatever was in flight on it is answered by nobody any more. */
  linkLost(link: Link, failure: QuorateError, now: Millis): void;
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Failed = Extract<ServerMessage, { type: 'failed' }>;

export class Connections {
  readonly view: ClusterView;
  readonly #options: ConnectionsOptions;
  readonly #random: Random;
  readonly #outbox: Outbox;
  readonly #events: ConnectionEvents;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #byConnection = new Map<ConnectionId, Endpoint>();
  /** Addresses at which the members live, as last told. */
  #named: ReadonlySet<string> = new Set();
  #dials: Dial[] = [];
  #hangUps: ConnectionId[] = [];
  #nextConnection: ConnectionId = 1;

  constructor(options: ConnectionsOptions, random: Random, outbox: Outbox, events: ConnectionEvents) {
    this.#options = options;
    this.#random = random;
    this.#outbox = outbox;
    this.#events = events;
    this.view = new ClusterView(options.clusterId);
    for (const address of options.seeds) this.#endpoints.set(address, new Endpoint(address, true, null));
  }

  get endpoints(): Iterable<Endpoint> {
    return this.#endpoints.values();
  }

  *links(): Generator<Link> {
    for (const { phase } of this.#endpoints.values()) if (phase.kind === 'open') yield phase.link;
  }

  leader(): string | null {
    return leaderAmong(this.links());
  }

  /** The open connection, once its node has welcomed us. */
  linkOf(connection: ConnectionId): Link | undefined {
    const phase = this.#byConnection.get(connection)?.phase;
    return phase?.kind === 'open' ? phase.link : undefined;
  }

  opened(connection: ConnectionId): void {
    if (!this.#byConnection.has(connection)) return;
    const { min, max } = CLIENT_PROTOCOL;
    const { clientName: client } = this.#options;
    const { clusterId } = this.view;
    this.#outbox.add(connection, { type: 'hello', protocolMin: min, protocolMax: max, client, clusterId });
  }

  /** The socket closed, or never opened. */
  lost(connection: ConnectionId, failure: QuorateError, now: Millis): void {
    const endpoint = this.#forget(connection);
    if (endpoint !== undefined) this.#ended(endpoint, failure, now);
  }

  /** We end the connection ourselves. */
  drop(connection: ConnectionId, failure: QuorateError, now: Millis): void {
    const endpoint = this.#forget(connection);
    if (endpoint === undefined) return;
    this.#hangUps.push(connection);
    this.#ended(endpoint, failure, now);
  }

  #forget(connection: ConnectionId): Endpoint | undefined {
    const endpoint = this.#byConnection.get(connection);
    this.#byConnection.delete(connection);
    this.#outbox.forget(connection);
    return endpoint;
  }

  #ended(endpoint: Endpoint, failure: QuorateError, now: Millis): void {
    const { phase } = endpoint;
    if (phase.kind === 'open' && phase.link.leaving && phase.link.inFlight.size === 0) endpoint.left(now);
    else endpoint.failed(failure, now, this.#random);
    if (!this.#isKnown(endpoint)) this.#endpoints.delete(endpoint.address);
    if (phase.kind === 'open') this.#events.linkLost(phase.link, failure, now);
  }

  welcomed(connection: ConnectionId, welcome: Welcome, now: Millis): void {
    const endpoint = this.#byConnection.get(connection);
    if (endpoint === undefined) return;
    if (endpoint.phase.kind === 'open') {
      return this.drop(connection, brokenProtocol(endpoint.phase.link, 'welcomed us twice'), now);
    }
    const ours = this.view.clusterId;
    if (ours !== null && welcome.clusterId !== ours) {
      const message = `the node there belongs to cluster ${welcome.clusterId}, not to ${ours}`;
      return this.drop(connection, new QuorateError('WRONG_CLUSTER', message), now);
    }
    if (this.#isConnectedTo(welcome.nodeId)) return this.#dropTwin(endpoint, connection, welcome.nodeId, now);
    this.view.clusterId = welcome.clusterId;
    this.view.limits = welcome.limits;
    const { nodeId, limits, topology } = welcome;
    const link = new Link(connection, { nodeId, limits, view: topology }, now);
    endpoint.welcomed(link);
    this.#learn(topology, now);
    this.#events.linkUp(link);
  }

  /** Two addresses of one node; one connection is enough. */
  #dropTwin(endpoint: Endpoint, connection: ConnectionId, nodeId: string, now: Millis): void {
    this.#forget(connection);
    this.#hangUps.push(connection);
    endpoint.nodeId = nodeId;
    endpoint.left(now);
  }

  /** The connection as a whole was refused; the node closes it next. */
  refused(connection: ConnectionId, failed: Failed, now: Millis): void {
    this.drop(connection, fromFailedMessage(failed), now);
  }

  topologyChanged(link: Link, topology: Topology, now: Millis): void {
    link.view = topology;
    this.#learn(topology, now);
  }

  #learn(topology: Topology, now: Millis): void {
    if (!this.view.learn(topology) || !this.#options.discover) return;
    const named = new Set<string>();
    for (const member of topology.members) {
      const address = addressOf(member);
      if (address === null) continue;
      named.add(address);
      const known = this.#endpoints.get(address);
      if (known !== undefined) known.nodeId ??= member.id;
      else if (this.#endpoints.size < ENDPOINTS_MAX) {
        this.#endpoints.set(address, new Endpoint(address, false, member.id));
      }
    }
    this.#named = named;
    for (const endpoint of this.#endpoints.values())
      if (!this.#isKnown(endpoint)) this.#retire(endpoint, now);
  }

  #isKnown(endpoint: Endpoint): boolean {
    return endpoint.seed || this.#named.has(endpoint.address);
  }

  /** No member lives there any more. What is in flight there may finish. */
  #retire(endpoint: Endpoint, now: Millis): void {
    const { phase } = endpoint;
    switch (phase.kind) {
      case 'idle':
        this.#endpoints.delete(endpoint.address);
        break;
      case 'dialing':
        this.drop(phase.connection, new QuorateError('UNAVAILABLE', 'no member lives there any more'), now);
        break;
      case 'open':
        phase.link.leaving = true;
        break;
    }
  }

  /** Time has passed: dials, and the end of what is dead or done. */
  advance(now: Millis): void {
    for (const endpoint of this.#endpoints.values()) {
      const { phase } = endpoint;
      switch (phase.kind) {
        case 'idle':
          if (phase.dialAt <= now && this.#wants(endpoint)) this.#dial(endpoint, now);
          break;
        case 'dialing':
          if (phase.deadline <= now) {
            const message = `no welcome within ${DIAL_MS} ms`;
            this.drop(phase.connection, new QuorateError('UNAVAILABLE', message), now);
          }
          break;
        case 'open':
          this.#tend(phase.link, now);
          break;
      }
    }
  }

  #tend(link: Link, now: Millis): void {
    if (link.isDead(now)) return this.drop(link.connection, wentSilent(link, now), now);
    if (link.leaving && link.inFlight.size === 0) {
      this.drop(link.connection, new QuorateError('SHUTTING_DOWN', 'the node said goodbye'), now);
    }
  }

  /** After everything else: a busy connection is asked for a sign of life sooner than an idle one. */
  pingTheSilent(now: Millis): void {
    for (const link of this.links()) {
      const nonce = link.ping(now);
      if (nonce !== null) this.#outbox.add(link.connection, { type: 'ping', nonce });
    }
  }

  #dial(endpoint: Endpoint, now: Millis): void {
    const connection = this.#nextConnection++;
    endpoint.phase = { kind: 'dialing', connection, deadline: now + DIAL_MS };
    this.#byConnection.set(connection, endpoint);
    this.#dials.push({ connection, address: endpoint.address });
  }

  /** Not a second address of a node that we are connected to. */
  #wants(endpoint: Endpoint): boolean {
    return endpoint.nodeId === null || !this.#isConnectedTo(endpoint.nodeId);
  }

  #isConnectedTo(nodeId: string): boolean {
    for (const link of this.links()) if (link.nodeId === nodeId && !link.leaving) return true;
    return false;
  }

  forgive(pausedMs: Millis): void {
    for (const { phase } of this.#endpoints.values()) if (phase.kind === 'open') phase.link.forgive(pausedMs);
  }

  /** Set when every endpoint has refused us for a reason that waiting does not change. */
  refusedByAll(): QuorateError | null {
    for (const { phase, failure } of this.#endpoints.values()) {
      if (phase.kind !== 'idle' || !isForGood(failure)) return null;
    }
    return this.unreachable();
  }

  /** Why nobody can be asked. */
  unreachable(): QuorateError {
    return unreachable([...this.#endpoints.values()]);
  }

  closeAll(): void {
    this.#hangUps.push(...this.#byConnection.keys());
    this.#byConnection.clear();
    this.#endpoints.clear();
    this.#dials = [];
  }

  take(): { readonly dials: readonly Dial[]; readonly hangUps: readonly ConnectionId[] } {
    const taken = { dials: this.#dials, hangUps: this.#hangUps };
    this.#dials = [];
    this.#hangUps = [];
    return taken;
  }

  wakeAt(now: Millis): Millis {
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const endpoint of this.#endpoints.values()) {
      const { phase } = endpoint;
      if (phase.kind === 'dialing') wakeAt = Math.min(wakeAt, phase.deadline);
      if (phase.kind === 'open') wakeAt = Math.min(wakeAt, phase.link.wakeAt(now));
      if (phase.kind === 'idle' && this.#wants(endpoint)) wakeAt = Math.min(wakeAt, phase.dialAt);
    }
    return wakeAt;
  }
}
