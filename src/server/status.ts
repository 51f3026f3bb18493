import type { Role } from '../raft/io.ts';
import type { RaftStatus } from '../raft/status.ts';
import type { Millis } from '../raft/types.ts';
import type { Identity } from '../storage/index.ts';
import { formatEndpoint } from '../wire/endpoints.ts';
import type { Endpoint } from '../wire/endpoints.ts';
import type { NodeCore } from './node-core.ts';
import type { NodeSettings } from './settings.ts';
import { packageVersion } from './version.ts';

/** What a node says of itself on `/v1/status`. Stable names: scripts and dashboards read them. */
export interface NodeStatus {
  readonly id: string;
  readonly version: string;
  /** `starting`: not joined yet; `serving`; `stopping`: handing over. */
  readonly phase: 'starting' | 'serving' | 'stopping';
  /** While starting: for what. */
  readonly waitingFor: string;
  readonly cluster: string;
  readonly clusterId: string | null;
  readonly incarnation: string;
  readonly role: Role;
  readonly term: number;
  readonly leader: string | null;
  /** 0 on the leader; -1 while there is none. */
  readonly leaderHeardMsAgo: number;
  readonly lastIndex: number;
  readonly durableIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly revision: number;
  readonly clusterTimeMs: number;
  readonly keyCount: number;
  /** Equal on two nodes at an equal applied index, or one of them is wrong. */
  readonly digest: string;
  readonly openRequests: number;
  readonly connections: number;
  readonly members: readonly MemberStatus[];
  /** Settings that differ between this node and a peer, by name. */
  readonly settingsDiffer: readonly string[];
  readonly insecure: boolean;
  readonly uptimeMs: number;
}

export interface MemberStatus {
  readonly id: string;
  readonly peer: string;
  readonly client: string;
  readonly linked: boolean;
}

/** Everything that a status is made of; `core` is null while the node has not joined. */
export interface StatusSources {
  readonly settings: NodeSettings;
  readonly phase: NodeStatus['phase'];
  readonly waitingFor: string;
  readonly identity: Identity | null;
  readonly core: NodeCore | null;
  /** Peers whose link is up, with their client addresses. */
  readonly linked: ReadonlyMap<string, string>;
  readonly settingsDiffer: readonly string[];
  readonly connections: number;
  readonly now: Millis;
  readonly startedAt: Millis;
}

export function describeNode(sources: StatusSources): NodeStatus {
  const { settings, identity, core } = sources;
  return {
    id: settings.id,
    version: packageVersion(),
    phase: sources.phase,
    waitingFor: sources.waitingFor,
    cluster: settings.clusterName,
    clusterId: identity?.genesis?.clusterId ?? null,
    incarnation: identity?.incarnation ?? '',
    ...consensusStatus(core, sources.now),
    openRequests: core?.loop.openRequests ?? 0,
    connections: sources.connections,
    members: settings.peers.map(({ id, address }) => memberStatus(id, address, sources)),
    settingsDiffer: sources.settingsDiffer,
    insecure: settings.insecure,
    uptimeMs: sources.now - sources.startedAt,
  };
}

type ConsensusStatus = Pick<
  NodeStatus,
  | 'role'
  | 'term'
  | 'leader'
  | 'leaderHeardMsAgo'
  | 'lastIndex'
  | 'durableIndex'
  | 'commitIndex'
  | 'appliedIndex'
  | 'revision'
  | 'clusterTimeMs'
  | 'keyCount'
  | 'digest'
>;

function consensusStatus(core: NodeCore | null, now: Millis): ConsensusStatus {
  const raft = core?.raft.status();
  const machine = core?.machine;
  return {
    role: raft?.role ?? 'follower',
    term: raft?.term ?? 0,
    leader: raft?.leader ?? null,
    leaderHeardMsAgo: raft === undefined || raft.leader === null ? -1 : heardMsAgo(raft, now),
    lastIndex: raft?.last.index ?? 0,
    durableIndex: raft?.durableIndex ?? 0,
    commitIndex: raft?.committed ?? 0,
    appliedIndex: machine?.appliedIndex ?? 0,
    revision: machine?.revision ?? 0,
    clusterTimeMs: machine?.clusterTimeMs ?? 0,
    keyCount: machine?.keyCount ?? 0,
    digest: machine?.digest() ?? '',
  };
}

function heardMsAgo(raft: RaftStatus, now: Millis): Millis {
  return raft.role === 'leader' ? 0 : Math.max(0, now - raft.leaderHeardAt);
}

function memberStatus(id: string, address: Endpoint, { settings, linked }: StatusSources): MemberStatus {
  const self = id === settings.id;
  const client = self ? formatEndpoint(settings.clientAdvertise) : (linked.get(id) ?? '');
  return { id, peer: formatEndpoint(address), client, linked: self || linked.has(id) };
}
