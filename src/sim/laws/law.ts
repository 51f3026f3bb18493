/**
 * What a law sees, and how it speaks when it is broken.
 *
 * A law is omniscient: it hears every node at once, in the order in which things happened, and judges the cluster as
 * a whole. It trusts nothing that a node says of itself where something harder is at hand (its disk, what it sent).
 */
import type {
  DurableState,
  Entry,
  LogIndex,
  Message,
  NodeId,
  RaftStatus,
  Write,
  WriteSeq,
} from '../../raft/index.ts';

/** One thing that happened to one node. */
export type Observation =
  /** Its data directory, by its incarnation, has been opened and knows this cluster; null: none yet. */
  | {
      readonly type: 'opened';
      readonly node: NodeId;
      readonly directory: string;
      readonly cluster: string | null;
    }
  /** From here on it takes part in this cluster, with that directory. */
  | { readonly type: 'founded'; readonly node: NodeId; readonly directory: string; readonly cluster: string }
  /** `entries` is the whole log found at open. */
  | {
      readonly type: 'started';
      readonly node: NodeId;
      readonly recovered: DurableState;
      readonly entries: readonly Entry[];
    }
  /** Crash or stop: memory is gone; writes not yet durable may survive, in order, each whole or not at all. */
  | { readonly type: 'ended'; readonly node: NodeId }
  /** Handed to the disk. */
  | { readonly type: 'persist'; readonly node: NodeId; readonly write: Write }
  /** Synced; cumulative. Told before the node hears of it. */
  | { readonly type: 'durable'; readonly node: NodeId; readonly through: WriteSeq }
  /** Its log was asked for entries from there on, and this is what came. */
  | {
      readonly type: 'read';
      readonly node: NodeId;
      readonly from: LogIndex;
      readonly entries: readonly Entry[];
    }
  /** A raft message leaves. */
  | { readonly type: 'sent'; readonly node: NodeId; readonly message: Message }
  /** `digest` of the state after the entry, when it was taken. */
  | { readonly type: 'applied'; readonly node: NodeId; readonly entry: Entry; readonly digest: string | null }
  /** The end of a turn of the loop. */
  | { readonly type: 'turned'; readonly node: NodeId; readonly status: RaftStatus };

export type ObservationType = Observation['type'];

export interface Law {
  readonly name: string;
  /** It is told of nothing else; `turned` and `sent` are hot. */
  readonly hears: readonly ObservationType[];
  /** @throws LawBroken */
  observe(observation: Observation, nowMs: number): void;
}

/** The cluster did what it never may. The message is for a person: which law, who, when, and what happened. */
export class LawBroken extends Error {
  readonly law: string;
  readonly node: NodeId | null;
  readonly atMs: number;
  /** What happened, without law, node and time. */
  readonly sentence: string;

  constructor(law: string, node: NodeId | null, atMs: number, sentence: string) {
    super(`${law} is broken${node === null ? '' : ` by ${node}`} at ${atMs.toFixed(1)} ms: ${sentence}`);
    this.name = 'LawBroken';
    this.law = law;
    this.node = node;
    this.atMs = atMs;
    this.sentence = sentence;
  }
}
