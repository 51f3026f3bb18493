import type { Role } from '../raft/io.ts';

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
