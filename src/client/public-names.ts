/** What programs see of the SDK, the same on every platform; `connect` comes from the index files. */
export { QuorateError } from '../wire/errors.ts';
export type { ErrorCode, ErrorDetails, Outcome } from '../wire/errors.ts';
export type { ReadLevel, TopologyMember } from '../wire/client-protocol.ts';
export type { Db, Status } from './db.ts';
export type { EndpointStatus } from './engine/engine.ts';
export type { Entry } from './entry.ts';
export type { Key } from './keys.ts';
export type { Lease } from './lease.ts';
export type { LeaseDetails, Leases, LeaseState } from './leases.ts';
export type {
  CallOptions,
  ConnectOptions,
  CountOptions,
  DeleteOptions,
  GrantOptions,
  KeyConditions,
  LeaseChoice,
  PutOptions,
  ReadOptions,
  RevisionBounds,
  ScanOptions,
  TransactOptions,
} from './options.ts';
export type { Range } from './ranges.ts';
export type {
  CompactResult,
  DeleteResult,
  IncrementResult,
  PutResult,
  ReadFacts,
  ReadResult,
} from './replies.ts';
export type { ResolvedWrite } from './resolve.ts';
export type { Transaction } from './transact.ts';
export type {
  ResultsOf,
  ScanPage,
  Txn,
  TxnCompare,
  TxnOperand,
  TxnResult,
  TxnStep,
  TxnStepResult,
} from './txn-types.ts';
export type { Value } from './values.ts';
