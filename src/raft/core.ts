import type { Backlog } from './backlog.ts';
import type { Entry } from './entry.ts';
import type { Leadership, RaftOptions, Settled } from './io.ts';
import type { RaftLog } from './log.ts';
import type { Message } from './message.ts';
import type { Pace } from './pace.ts';
import type { Progress } from './progress.ts';
import type { ReadBarriers } from './reads.ts';
import type { LogIndex, Millis, NodeId, Position, ReadSeq, Ref, Term } from './types.ts';
import type { WriteQueue } from './write-queue.ts';

/**
 * Everything that is true of one node. `raft.ts` owns it; each module of this folder is one subject's rules over it.
 * What belongs to a role lives in `role` and dies with it.
 *
 *   applied ≤ handedOut ≤ committed ≤ log.last,  handedOut ≤ writes.durable.index ≤ log.last
 */
export interface Core {
  readonly options: RaftOptions;
  readonly id: NodeId;
  readonly log: RaftLog;
  readonly writes: WriteQueue;
  readonly pace: Pace;
  term: Term;
  /** Set at most once per term; cleared only by a higher one (edge case A1). */
  votedFor: NodeId | null;
  /** Whom we follow in this term; ourselves while leading. */
  leader: NodeId | null;
  role: RoleState;
  committed: LogIndex;
  handedOut: LogIndex;
  applied: LogIndex;
  leaderHeardAt: Millis;
  electionDeadline: Millis;
  /** An earlier deadline, because the link to the leader closed. */
  hintDeadline: Millis | null;
  /** Pre-vote rounds begun since a leader was last heard. */
  roundsAlone: number;
  readonly linksDown: Set<NodeId>;
  handover: Handover | null;
  readonly fetches: Fetches;
  /** The newest pull that waits for storage; one at a time, whoever asks. */
  serving: ServedPull | null;
  /** Promises nothing, so it is collected here and leaves at the next drain: refusals and pre-vote replies. */
  outbox: Message[];
  settled: Settled[];
  /** What the runtime was last told. */
  announced: Leadership;
  /** Messages dropped because no correct peer sends them. */
  malformed: number;
}

export type RoleState = Follower | PreCandidate | Candidate | Leader;

export interface Follower {
  readonly kind: 'follower';
  /** The highest index that this term's leader has matched here; 0 before its first append (edge cases C17, C18). */
  accepted: LogIndex;
  /** The match that the leader was last told, and when; at first the start of this role. */
  acked: LogIndex;
  ackedAt: Millis;
  /** The leader waits for an answer even if `acked` would not change. */
  ackOwed: boolean;
  /** Echoed in the answer: the newest of this term. */
  readSeq: ReadSeq;
  sentAt: Millis;
  /** Granted in this term; it hears of it once the vote is durable. */
  voteOwedTo: NodeId | null;
}

export interface PreCandidate {
  readonly kind: 'preCandidate';
  readonly votes: Map<NodeId, boolean>;
  asked: boolean;
  /** Where the logs of those end who refused us for ours alone. */
  readonly ahead: Map<NodeId, Position>;
  catchUp: CatchUp | null;
}

/** Taking over what one of them has and we lack (catch-up.ts). */
export interface CatchUp {
  readonly from: NodeId;
  /** Where that log ended when its owner refused us. */
  readonly goal: Position;
  /** The place after which we asked last; only the answer to this question counts. */
  asked: Position;
  /** What came and does not surpass our log yet: it follows the place where the logs meet and ends at `asked`. */
  pulled: readonly Entry[];
}

/** A pull whose answer is read from storage. */
export interface ServedPull {
  readonly to: NodeId;
  readonly asked: Position;
  readonly prev: Position;
  /** Null until the range is ordered. */
  fetch: number | null;
}

export interface Candidate {
  readonly kind: 'candidate';
  readonly reason: 'election' | 'transfer';
  /** Empty until our own vote is durable; only then others are asked, and only then they count (edge case A4). */
  readonly votes: Map<NodeId, boolean>;
  asked: boolean;
  /** When our own vote was durable: the others are asked from then on. */
  standsSince: Millis;
  /** The others who granted the pre-vote; empty after a transfer. */
  readonly willing: readonly NodeId[];
}

export interface Leader {
  readonly kind: 'leader';
  /** This term's first entry; nothing commits by counting below it (Raft §5.4.2). */
  readonly noopIndex: LogIndex;
  /** Every member but ourselves, sorted by id. */
  readonly peers: ReadonlyMap<NodeId, Progress>;
  readonly reads: ReadBarriers;
  readonly backlog: Backlog;
  /** A lower bound of the moment at which the last contact with a quorum is too old. */
  quorumDeadline: Millis;
  /** The highest index that a quorum holds, of any term, and when it last rose: catching up is progress too. */
  quorumMatch: LogIndex;
  progressAt: Millis;
  /** Gray: has tried to hand leadership over and will step down if that fails. */
  abdicating: boolean;
}

/** A leadership transfer; outlives the role, because it ends well only when the target is seen to lead. */
export interface Handover {
  readonly to: NodeId;
  readonly refs: Ref[];
  readonly deadline: Millis;
  askedAt: Millis;
}

export interface Fetches {
  lastId: number;
  /** The one range ordered for apply. */
  applyFetch: number | null;
  /** Its answer, until drain hands it out. */
  applyEntries: readonly Entry[];
}
