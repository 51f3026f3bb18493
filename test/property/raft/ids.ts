import type { NodeId } from '../../../src/raft/index.ts';

/** A node's name in a test. */
export function nodeId(name: string): NodeId {
  if (!isNodeId(name)) throw new Error(`not a name: "${name}"`);
  return name;
}

function isNodeId(name: string): name is NodeId {
  return name.length > 0;
}
