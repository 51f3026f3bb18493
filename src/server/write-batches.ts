/** The shapes in which writes travel through a node: proposals, batches to and from other nodes, places in the log. */
import type { Operation, Reply } from '../kv/operation.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { encodeEnvelope, envelopeBytes } from '../wire/envelope.ts';
import type { EncodedRequest } from '../wire/envelope.ts';
import type { ErrorCode, Outcome } from '../wire/errors.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import type { ForwardedRequest, ForwardResult } from '../wire/peer-protocol.ts';
import { groupByBytes } from './group-by-bytes.ts';
import { isRenewal } from './renewals.ts';
import type { WriteRequest } from './requests.ts';

/** Who waits for a proposal: a client of this node, another node for a client of its own, or nobody. */
export type Origin =
  | { readonly type: 'client'; readonly request: WriteRequest }
  | { readonly type: 'peer'; readonly batch: InboundBatch; readonly slot: number }
  /**
   * What the leader decides; lost with its leadership, as the next leader decides for itself. `placed` hears where it
   * stands, or null when it came into no log.
   */
  | { readonly type: 'own'; readonly placed: (index: LogIndex | null) => void };

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

export function openBatch(peer: NodeId, link: number | null, batch: number, count: number): InboundBatch {
  return { peer, link, batch, results: Array.from({ length: count }, () => undefined), missing: count };
}

/** All results once none is missing any more. */
export function resultsWith(
  inbound: InboundBatch,
  slot: number,
  result: ForwardResult,
): ForwardResult[] | null {
  inbound.results[slot] = result;
  inbound.missing -= 1;
  return inbound.missing > 0 ? null : inbound.results.filter((each) => each !== undefined);
}

/** How the loop answers; it keeps the table of open requests. */
export interface WriteAnswers {
  written(request: WriteRequest, term: Term, reply: Reply): void;
  failed(request: WriteRequest, code: ErrorCode, message: string, outcome: Outcome): void;
}

export function notLeading(): ForwardResult {
  return { accepted: false, code: 'NO_QUORUM', message: 'this node does not lead', outcome: 'not-applied' };
}

export function asEncoded(request: WriteRequest): EncodedRequest {
  const { session, sequence, operation } = request;
  return { session, sequence, user: '', authRevision: 0, operation };
}

/** Entries of at most so many bytes of requests, but always at least one request. */
export function asEntries(
  proposals: readonly Proposal[],
  bytesMax: number,
): readonly (readonly Proposal[])[] {
  return groupByBytes(proposals, ({ encoded }) => envelopeBytes([encoded]), bytesMax);
}

/** The data of one entry. */
export function entryOf(proposals: readonly Proposal[], clusterTimeMs: number): Uint8Array {
  return encodeEnvelope(
    clusterTimeMs,
    proposals.map(({ encoded }) => encoded),
  );
}

/** Outside every session. */
export function ownRequest(operation: Operation): EncodedRequest {
  return { session: 0n, sequence: 0, user: '', authRevision: 0, operation: encodeOperation(operation) };
}

export function asForwarded(request: WriteRequest): ForwardedRequest {
  return { session: request.session, sequence: request.sequence, operation: request.operation };
}

/**
 * What is forwarded together. The leader holds renewals back, and answers a batch as a whole: others in it would hear
 * where they stand after they were applied.
 */
export function asForwardBatches(
  requests: readonly WriteRequest[],
  bytesMax: number,
): readonly (readonly WriteRequest[])[] {
  const renewals = requests.filter(({ operation }) => isRenewal(operation));
  const others = requests.filter(({ operation }) => !isRenewal(operation));
  return [others, renewals].flatMap((each) => groupByBytes(each, forwardedBytes, bytesMax));
}

/** In a frame: the operation, and at most this much of tuple, ids and headers around it. */
function forwardedBytes(request: WriteRequest): number {
  return request.operation.length + 32;
}
