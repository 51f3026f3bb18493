/** The two ports of a node: one for clients and HTTP, one for peers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from '../transport/index.ts';
import type { FrameSocket } from '../transport/index.ts';
import { clientFrameBytesMax, peerFrameBytesMax } from '../wire/defaults.ts';
import type { Endpoint } from '../wire/endpoints.ts';
import { CLIENT_SUBPROTOCOL, PEER_SUBPROTOCOL } from '../wire/versions.ts';
import type { NodeSettings } from './settings.ts';

export interface ListenerHandlers {
  onClient(socket: FrameSocket): void;
  onPeer(socket: FrameSocket): void;
  onHttp(request: IncomingMessage, response: ServerResponse): void;
}

export interface BoundPort {
  readonly address: Endpoint;
  close(): Promise<void>;
}

export interface BoundListeners {
  readonly client: BoundPort;
  readonly peer: BoundPort;
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
