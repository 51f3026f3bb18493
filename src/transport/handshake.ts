/**
 * May these two nodes talk? Each side judges the other's hello by what it knows itself; the link is up when both
 * said yes. Pure. The first row that fits decides:
 *
 *   | the other's hello                                        | decision            |
 *   |----------------------------------------------------------|---------------------|
 *   | no protocol version in common                            | PROTOCOL_MISMATCH   |
 *   | another cluster name                                     | WRONG_CLUSTER       |
 *   | a cluster id, and we have one, and they differ           | WRONG_CLUSTER       |
 *   | our own node id: ourselves, a clone, or a second owner   | WRONG_NODE          |
 *   | takes us for somebody else                               | WRONG_NODE          |
 *   | is not the node that we dialled                          | WRONG_NODE          |
 *   | is none of our voters                                    | WRONG_NODE          |
 *   | dialled us, though the smaller id dials                  | PROTOCOL_MISMATCH   |
 *   | other voters than ours                                   | WRONG_CLUSTER       |
 *   | an incarnation that is not the one in our genesis,       |                     |
 *   |   a fresh directory under a known id included            | INCARNATION_FENCED  |
 *   | another value for a setting that must be equal           | CONFIG_INVALID      |
 *   | any other setting differs                                | accept, and warn    |
 *   | a known incarnation without a cluster id: it missed the  |                     |
 *   |   genesis and gets it again (server/bootstrap.ts)        | accept              |
 *   | a cluster id, and we have none: it judges us by its      |                     |
 *   |   record, and refuses us if we are not in it             | accept              |
 *
 * The protocol comes first because all other fields mean what the protocol says.
 */
import type { ErrorCode } from '../wire/errors.ts';
import type { Genesis, PeerHello } from '../wire/peer-protocol.ts';
import { negotiate } from '../wire/versions.ts';

/** What a node says of itself to every peer. */
export type PeerIdentity = Omit<PeerHello, 'type' | 'expects' | 'clusterId'>;

export interface OwnSide {
  readonly self: PeerIdentity;
  /** null while this directory is fresh. */
  readonly genesis: Genesis | null;
  /** Whom we dialled; null when the other dialled us. */
  readonly dialled: string | null;
}

export type Verdict = Accepted | Refused;

interface Accepted {
  readonly accept: true;
  readonly protocol: number;
  /** One sentence for each setting that differs and may. */
  readonly warnings: readonly string[];
}

