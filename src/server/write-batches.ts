/** The shapes in which writes travel through a node: proposals, batches to and from other nodes, places in the log. */
import type { NodeId } from '../raft/types.ts';
import type { EncodedRequest } from '../wire/envelope.ts';
import type { ForwardedRequest, ForwardResult } from '../wire/peer-protocol.ts';
import type { WriteRequest } from './requests.ts';

/** Who waits for a proposal: a client of this node, or another node for a client of its own. */
export type Origin =
  | { readonly type: 'client'; readonly request: WriteRequest }
  | { readonly type: 'peer'; readonly batch: InboundBatch; readonly slot: number };

export interface Proposal {
  readonly origin: Origin;
  readonly encoded: EncodedRequest;
}

/** Another node's forwarded requests; answered in one message once each has its result. */
export interface InboundBatch {
  readonly peer: NodeId;
  /** What it came by (LeaderView.linkTo). */
  readonly link: number | null;
  readonly batch: number;
  readonly results: (ForwardResult | undefined)[];
  missing: number;
}

export interface OutboundBatch {
  readonly peer: NodeId;
  readonly requests: readonly WriteRequest[];
}

export function notLeading(): ForwardResult {
  return { accepted: false, code: 'NO_QUORUM', message: 'this node does not lead', outcome: 'not-applied' };
}

export function asEncoded(request: WriteRequest): EncodedRequest {
  const { session, sequence, operation } = request;
  return { session, sequence, user: '', authRevision: 0, operation };
}

export function asForwarded(request: WriteRequest): ForwardedRequest {
  return { session: request.session, sequence: request.sequence, operation: request.operation };
}

/** In a frame: the operation, and at most this much of tuple, ids and headers around it. */
export function forwardedBytes(request: WriteRequest): number {
  return request.operation.length + 32;
}
