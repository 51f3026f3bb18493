import type { Entry } from './entry.ts';
import type { LogIndex, Millis, NodeId, Position, ReadSeq, Term } from './types.ts';

/**
 * What members say to each other: four pairs and `timeoutNow`. Every message carries its sender's term, a reply
 * that refuses included (edge case I64). Any of them may be lost, repeated, late or out of order.
 */
export type Message =
  | PreVote
  | PreVoteReply
  | Vote
  | VoteReply
  | Append
  | AppendReply
  | TimeoutNow
  | Pull
  | PullReply;

interface Head {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: Term;
}

/** Would you vote for me? `term` is the term that the sender would use; nobody's term changes (thesis §9.6). */
export interface PreVote extends Head {
  readonly type: 'preVote';
  readonly last: Position;
}

/** A grant carries the term that was asked for, a refusal the sender's own (edge case B8). */
export interface PreVoteReply extends Head {
  readonly type: 'preVoteReply';
  readonly granted: boolean;
  /** Refused for the log and nothing else: where the refuser's ends (edge case I61). Null otherwise. */
  readonly ahead: Position | null;
}

/** A transfer's vote passes the stickiness of voters, because the leader itself asked for it (thesis §4.2.3). */
export interface Vote extends Head {
  readonly type: 'vote';
  readonly last: Position;
  readonly reason: 'election' | 'transfer';
}

export interface VoteReply extends Head {
  readonly type: 'voteReply';
  readonly granted: boolean;
}

/** Entries, heartbeat, commit index, read barrier in one. `entries` follow `prev` without a gap. */
export interface Append extends Head {
  readonly type: 'append';
  readonly prev: Position;
  readonly entries: readonly Entry[];
  readonly commit: LogIndex;
  readonly readSeq: ReadSeq;
  /** The leader's clock when it was sent; echoed, never compared with another node's clock. */
  readonly sentAt: Millis;
}

export interface AppendReply extends Head {
  readonly type: 'appendReply';
  readonly result: AppendAccepted | AppendRejected;
  /** Echoes of the newest append that this reply answers: one confirms all earlier barriers (edge case D27). */
  readonly readSeq: ReadSeq;
  readonly sentAt: Millis;
}

/** Durable here, and matched against this leader's log, up to `match`. */
export interface AppendAccepted {
  readonly accepted: true;
  readonly match: LogIndex;
}

/** The log has no entry `prev`. `hint` is the last own position with a term at most that of `prev` (edge case C19). */
export interface AppendRejected {
  readonly accepted: false;
  readonly prevIndex: LogIndex;
  readonly hint: Position;
}

/** Campaign now, without a pre-vote (thesis §3.10). Ignored unless the receiver's log ends at `last`. */
export interface TimeoutNow extends Head {
  readonly type: 'timeoutNow';
  readonly last: Position;
}

/** You refused me for my log: send what follows `after`, or the last place where our logs may meet (edge case I61). */
export interface Pull extends Head {
  readonly type: 'pull';
  readonly after: Position;
}

/** `entries` follow `prev`, the refuser's last own position up to `asked`. No leader speaks: nothing commits by it. */
export interface PullReply extends Head {
  readonly type: 'pullReply';
  /** Echoes `after`. */
  readonly asked: Position;
  readonly prev: Position;
  readonly entries: readonly Entry[];
}
