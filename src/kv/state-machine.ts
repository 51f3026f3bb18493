import type {
  AnyQuery,
  AnyQueryResult,
  LeaseQuery,
  LeaseResult,
  Operation,
  Query,
  QueryResult,
  Reply,
  Revision,
} from './operation.ts';

/** A committed request, as the log has it. */
export interface Request {
  /** 0n outside a session. */
  readonly session: bigint;
  /** In a session from 1; sequences may arrive in any order. */
  readonly sequence: number;
  /** The client has the replies of its session through this sequence, which is below its own; 0 for none. */
  readonly acknowledgedThrough: number;
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
  readonly leaseCount: number;
  readonly sessionCount: number;

  /**
   * Applies one entry's requests in order; `index` must be `appliedIndex + 1`. One reply per request. `term`: the
   * entry's; without it, what a leader alone may propose does nothing.
   */
  apply(index: number, clusterTimeMs: number, requests: readonly Request[], term?: number): Reply[];

  /**
   * Leases whose deadline has come, for the leader: it proposes `leaseExpire`, and asks again when that is applied. As
   * many as have `max` keys and leases in all, one at least, so that no entry takes long to apply. `clusterTimeMs` is
   * the leader's, which may be ahead of what is applied.
   */
  leasesDue(clusterTimeMs: number, max: number): bigint[];

  /**
   * At most `max` sessions whose deadline has come, for the leader: it proposes `sessionExpire`, and asks again when
   * that is applied. `clusterTimeMs` is the leader's, which may be ahead of what is applied.
   */
  sessionsDue(clusterTimeMs: number, max: number): bigint[];

  /** `pageBytesMax` and `pageRecordsMax` bound a scan's page. */
  query(query: Query, limits: PageLimits): QueryResult;
  query(query: LeaseQuery, limits: PageLimits): LeaseResult;
  query(query: AnyQuery, limits: PageLimits): AnyQueryResult;

  /** What the leader decides from that history is to be compacted. */
  readonly history: HistoryInfo;

  /**
   * Frees at most `eventsMax` events of history that nobody may read any more, some 0.1 µs each, and gives how many
   * it freed. The node's loop calls it when it has time; no answer and no digest depends on when.
   */
  cleanUp(eventsMax: number): number;

  /** 32 lower-case hex digits; equal on two nodes exactly when their state is equal (up to hash collision). */
  digest(): string;
}

export interface HistoryInfo {
  /** The oldest revision that can be read; 0 as long as nothing is compacted. */
  readonly floor: Revision;
  readonly revision: Revision;
  readonly clusterTimeMs: number;
  /** Events in memory, those below the floor that are not cleaned up yet included. */
  readonly eventCount: number;
  /**
   * A revision that was reached when cluster time was `clusterTimeMs`, never one made later; the latest known, to
   * about ten seconds. 0 when none is known. Differs between nodes: for proposals only.
   */
  revisionAt(clusterTimeMs: number): Revision;
}

export interface PageLimits {
  readonly pageRecordsMax: number;
  readonly pageBytesMax: number;
}
