/** The numbers of operations, for good. */
import type { Operation } from '../kv/operation.ts';
import type { BareOperation } from './bare-codec.ts';

export const KIND = {
  put: 1,
  delete: 2,
  increment: 3,
  compact: 4,
  txn: 5,
  sessionOpen: 6,
  sessionRenew: 7,
  sessionClose: 8,
  sessionExpire: 9,
  resolve: 10,
  leaseGrant: 11,
  leaseRenew: 12,
  leaseRevoke: 13,
  leaseExpire: 14,
} as const satisfies Record<Operation['type'], number>;

/** Kinds without a key; flags and conditions are 0. */
export const BARE_TYPES: ReadonlyMap<number, BareOperation['type']> = new Map(
  (
    [
      'sessionOpen',
      'sessionRenew',
      'sessionClose',
      'sessionExpire',
      'resolve',
      'leaseGrant',
      'leaseRenew',
      'leaseRevoke',
      'leaseExpire',
    ] as const
  ).map((type) => [KIND[type], type]),
);
