import type { LogIndex, NodeId } from './types.ts';

/**
 * Who counts. `outgoing` is empty except during joint consensus (Raft §6), when a decision needs a majority of
 * `voters` and one of `outgoing`. A learner is sent everything and counted for nothing.
 *
 * Invariants: `voters` is not empty; each list is sorted and free of duplicates; no learner is in `voters`.
 */
export interface Membership {
  readonly voters: readonly NodeId[];
  readonly outgoing: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

/** A membership and the index of the entry that made it; index 0 is the genesis record. */
export interface MembershipAt {
  readonly index: LogIndex;
  readonly membership: Membership;
}
