/** The pieces that a node opens before it knows its cluster, and how they are closed again. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import { openDataDirectory } from '../storage/index.ts';
import type { DataDirectory } from '../storage/index.ts';
import { listen } from '../transport/index.ts';
import type { Listener, PeerIdentity } from '../transport/index.ts';
import { clientFrameBytesMax, peerFrameBytesMax } from '../wire/defaults.ts';
import { formatEndpoint } from '../wire/endpoints.ts';
import { QuorateError } from '../wire/errors.ts';
import { CLIENT_SUBPROTOCOL, PEER_PROTOCOL, PEER_SUBPROTOCOL } from '../wire/versions.ts';
import type { NodeSettings } from './settings.ts';

export interface ListenerHandlers {
  onClient(socket: WebSocket): void;
  onPeer(socket: WebSocket): void;
  onHttp(request: IncomingMessage, response: ServerResponse): void;
}

export interface BoundListeners {
  readonly client: Listener;
  readonly peer: Listener;
}

export async function bindBoth(settings: NodeSettings, handlers: ListenerHandlers): Promise<BoundListeners> {
  const { allowedOrigins, limits, clientListen, peerListen } = settings;
  // Names in the list of peers are names of ours or of theirs; whoever dials by them is no page in a browser.
  const allowedHosts = [...settings.allowedHosts, ...settings.peers.map(({ address }) => address.host)];
  const client = await listen({
    ...clientListen,
    subprotocol: CLIENT_SUBPROTOCOL,
    allowedOrigins,
    allowedHosts: [...allowedHosts, settings.clientAdvertise.host],
    frameBytesMax: clientFrameBytesMax(limits.requestBytesMax),
    connectionsMax: limits.connectionsMax,
    limits: { unauthenticatedMax: CLIENTS_ARRIVING_MAX },
    onConnection: (socket) => handlers.onClient(socket),
    onRequest: (request, response) => handlers.onHttp(request, response),
  });
  try {
    const peer = await listen({
      ...peerListen,
      subprotocol: PEER_SUBPROTOCOL,
      allowedOrigins: [],
      allowedHosts,
      frameBytesMax: peerFrameBytesMax(limits.requestBytesMax),
      connectionsMax: PEER_CONNECTIONS_MAX,
      onConnection: (socket) => handlers.onPeer(socket),
    });
    return { client, peer };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** After a failover all clients of a node come at once; a few kilobytes each, for at most the handshake's deadlines. */
const CLIENTS_ARRIVING_MAX = 1_024;

/** Each peer has one link; the rest is room for old ones that are still closing. */
const PEER_CONNECTIONS_MAX = 64;

export async function openDirectory(settings: NodeSettings): Promise<DataDirectory> {
  return await openDataDirectory({
    path: settings.dataDir,
    nodeId: settings.id,
    randomBytes,
    schedule: (delayMs, task) => void setTimeout(task, delayMs),
  });
}

/** What this node says of itself to every peer. */
export function selfIdentity(settings: NodeSettings, incarnation: string): PeerIdentity {
  const { heartbeatMs, electionTimeoutMinMs, electionTimeoutMaxMs, limits } = settings;
  const { keyBytesMax, valueBytesMax, requestBytesMax } = limits;
  const shared = {
    heartbeatMs,
    electionTimeoutMinMs,
    electionTimeoutMaxMs,
    keyBytesMax,
    valueBytesMax,
    requestBytesMax,
  };
  return {
    protocolMin: PEER_PROTOCOL.min,
    protocolMax: PEER_PROTOCOL.max,
    clusterName: settings.clusterName,
    nodeId: settings.id,
    incarnation,
    voters: settings.peers.map(({ id }) => id).toSorted(),
    client: formatEndpoint(settings.clientAdvertise),
    settings: Object.fromEntries(Object.entries(shared).map(([name, value]) => [name, String(value)])),
  };
}

/** All at once: none waits for the bound of another. */
export async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(parts.map((part) => part.close()));
}

export function randomUint32(): number {
  return randomBytes(4).readUInt32BE();
}

/** Whatever stopped a node, as the error that its owner gets. */
export function asQuorateError(cause: unknown): QuorateError {
  if (QuorateError.is(cause)) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new QuorateError('INTERNAL', `the node stopped: ${message}`, { cause });
}
