/** The room's public names. */
export { InvariantError } from './assert.ts';
export {
  describeEntry,
  describeLeadership,
  describeMessage,
  describePosition,
  describeSettled,
  describeWrite,
} from './describe.ts';
export type { CommandEntry, Entry, MembershipEntry, NoopEntry } from './entry.ts';
export type {
  DurableState,
  Fetch,
  Input,
  Leadership,
  Output,
  RaftOptions,
  RefusalReason,
  Role,
  Settled,
  Write,
} from './io.ts';
export type { Membership, MembershipAt } from './membership.ts';
export type {
  Append,
  AppendAccepted,
  AppendRejected,
  AppendReply,
  Message,
  PreVote,
  PreVoteReply,
  Pull,
  PullReply,
  TimeoutNow,
  Vote,
  VoteReply,
} from './message.ts';
export { Raft } from './raft.ts';
export type { PeerStatus, RaftStatus } from './status.ts';
export type {
  HardState,
  LogIndex,
  Millis,
  NodeId,
  Position,
  ReadSeq,
  Ref,
  Term,
  TermRun,
  WriteSeq,
} from './types.ts';
