/**
 * One node in this process: listens, finds its cluster, runs its loop, serves its clients.
 *
 *   starting ── genesis durable, log open ──► serving ── stop() ──► stopping ──► stopped
 *       └──────── fenced, a failed disk, a broken invariant ────────────────► failed
 */
import { PeerLinks } from '../transport/index.ts';
import type { LinkWarning } from '../transport/index.ts';
import type { ServerMessage } from '../wire/client-protocol.ts';
import { peerFrameBytesMax } from '../wire/defaults.ts';
import type { Endpoint } from '../wire/endpoints.ts';
import { QuorateError } from '../wire/errors.ts';
import type { Genesis, PeerHello, PeerMessage } from '../wire/peer-protocol.ts';
import { ClientPort, refuse } from './client-port.ts';
import { ClusterJoin } from './cluster-join.ts';
import { Deferred } from './deferred.ts';
import { machineHost, randomUint32 } from './host.ts';
import type { NodeDirectory, NodeHost } from './host.ts';
import { HttpRequests } from './http-requests.ts';
import { serveHttp } from './http-routes.ts';
import type { ConnectionId } from './loop-io.ts';
import type { Logger } from './logger.ts';
import { genesisMembership, NodeCore, nodeId } from './node-core.ts';
import type { BoundListeners } from './listeners.ts';
import { asQuorateError, closeAll, selfIdentity } from './node-parts.ts';
import type { NodeSettings } from './settings.ts';
import { describeNode } from './status.ts';
import type { NodeStatus } from './status.ts';

export interface StartOptions {
  readonly log: Logger;
  /** @default this machine */
  readonly host?: NodeHost;
}

/**
 * Starts a node. Rejects with ADDRESS_IN_USE, DATA_LOCKED, DATA_DIR_UNUSABLE, WRONG_NODE, FORMAT_UNSUPPORTED or CORRUPT,
 * with nothing left open; resolves once it listens. Whether it serves yet is told by `ready`.
 */
export async function startNode(settings: NodeSettings, options: StartOptions): Promise<RunningNode> {
  const node = new RunningNode(settings, options.log, options.host ?? machineHost);
  await node.open();
  return node;
}

export class RunningNode {
  readonly id: string;
  readonly #settings: NodeSettings;
  readonly #log: Logger;
  readonly #host: NodeHost;
  readonly #startedAt: number;
  readonly #ready = new Deferred<void>();
  readonly #failed = new Deferred<QuorateError>();
  readonly #stopped = new Deferred<void>();
  readonly #clients: ClientPort;
  readonly #http: HttpRequests;
  /** Peers whose link is up, with their client addresses. */
  readonly #linked = new Map<string, string>();
  readonly #settingsDiffer = new Set<string>();
  #nextConnection: ConnectionId = 1;
  #phase: NodeStatus['phase'] = 'starting';
  #isReady = false;
  #listeners: BoundListeners | null = null;
  #directory: NodeDirectory | null = null;
  #links: PeerLinks | null = null;
  #join: ClusterJoin | null = null;
  #core: NodeCore | null = null;
  #closing: Promise<void> | null = null;

  constructor(settings: NodeSettings, log: Logger, host: NodeHost) {
    this.id = settings.id;
    this.#host = host;
    this.#startedAt = host.clock.now();
    this.#settings = settings;
    this.#log = log;
    const nextId = (): ConnectionId => this.#nextConnection++;
    this.#clients = new ClientPort((event) => this.#core?.post(event), settings.limits, nextId);
    this.#http = new HttpRequests(
      { post: (event) => this.#core?.post(event), nextId, status: () => this.status() },
      settings.limits,
    );
    // Whoever waits for `ready` also watches `failed`; a node nobody waits for must not end the process by it.
    this.#ready.promise.catch(() => {});
  }

  /** Resolves when the node first serves: it has a leader and has applied what was committed. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves, with the reason, if the node cannot go on; it serves nothing any more, and the process should end. */
  get failed(): Promise<QuorateError> {
    return this.#failed.promise;
  }

  /** A closer look than `status`; null until the cluster is known. */
  get core(): NodeCore | null {
    return this.#core;
  }

  get #bound(): BoundListeners {
    if (this.#listeners === null) throw new Error('the node does not listen yet');
    return this.#listeners;
  }

  get clientAddress(): Endpoint {
    return this.#bound.client.address;
  }

  get peerAddress(): Endpoint {
    return this.#bound.peer.address;
  }

