import { waitFor } from '../../scripts/support/wait-for.mjs';
import type { Cluster, LocalNode, Status } from './cluster.ts';

/**
 * Waits until every node has applied the same entries and gives what they then say; the caller compares the digests.
 * It does not wait for the digests: two nodes that differ at an equal index will never be equal again.
 */
export async function caughtUp(
  cluster: Cluster,
  nodes: readonly LocalNode[] = cluster.nodes,
): Promise<readonly Status[]> {
  return await waitFor('all nodes at the same applied index', async () => {
    const statuses = await Promise.all(nodes.map((node) => node.status()));
    const commit = Math.max(...statuses.map((status) => status.commitIndex));
    const level = statuses.every((status) => status.appliedIndex === commit && status.leader !== null);
    return level ? statuses : undefined;
  });
}

/** One line a node: what a failed comparison shows. */
export function stateOf(status: Status): string {
  const { digest, revision, keyCount } = status;
  return `digest ${digest}, revision ${revision}, ${keyCount} keys`;
}
