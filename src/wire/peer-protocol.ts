/**
 * What members say to each other on the peer port (subprotocol `quorate.peer.v1`). Framing as on the client port.
 * The first message each way is `hello`; nothing else is read before both hellos agree (handshake in transport/).
 */
import type { Message } from '../raft/message.ts';
import type { LogIndex, Term } from '../raft/types.ts';
import type { Bytes } from '../kv/operation.ts';
import type { ErrorCode, Outcome } from './errors.ts';

export type PeerMessage =
  | PeerHello
  /** Sent instead of anything else before closing: why this link cannot be. */
  | { readonly type: 'refuse'; readonly code: ErrorCode; readonly message: string }
  /** From the founder (the smallest id) to every voter of a new cluster, and to any that missed it. */
  | { readonly type: 'genesis'; readonly genesis: Genesis }
  | { readonly type: 'raft'; readonly message: Message }
  /** A follower passes its clients' writes to the leader; all of them in one message per turn. */
  | { readonly type: 'forward'; readonly batch: number; readonly requests: readonly ForwardedRequest[] }
  /** Answers `forward`, in the same order: where each request stands in the leader's log, or why it does not. */
  | { readonly type: 'forwarded'; readonly batch: number; readonly results: readonly ForwardResult[] }
  /** A follower asks for a read index on behalf of every read that waited when this was sent. */
  | { readonly type: 'readIndex'; readonly batch: number }
  | { readonly type: 'readIndexReply'; readonly batch: number; readonly index: LogIndex | null }
  /** Keeps an otherwise silent link visibly alive. */
  | { readonly type: 'ping' };

export interface PeerHello {
  readonly type: 'hello';
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly clusterName: string;
  /** 32 hex digits; null in a fresh directory. */
  readonly clusterId: string | null;
  readonly nodeId: string;
  /** 32 hex digits, made when the data directory is made. */
  readonly incarnation: string;
  /** Sorted ids of the configured voters. */
  readonly voters: readonly string[];
  /** What the sender takes itself to be talking to; catches a wrong address in `--peers`. */
  readonly expects: string;
  /** `host:port` of its client listener, for topology. */
  readonly client: string;
  /** Settings that should be equal everywhere: name to printed value. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Made once, when all listed voters have met and all are fresh (DESIGN 10); stored durably before the first vote. */
export interface Genesis {
  readonly clusterId: string;
  readonly clusterName: string;
  /** Sorted by id. */
  readonly voters: readonly GenesisVoter[];
}

export interface GenesisVoter {
  readonly id: string;
  readonly incarnation: string;
}

export interface ForwardedRequest {
  readonly session: bigint;
  readonly sequence: number;
  readonly operation: Bytes;
}

export type ForwardResult =
  | { readonly accepted: true; readonly term: Term; readonly index: LogIndex; readonly ordinal: number }
  | {
      readonly accepted: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly outcome: Outcome;
    };