export interface Refused {
  readonly accept: false;
  readonly code: ErrorCode;
  /** What is wrong, in terms that both sides understand. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/**
 * Settings without which a link cannot work. A node that waits five of its own heartbeats would cut a peer with
 * slower ones again and again; a peer that admits larger requests would send frames that this one refuses.
 */
export const SETTINGS_MUST_BE_EQUAL: readonly string[] = ['heartbeatMs', 'requestBytesMax'];

/** One link between two nodes, so one of them dials: the one with the smaller id. */
export function dials(from: string, to: string): boolean {
  return from < to;
}

export function ownHello(side: Pick<OwnSide, 'self' | 'genesis'>, expects: string): PeerHello {
  return { type: 'hello', ...side.self, clusterId: side.genesis?.clusterId ?? null, expects };
}

export function judgeHello(own: OwnSide, other: PeerHello): Verdict {
  const { self } = own;
  const protocol = negotiate(
    { min: self.protocolMin, max: self.protocolMax },
    { min: other.protocolMin, max: other.protocolMax },
  );
  if (protocol === null) return protocolMismatch(self, other);
  const refused =
    otherCluster(own, other) ??
    otherNode(own, other) ??
    otherVoters(self, other) ??
    otherIncarnation(own.genesis, other) ??
    unequalSettings(self, other);
  return refused ?? { accept: true, protocol, warnings: settingsWarnings(self, other) };
}

function refuse(code: ErrorCode, message: string, hint: string): Refused {
  return { accept: false, code, message, hint };
}

function protocolMismatch(self: PeerIdentity, other: PeerHello): Refused {
  const range = ({ protocolMin, protocolMax }: PeerIdentity): string => `${protocolMin} to ${protocolMax}`;
  return refuse(
    'PROTOCOL_MISMATCH',
    `${self.nodeId} speaks peer protocol ${range(self)}, ${other.nodeId} ${range(other)}`,
    'run versions of Quorate that have a protocol version in common on all nodes',
  );
}

function otherCluster({ self, genesis }: OwnSide, other: PeerHello): Refused | null {
  if (other.clusterName !== self.clusterName) {
    return refuse(
      'WRONG_CLUSTER',
      `${self.nodeId} belongs to cluster "${self.clusterName}", ${other.nodeId} to "${other.clusterName}"`,
      'give both nodes the same cluster name, or each the addresses of its own cluster',
    );
  }
  if (genesis === null || other.clusterId === null || other.clusterId === genesis.clusterId) return null;
  return refuse(
    'WRONG_CLUSTER',
    `two clusters are named "${self.clusterName}": ${self.nodeId} belongs to ${genesis.clusterId}, ` +
      `${other.nodeId} to ${other.clusterId}`,
    'give each node the addresses of its own cluster, and its own data directory',
  );
}

function otherNode({ self, dialled }: OwnSide, other: PeerHello): Refused | null {
  if (other.nodeId === self.nodeId) {
    const who =
      other.incarnation === self.incarnation
        ? `${self.nodeId} met itself, or a process on a copy of its data directory`
        : `two nodes call themselves ${self.nodeId}`;
    return refuse('WRONG_NODE', who, 'give every node an id, an address and a data directory of its own');
  }
  if (other.expects !== self.nodeId) {
    return refuse(
      'WRONG_NODE',
      `${other.nodeId} takes ${self.nodeId} for ${other.expects}`,
      `correct the address of ${other.expects} in the list of peers of ${other.nodeId}`,
    );
  }
  if (dialled !== null && other.nodeId !== dialled) {
    return refuse(
      'WRONG_NODE',
      `the address that ${self.nodeId} has for ${dialled} answers as ${other.nodeId}`,
      `correct the address of ${dialled} in the list of peers of ${self.nodeId}`,
    );
  }
  if (!self.voters.includes(other.nodeId)) {
    return refuse(
      'WRONG_NODE',
      `${other.nodeId} is none of the nodes that ${self.nodeId} knows (${self.voters.join(', ')})`,
      'give all nodes the same list of peers',
    );
  }
  if (dialled !== null || dials(other.nodeId, self.nodeId)) return null;
  return refuse(
    'PROTOCOL_MISMATCH',
    `${other.nodeId} dialled ${self.nodeId}, but of two nodes the one with the smaller id dials`,
    'run the same version of Quorate on both nodes',
  );
}

function otherVoters(self: PeerIdentity, other: PeerHello): Refused | null {
  const own = self.voters.toSorted();
  const theirs = other.voters.toSorted();
  if (own.length === theirs.length && own.every((id, place) => id === theirs[place])) return null;
  return refuse(
    'WRONG_CLUSTER',
    `${self.nodeId} has the voters ${own.join(', ')}; ${other.nodeId} has ${theirs.join(', ')}`,
    'give all nodes the same list of peers',
  );
}

function otherIncarnation(genesis: Genesis | null, other: PeerHello): Refused | null {
  if (genesis === null) return null;
  const known = genesis.voters.find((voter) => voter.id === other.nodeId)?.incarnation;
  if (known === other.incarnation) return null;
  const what = other.clusterId === null ? 'a fresh data directory' : 'another data directory';
  return refuse(
    'INCARNATION_FENCED',
    `${other.nodeId} runs on ${what}, not on the one with which it joined cluster ${genesis.clusterId}`,
    `start ${other.nodeId} on its own data directory; only if no data of this cluster is to be kept, ` +
      'stop all nodes, remove all their data directories and start again',
  );
}

function unequalSettings(self: PeerIdentity, other: PeerHello): Refused | null {
  const unequal = SETTINGS_MUST_BE_EQUAL.filter((name) => {
    const [own, theirs] = [self.settings[name], other.settings[name]];
    // A setting that the other version does not know yet cannot contradict ours.
    return own !== undefined && theirs !== undefined && own !== theirs;
  });
  if (unequal.length === 0) return null;
  return refuse(
    'CONFIG_INVALID',
    unequal.map((name) => differs(name, self, other)).join('; '),
    `give ${unequal.join(', ')} the same value on all nodes`,
  );
}

function settingsWarnings(self: PeerIdentity, other: PeerHello): readonly string[] {
  const names = new Set([...Object.keys(self.settings), ...Object.keys(other.settings)]);
  return [...names]
    .toSorted()
    .filter((name) => self.settings[name] !== other.settings[name])
    .map((name) => differs(name, self, other));
}

function differs(name: string, self: PeerIdentity, other: PeerHello): string {
  const printed = ({ settings }: PeerIdentity): string => settings[name] ?? 'unset';
  return `${name} is ${printed(self)} on ${self.nodeId} and ${printed(other)} on ${other.nodeId}`;
}
