/** What is asked of the keyspace model and what it answers: keys by their place among the keys judged, leases by their id. */
import type { Compare, Condition, Operand, Revision } from '../../../kv/operation.ts';
import type { Shown } from './record.ts';

export type KeyspaceInput =
  | {
      readonly type: 'put';
      readonly key: number;
      readonly value: string;
      readonly conditions: readonly Condition[];
      readonly returnPrevious: boolean;
      /** The one to hang on; NO_LEASE: on none. */
      readonly lease: bigint | 'keep';
    }
  /** Keys [from, to). `single`: the operation named one key, so conditions can hold. */
  | {
      readonly type: 'delete';
      readonly from: number;
      readonly to: number;
      readonly single: boolean;
      readonly conditions: readonly Condition[];
      readonly returnPrevious: boolean;
    }
  | { readonly type: 'increment'; readonly key: number; readonly by: bigint }
  | { readonly type: 'get'; readonly keys: readonly number[] }
  | {
      readonly type: 'scan';
      readonly from: number;
      readonly to: number;
      /** 0: no limit but that of a page, which is the node's own. */
      readonly limit: number;
      readonly reverse: boolean;
      readonly keysOnly: boolean;
      readonly countOnly: boolean;
    }
  /** NO_LEASE: one that the cluster makes, and that nobody can name who was not told. */
  | { readonly type: 'leaseGrant'; readonly lease: bigint }
  | { readonly type: 'leaseRenew'; readonly leases: readonly bigint[] }
  | { readonly type: 'leaseRevoke'; readonly lease: bigint }
  /** In a transaction. What it shows means nothing to who does not know the order of revisions. */
  | { readonly type: 'past' }
  | {
      readonly type: 'txn';
      readonly when: readonly CompareInput[];
      readonly do: readonly KeyspaceInput[];
      readonly otherwise: readonly KeyspaceInput[];
    };

/** Of the keys [from, to). */
export interface CompareInput {
  readonly from: number;
  readonly to: number;
  readonly operator: Compare['operator'];
  readonly operand:
    | { readonly type: 'value'; readonly value: string }
    | { readonly type: 'lease'; readonly lease: bigint }
    | { readonly type: Exclude<Operand['type'], 'value' | 'lease'>; readonly number: number };
}

export type KeyspaceOutput =
  | { readonly type: 'put'; readonly revision: Revision; readonly previous: Shown | null }
  | { readonly type: 'delete'; readonly deleted: number; readonly previous: readonly Shown[] }
  | { readonly type: 'increment'; readonly revision: Revision; readonly value: bigint }
  | { readonly type: 'conflict'; readonly current: Shown | null }
  | { readonly type: 'notACounter' }
  | { readonly type: 'overflow'; readonly value: bigint }
  | { readonly type: 'records'; readonly records: readonly (Shown | null)[] }
  | {
      readonly type: 'page';
      readonly records: readonly Shown[];
      readonly count: number;
      readonly more: boolean;
    }
  | {
      readonly type: 'txn';
      readonly revision: Revision;
      readonly succeeded: boolean;
      readonly results: readonly KeyspaceOutput[];
    }
  | { readonly type: 'txnFailed'; readonly at: string; readonly cause: KeyspaceOutput }
  | { readonly type: 'duplicate' }
  | { readonly type: 'leaseGrant'; readonly lease: bigint }
  /** One for each asked; 0: there is no such lease. */
  | { readonly type: 'leaseRenew'; readonly ttlsMs: readonly number[] }
  | { readonly type: 'leaseRevoke'; readonly deleted: number }
  | { readonly type: 'leaseNotFound'; readonly lease: bigint }
  | { readonly type: 'leaseExists'; readonly lease: bigint }
  | { readonly type: 'tooManyLeases' }
  | { readonly type: 'past' }
  /** That revision is compacted, or not there yet. */
  | { readonly type: 'unreadable' }
  /** An answer that belongs to some other operation. */
  | { readonly type: 'foreign' };
