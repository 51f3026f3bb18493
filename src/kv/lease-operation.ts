/**
 * Leases on log time (SPEC 4): keys that hang on a lease go when it ends. Its deadline is a moment of cluster time, set
 * when it is granted or renewed, so every node knows the same one. What decides is the order of the log: a lease whose
 * deadline has passed lives on if it is renewed before its end is applied.
 */
import type { AnyQuery, AnyQueryResult, Bytes, Revision } from './operation.ts';

export type LeaseOperation =
  /** `id` 0n: one made from the place in the log. Any other may be chosen. */
  | { readonly type: 'leaseGrant'; readonly id: bigint; readonly ttlMs: number }
  | { readonly type: 'leaseRenew'; readonly ids: readonly bigint[] }
  /** Removes the lease and all its keys, in key order, as one revision; none if it has no keys. */
  | { readonly type: 'leaseRevoke'; readonly id: bigint }
  /**
   * Ends those of the leases whose deadline has come, each as a revision of its own. The leader proposes it, naming its
   * term; in an entry of another term it does nothing, so who leads no more can revoke nothing.
   */
  | { readonly type: 'leaseExpire'; readonly ids: readonly bigint[]; readonly term: number };

export type LeaseReply =
  | {
      readonly type: 'leaseGrant';
      readonly revision: Revision;
      readonly lease: bigint;
      readonly ttlMs: number;
    }
  /** How long each lives from now on, in the order asked; 0: there is no such lease (any more). */
  | { readonly type: 'leaseRenew'; readonly revision: Revision; readonly ttlsMs: readonly number[] }
  | { readonly type: 'leaseRevoke'; readonly revision: Revision; readonly deleted: number }
  /** Which of them ended, and how many keys went with them. */
  | {
      readonly type: 'leaseExpire';
      readonly revision: Revision;
      readonly expired: readonly bigint[];
      readonly deleted: number;
    };

export type LeaseQuery =
  | { readonly type: 'leaseInspect'; readonly id: bigint }
  /** In the order of ids, those above `after`; null: from the first. At most `limit`, 0: as many as a page holds. */
  | { readonly type: 'leaseList'; readonly after: bigint | null; readonly limit: number };

export type LeaseResult =
  /** The first page of its keys, in key order. null: there is no such lease. */
  | { readonly type: 'leaseInspect'; readonly lease: LeaseInfo | null; readonly keys: readonly Bytes[] }
  | { readonly type: 'leaseList'; readonly leases: readonly LeaseInfo[]; readonly more: boolean };

export interface LeaseInfo {
  readonly id: bigint;
  readonly ttlMs: number;
  /** In cluster time as far as it is applied; 0: it ends unless it is renewed first. */
  readonly remainingMs: number;
  readonly keyCount: number;
}

export function isLeaseQuery(query: AnyQuery): query is LeaseQuery {
  return query.type === 'leaseInspect' || query.type === 'leaseList';
}

export function isLeaseResult(result: AnyQueryResult): result is LeaseResult {
  return result.type === 'leaseInspect' || result.type === 'leaseList';
}
