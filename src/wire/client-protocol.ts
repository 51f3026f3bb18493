/**
 * What a client and a node say to each other (subprotocol `quorate.client.v1`). A frame is one msgpack array of
 * messages, so that one turn of the loop costs one frame; a message is a tuple whose first element is its type.
 * Here are the typed forms; client-codec.ts has the tuples and guards.
 */
import type { AnyQuery, AnyQueryResult, Bytes, Reply, Revision } from '../kv/operation.ts';
import type { ErrorCode, ErrorDetails, Outcome } from './errors.ts';

/** What requests and answers are made of; the SDK knows them through here. */
export type {
  AnyQuery,
  AnyQueryResult,
  Bytes,
  Compare,
  Condition,
  GetQuery,
  KeyRange,
  KvRecord,
  LeaseInfo,
  Operand,
  Operation,
  Query,
  QueryResult,
  Reply,
  Revision,
  RevisionFilter,
  ScanQuery,
  StepResult,
  TxnOperation,
  TxnReply,
  TxnStep,
} from '../kv/operation.ts';

/** The client's number for a request on one connection: unique among those in flight, 1 to 2^32-1. */
export type RequestId = number;

export type ReadLevel = 'linearizable' | 'local';

export type ClientMessage =
  /** First frame; `clusterId` set makes a different cluster refuse. */
  | {
      readonly type: 'hello';
      readonly protocolMin: number;
      readonly protocolMax: number;
      readonly client: string;
      readonly clusterId: string | null;
    }
  /** `operation` is an encoded operation (operation-codec.ts). `session` 0n: outside a session. */
  | {
      readonly type: 'write';
      readonly id: RequestId;
      readonly timeoutMs: number;
      readonly session: bigint;
      readonly sequence: number;
      readonly operation: Bytes;
    }
  | {
      readonly type: 'read';
      readonly id: RequestId;
      readonly timeoutMs: number;
      readonly level: ReadLevel;
      /** Answer only from a state at least this new; 0 for none. */
      readonly minRevision: Revision;
      readonly query: AnyQuery;
    }
  /** The caller has given up: the node may drop the request if nothing of it has entered the log. */
  | { readonly type: 'cancel'; readonly id: RequestId }
  | { readonly type: 'ping'; readonly nonce: number };

export type ServerMessage =
  /** Answers hello. */
  | {
      readonly type: 'welcome';
      readonly protocol: number;
      readonly clusterId: string;
      readonly nodeId: string;
      readonly topology: Topology;
      readonly limits: ClientLimits;
    }
  | {
      readonly type: 'written';
      readonly id: RequestId;
      readonly term: number;
      readonly reply: Reply;
    }
  | {
      readonly type: 'answer';
      readonly id: RequestId;
      readonly term: number;
      readonly revision: Revision;
      readonly level: ReadLevel;
      /** How old the state read is known to be at most, in milliseconds; 0 for linearizable, -1 for unknown (local). */
      readonly ageMs: number;
      readonly result: AnyQueryResult;
    }
  | {
      readonly type: 'failed';
      /** 0: the connection as a whole; the node closes it next. */
      readonly id: RequestId;
      readonly code: ErrorCode;
      readonly message: string;
      readonly outcome: Outcome;
      readonly details: ErrorDetails;
    }
  /** Pushed whenever leader or members change. */
  | { readonly type: 'topology'; readonly topology: Topology }
  /** The node is going away: send nothing new here; what is in flight will still be answered. */
  | { readonly type: 'goodbye' }
  | { readonly type: 'pong'; readonly nonce: number };

export interface Topology {
  readonly term: number;
  readonly leader: string | null;
  readonly members: readonly TopologyMember[];
}

export interface TopologyMember {
  readonly id: string;
  /** `host:port` of the client listener; empty while unknown. */
  readonly client: string;
}

export interface ClientLimits {
  readonly keyBytesMax: number;
  readonly valueBytesMax: number;
  readonly requestBytesMax: number;
  readonly inFlightMax: number;
}
