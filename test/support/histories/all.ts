import { BAD_CONDITIONS } from './bad-conditions.ts';
import type { BadHistory } from './bad-histories.ts';
import { BAD_LEASES } from './bad-leases.ts';
import { BAD_LOGS } from './bad-logs.ts';
import { BAD_READS } from './bad-reads.ts';
import { BAD_SNAPSHOTS } from './bad-snapshots.ts';
import { BAD_TRANSACTIONS } from './bad-transactions.ts';
import { BAD_UNKNOWN } from './bad-unknown.ts';

export const BAD_HISTORIES: readonly BadHistory[] = [
  ...BAD_READS,
  ...BAD_CONDITIONS,
  ...BAD_SNAPSHOTS,
  ...BAD_TRANSACTIONS,
  ...BAD_UNKNOWN,
  ...BAD_LEASES,
  ...BAD_LOGS,
];
