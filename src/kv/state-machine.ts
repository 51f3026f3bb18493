import type { Operation, Query, QueryResult, Reply, Revision } from './operation.ts';

/** A committed request, as the log has it. */
export interface Request {
  /** 0n outside a session. */
  readonly session: bigint;
  readonly sequence: number;
  /** Empty until there is authentication. */
  readonly user: string;
  readonly authRevision: number;
  readonly operation: Operation;
}

/**
 * The replicated state machine: entries in, replies out. Deterministic: no clock but cluster time, no randomness, no
 * I/O; equal entries give equal replies and equal digests on every node.
 */
export interface StateMachine {
  /** Of the last entry applied; 0 before the first. */
  readonly appliedIndex: number;
  readonly revision: Revision;
  /** Cluster time in milliseconds: the highest stamp applied so far (SPEC 4). */
  readonly clusterTimeMs: number;
  readonly keyCount: number;

  /** Applies one entry's requests in order; `index` must be `appliedIndex + 1`. One reply per request. */
  apply(index: number, clusterTimeMs: number, requests: readonly Request[]): Reply[];

  /** Reads the present state. `pageBytesMax` and `pageRecordsMax` bound a scan's page. */
  query(query: Query, limits: PageLimits): QueryResult;

  /** 32 lower-case hex digits; equal on two nodes exactly when their state is equal (up to hash collision). */
  digest(): string;
}

export interface PageLimits {
  readonly pageRecordsMax: number;
  readonly pageBytesMax: number;
}
