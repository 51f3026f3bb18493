import type { HistoryKept } from '../kv/compaction.ts';

/** Everything a node can be told, validated: what `quorate start` and `startNode` hand to the node. */
export interface NodeSettings {
  readonly id: string;
  readonly dataDir: string;
  readonly clusterName: string;
  /** All voters of the cluster, this node included; sorted by id. */
  readonly peers: readonly PeerAddress[];
  readonly clientListen: HostPort;
  readonly peerListen: HostPort;
  /** What clients are told to dial; `clientListen` unless set. */
  readonly clientAdvertise: HostPort;
  /** Listen beyond loopback without TLS and authentication. */
  readonly insecure: boolean;
  readonly heartbeatMs: number;
  readonly electionTimeoutMinMs: number;
  readonly electionTimeoutMaxMs: number;
  readonly limits: NodeLimits;
  readonly history: HistoryKept;
  /** Exact origins of browsers that may connect; none by default. */
  readonly allowedOrigins: readonly string[];
  /** Names besides addresses and `localhost` that a `Host` header may carry. */
  readonly allowedHosts: readonly string[];
  readonly logLevel: LogLevel;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface PeerAddress {
  readonly id: string;
  readonly address: HostPort;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface NodeLimits {
  readonly keyBytesMax: number;
  readonly valueBytesMax: number;
  readonly requestBytesMax: number;
  readonly pageRecordsMax: number;
  readonly pageBytesMax: number;
  readonly connectionsMax: number;
  readonly inFlightPerConnectionMax: number;
}