  /** Ports before data: a node that cannot be reached touches nothing. */
  async open(): Promise<void> {
    this.#listeners = await this.#host.bind(this.#settings, {
      onClient: (socket) => {
        if (this.#core !== null) return this.#clients.accept(socket);
        refuse(socket, 'NO_QUORUM', `this node has not joined its cluster yet: ${this.#waitingFor()}`);
      },
      onPeer: (socket) => (this.#links === null ? socket.terminate() : this.#links.accept(socket)),
      onHttp: (request, response) => void serveHttp(request, response, this.#http),
    });
    try {
      this.#directory = await this.#host.openDirectory(this.#settings);
    } catch (error) {
      await closeAll(Object.values(this.#listeners));
      throw error;
    }
    this.#join = this.#joinCluster(this.#directory);
    this.#links?.start();
    this.#join.start(this.#directory.identity.genesis);
  }

  #joinCluster(directory: NodeDirectory): ClusterJoin {
    const { identity } = directory;
    const self = selfIdentity(this.#settings, identity.incarnation);
    const links = new PeerLinks(
      {
        self,
        genesis: identity.genesis,
        peers: this.#settings.peers,
        heartbeatMs: this.#settings.heartbeatMs,
        frameBytesMax: peerFrameBytesMax(this.#settings.limits.requestBytesMax),
        random: () => randomUint32(this.#host) / 2 ** 32,
        clock: this.#host.clock,
        dial: this.#host.dialPeer,
      },
      {
        onUp: (peer, hello) => this.#peerUp(peer, hello),
        onDown: (peer, reason) => this.#peerDown(peer, reason),
        onMessages: (peer, messages) => this.#peerMessages(peer, messages),
        onWarning: (warning) => this.#linkWarning(warning),
      },
    );
    this.#links = links;
    return new ClusterJoin(self, links, Buffer.from(this.#host.randomBytes(16)).toString('hex'), {
      store: (genesis) => directory.saveGenesis(genesis),
      founded: (genesis) => void this.#founded(directory, genesis).catch((error) => this.#fail(error)),
      failed: (error) => this.#fail(error),
    });
  }

  async #founded(directory: NodeDirectory, genesis: Genesis): Promise<void> {
    const log = await directory.openLog(genesisMembership(genesis).membership);
    for (const warning of directory.warnings) this.#log.warn({}, warning);
    if (this.#closing !== null) return;
    this.#core = new NodeCore(
      this.#settings,
      genesis,
      log,
      {
        toPeer: (peer, message) => void this.#links?.send(peer, message),
        toClient: (connection, message) => this.#toClient(connection, message),
        closeClient: (connection) => this.#clients.close(connection),
        flush: () => this.#endOfTurn(),
        stopped: () => this.#stopped.resolve(),
        failed: (error) => this.#fail(error),
      },
      this.#host,
    );
    this.#phase = 'serving';
    this.#log.info(
      { clusterId: genesis.clusterId, lastIndex: log.recovered.last.index },
      'joined the cluster',
    );
    for (const [peer, client] of this.#linked)
      this.#core.post({ type: 'peerUp', peer: nodeId(peer), client });
    this.#core.start();
  }

  #peerUp(peer: string, hello: PeerHello): void {
    this.#linked.set(peer, hello.client);
    this.#log.info({ peer }, 'link up');
    this.#join?.linkUp(hello);
    this.#core?.post({ type: 'peerUp', peer: nodeId(peer), client: hello.client });
  }

  #peerDown(peer: string, reason: string): void {
    this.#linked.delete(peer);
    this.#log.info({ peer, reason }, 'link down');
    this.#join?.linkDown(peer);
    this.#core?.post({ type: 'peerDown', peer: nodeId(peer) });
  }

  #peerMessages(peer: string, messages: readonly PeerMessage[]): void {
    for (const message of messages) {
      if (message.type === 'genesis') this.#join?.genesis(peer, message.genesis);
    }
    this.#core?.post({ type: 'peerMessages', peer: nodeId(peer), messages });
  }

  #linkWarning({ kind, peer, code, message }: LinkWarning): void {
    if (kind === 'settings') this.#settingsDiffer.add(message);
    this.#log.warn({ kind, peer, code }, message);
    // A member knows our id with another directory: this one can never take part (SPEC 6).
    if (kind === 'refusedByPeer' && code === 'INCARNATION_FENCED')
      this.#fail(new QuorateError(code, message));
  }

  #toClient(connection: ConnectionId, message: ServerMessage): void {
    if (!this.#http.answered(connection, message)) this.#clients.send(connection, message);
  }

  #endOfTurn(): void {
    this.#links?.flush();
    this.#clients.flush();
    if (!this.#isReady && this.#serves()) {
      this.#isReady = true;
      this.#log.info({ leader: this.#core?.loop.view.leader, term: this.#core?.loop.view.term }, 'ready');
      this.#ready.resolve();
    }
  }

  #serves(): boolean {
    const status = this.#core?.raft.status();
    return (
      status !== undefined &&
      status.leader !== null &&
      status.applied >= status.committed &&
      status.committed > 0
    );
  }

  #waitingFor(): string {
    return this.#core === null ? (this.#join?.waitingFor ?? 'opening the data directory') : '';
  }

  status(): NodeStatus {
    return describeNode({
      settings: this.#settings,
      phase: this.#phase,
      waitingFor: this.#waitingFor(),
      identity: this.#directory?.identity ?? null,
      core: this.#core,
      linked: this.#linked,
      settingsDiffer: [...this.#settingsDiffer],
      connections: this.#clients.count,
      now: this.#host.clock.now(),
      startedAt: this.#startedAt,
    });
  }

  /** Graceful: clients are sent elsewhere, leadership is handed over, what is open is answered. Then all is closed. */
  async stop(): Promise<void> {
    if (this.#core !== null && this.#closing === null && this.#phase === 'serving') {
      this.#phase = 'stopping';
      this.#core.post({ type: 'stop' });
      await Promise.race([this.#stopped.promise, this.#failed.promise]);
    }
    await this.#close();
  }

  #close(): Promise<void> {
    this.#closing ??= this.#closeParts();
    return this.#closing;
  }

  async #closeParts(): Promise<void> {
    this.#core?.halt();
    this.#clients.closeAll();
    this.#http.closeAll();
    if (this.#links !== null) await closeAll([this.#links]);
    if (this.#listeners !== null) await closeAll(Object.values(this.#listeners));
    await this.#core?.idle();
    await this.#directory?.close();
  }

  #fail(cause: unknown): void {
    const error = asQuorateError(cause);
    this.#log.error({ code: error.code, err: error.cause }, error.message);
    this.#core?.halt();
    this.#ready.reject(error);
    // Nothing may be served or acknowledged after a failure; how closing goes changes nothing about the reason.
    const told = (): void => this.#failed.resolve(error);
    this.#close().then(told, told);
  }
}
