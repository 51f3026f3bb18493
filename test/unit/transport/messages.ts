import type { Server } from 'node:net';

import type { NodeId } from '../../../src/raft/types.ts';
import type { Endpoint } from '../../../src/wire/endpoints.ts';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';

function isNodeId(name: string): name is NodeId {
  return name.length > 0;
}

export function nodeId(name: string): NodeId {
  if (!isNodeId(name)) throw new Error('a node has a name');
  return name;
}

/** Raft's bulk: an append with one entry of so many bytes; a heartbeat without. */
export function append(dataBytes: number | null): PeerMessage {
  const data = new Uint8Array(dataBytes ?? 0);
  const entries = dataBytes === null ? [] : [{ kind: 'command' as const, index: 1, term: 1, data }];
  const head = { from: nodeId('n2'), to: nodeId('n1'), term: 1 };
  const prev = { index: 0, term: 0 };
  return {
    type: 'raft',
    message: { type: 'append', ...head, prev, entries, commit: 0, readSeq: 0, sentAt: 0 },
  };
}

/** What may not be dropped, large. */
export function forward(batch: number, operationBytes: number): PeerMessage {
  const requests = [{ session: 0n, sequence: 0, operation: new Uint8Array(operationBytes).fill(7) }];
  return { type: 'forward', batch, requests };
}

/** What may not be dropped, small. */
export function question(batch: number): PeerMessage {
  return { type: 'readIndex', batch };
}

export function endpointOf(server: Server): Endpoint {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not bound to a port');
  return { host: bound.address, port: bound.port };
}
