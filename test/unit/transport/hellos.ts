import type { PeerIdentity } from '../../../src/transport/handshake.ts';
import type { Genesis, PeerHello } from '../../../src/wire/peer-protocol.ts';

export const VOTERS: readonly string[] = ['n1', 'n2', 'n3'];

/** 32 hex digits that say whose they are: `life` 0 is the first directory of a node, 1 the one after a wipe. */
export function incarnationOf(id: string, life = 0): string {
  return `${id.replace(/\D/gu, '')}${life}`.padEnd(32, 'a');
}

export function clusterId(number: number): string {
  return String(number).padStart(32, 'c');
}

export function genesisOf(number = 1, voters: readonly string[] = VOTERS): Genesis {
  return {
    clusterId: clusterId(number),
    clusterName: 'test',
    voters: voters.map((id) => ({ id, incarnation: incarnationOf(id) })),
  };
}

export function identity(nodeId: string, change: Partial<PeerIdentity> = {}): PeerIdentity {
  return {
    protocolMin: 1,
    protocolMax: 1,
    clusterName: 'test',
    nodeId,
    incarnation: incarnationOf(nodeId),
    voters: VOTERS,
    client: `127.0.0.1:74${nodeId.replace(/\D/gu, '').padStart(2, '0')}`,
    settings: { heartbeatMs: '50', requestBytesMax: '1572864', keyBytesMax: '4096' },
    ...change,
  };
}

/** What `nodeId` says to `expects`; from a fresh directory unless told otherwise. */
export function hello(nodeId: string, expects: string, change: Partial<PeerHello> = {}): PeerHello {
  return { type: 'hello', clusterId: null, expects, ...identity(nodeId), ...change };
}
