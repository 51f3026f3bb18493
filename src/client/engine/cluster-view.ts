/** What the nodes have told us of the cluster. */
import { parseEndpoint, formatEndpoint } from '../../wire/endpoints.ts';
import type { ClientLimits, Topology, TopologyMember } from '../../wire/client-protocol.ts';
import { QuorateError } from '../../wire/errors.ts';
import type { Link } from './link.ts';

/** Addresses that mean "any of mine" to the node that listens there, and nothing to us. */
const UNSPECIFIED = new Set(['0.0.0.0', '::']);

export class ClusterView {
  /** Learnt from the first welcome or given by the caller; from then on no other cluster is spoken to. */
  clusterId: string | null;
  /** As the last node to welcome us stated them; null before the first. */
  limits: ClientLimits | null = null;
  #term = 0;
  #members: readonly TopologyMember[] = [];

  constructor(clusterId: string | null) {
    this.clusterId = clusterId;
  }

  get term(): number {
    return this.#term;
  }

  get members(): readonly TopologyMember[] {
    return this.#members;
  }

  /** False when we know better: a node that is behind still tells what was true in an older term. */
  learn(topology: Topology): boolean {
    if (topology.term < this.#term) return false;
    this.#term = topology.term;
    this.#members = topology.members;
    return true;
  }
}

/**
 * Who leads: the word of the highest term counts. The named leader itself knows best, so when it denies it, nobody
 * does.
 */
export function leaderAmong(links: Iterable<Link>): string | null {
  let term = -1;
  let leader: string | null = null;
  const denied = new Set<string>();
  for (const { nodeId, view } of links) {
    if (view.term > term) {
      term = view.term;
      leader = view.leader;
      denied.clear();
    } else if (view.term === term) {
      leader ??= view.leader;
    }
    if (view.term === term && view.leader !== nodeId) denied.add(nodeId);
  }
  return leader !== null && denied.has(leader) ? null : leader;
}

/** The member's address in the one form in which endpoints are compared; null while there is none to dial. */
export function addressOf(member: TopologyMember): string | null {
  if (member.client === '') return null;
  try {
    const endpoint = parseEndpoint(member.client);
    return UNSPECIFIED.has(endpoint.host) ? null : formatEndpoint(endpoint);
  } catch (error) {
    if (QuorateError.is(error)) return null;
    throw error;
  }
}
