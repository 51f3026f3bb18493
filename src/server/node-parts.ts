/** What a node says of itself, and how its parts end. */
import type { PeerIdentity } from '../transport/index.ts';
import { formatEndpoint } from '../wire/endpoints.ts';
import { QuorateError } from '../wire/errors.ts';
import { PEER_PROTOCOL } from '../wire/versions.ts';
import type { NodeSettings } from './settings.ts';

/** What this node says of itself to every peer. */
export function selfIdentity(settings: NodeSettings, incarnation: string): PeerIdentity {
  const { heartbeatMs, electionTimeoutMinMs, electionTimeoutMaxMs, limits, history } = settings;
  const { keyBytesMax, valueBytesMax, requestBytesMax } = limits;
  const shared = {
    heartbeatMs,
    electionTimeoutMinMs,
    electionTimeoutMaxMs,
    keyBytesMax,
    valueBytesMax,
    requestBytesMax,
    historyKeptMs: history.keptMs,
    historyKeptRevisions: history.keptRevisions,
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

/** Whatever stopped a node, as the error that its owner gets. */
export function asQuorateError(cause: unknown): QuorateError {
  if (QuorateError.is(cause)) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new QuorateError('INTERNAL', `the node stopped: ${message}`, { cause });
}
