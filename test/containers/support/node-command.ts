import { startArgs } from '../../../scripts/support/local-cluster.mjs';

export const CLIENT_PORT = 7400;
export const PEER_PORT = 7401;
/** The user of cluster/Dockerfile. */
export const NODE_UID = 10_001;
export const DATA_DIRECTORY = '/data';

export interface NodePlan {
  readonly id: string;
  readonly cluster: string;
  /** What `--peers` says. */
  readonly peers: string;
  /** Where clients outside reach it. */
  readonly advertise: string;
  readonly args: readonly string[];
}

/** What the image's entry point is told. */
export function nodeCommand({ id, cluster, peers, advertise, args }: NodePlan): string[] {
  const listening = { client: `0.0.0.0:${CLIENT_PORT}`, peer: `0.0.0.0:${PEER_PORT}` };
  const basic = startArgs({ id, dataDir: DATA_DIRECTORY, ...listening }, cluster, peers);
  return ['start', ...basic, '--advertise', advertise, '--insecure', ...args];
}
