/** What the nodes of a plan are told at their start, and where everybody lives. */
import type { NodeSettings } from '../../server/settings.ts';
import { DEFAULT_LIMITS } from '../../wire/defaults.ts';
import type { Hosts } from './blocked-pairs.ts';
import type { Plan } from './plan.ts';

const CLIENT_PORT = 7400;
const PEER_PORT = 7401;
/** So little that leaders compact a few times in a run. */
const HISTORY = { keptMs: 3_600_000, keptRevisions: 200 };

export function hostsOf({ size, clients }: Plan): Hosts {
  return {
    nodes: Array.from({ length: size }, (_, i) => `n${i + 1}`),
    clients: Array.from({ length: clients }, (_, i) => `c${i + 1}`),
  };
}

export function settingsOf(plan: Plan): readonly NodeSettings[] {
  const { nodes } = hostsOf(plan);
  const peers = nodes.map((id) => ({ id, address: { host: id, port: PEER_PORT } }));
  return nodes.map((id) => ({
    id,
    dataDir: `/data/${id}`,
    clusterName: 'simulated',
    peers,
    clientListen: { host: id, port: CLIENT_PORT },
    peerListen: { host: id, port: PEER_PORT },
    clientAdvertise: { host: id, port: CLIENT_PORT },
    insecure: true,
    ...plan.timing,
    limits: DEFAULT_LIMITS,
    history: HISTORY,
    allowedOrigins: [],
    allowedHosts: [],
    logLevel: 'info',
  }));
}
