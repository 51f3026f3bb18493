/**
 * A write, from admission to answer:
 *
 *   admitted ─┬─ this node leads ────────► proposed ──► placed (term, index, ordinal) ──► applied: answered
 *             ├─ another node leads ─────► forwarded ─► placed                              other term there: routed anew
 *             └─ nobody to give it to ───► waiting ───► routed again when that changes
 *
 * A write that an entry of another term displaced is known to be lost, so routing it again is safe. One whose
 * leader went silent before saying where it stands is not: it is answered as `unknown` (thesis §8).
 */
import type { Raft } from '../raft/raft.ts';
import type { Operation, Reply } from '../kv/operation.ts';
import type { Entry } from '../raft/entry.ts';
import type { Settled } from '../raft/io.ts';
import type { LogIndex, Millis, NodeId, Ref, Term } from '../raft/types.ts';
import type { ErrorCode } from '../wire/errors.ts';
import type { ForwardedRequest, ForwardResult } from '../wire/peer-protocol.ts';
import type { ClusterClock } from './cluster-clock.ts';
import type { LeaderView } from './leader-view.ts';
import type { LoopPorts } from './loop-io.ts';
import { PlacedWrites } from './placed-writes.ts';
import { Renewals } from './renewals.ts';
import type { WriteRequest } from './requests.ts';
import { WaitingList } from './waiting-list.ts';
import * as batches from './write-batches.ts';
import type { InboundBatch, OutboundBatch, Proposal, WriteAnswers } from './write-batches.ts';

export interface WritePathOptions {
  /** A command entry holds at most this many bytes of requests (but always at least one). */
  readonly entryBytesMax: number;
  /** How long a write that was turned away waits before it is offered again. */
  readonly retryMs: Millis;
}

const OVERLOADED = 'the leader has too many writes that are not committed yet';
const MISSED = 'the log moved on before the leader said where the write stands';

export class WritePath {
  readonly #raft: Raft;
  readonly #view: LeaderView;
  readonly #clock: ClusterClock;
  readonly #ports: LoopPorts;
  readonly #answers: WriteAnswers;
  readonly #options: WritePathOptions;

  #proposals: Proposal[] = [];
  readonly #renewals = new Renewals();
  #outbound: WriteRequest[] = [];
  readonly #waiting = new WaitingList<WriteRequest>();
  #retryAt: Millis = Number.POSITIVE_INFINITY;
  #nextRef: Ref = 1;
  #nextBatch = 1;
  readonly #proposed = new Map<Ref, readonly (readonly Proposal[])[]>();
  readonly #forwarded = new Map<number, OutboundBatch>();
  readonly #placed: PlacedWrites;

  constructor(
    raft: Raft,
    view: LeaderView,
    clock: ClusterClock,
    ports: LoopPorts,
    answers: WriteAnswers,
    options: WritePathOptions,
  ) {
    this.#raft = raft;
    this.#view = view;
    this.#clock = clock;
    this.#ports = ports;
    this.#answers = answers;
    this.#options = options;
    this.#placed = new PlacedWrites({
      answered: (request, term, reply) => answers.written(request, term, reply),
      lost: (request) => this.#again(request),
      missed: (request) => this.#unknown(request, 'UNAVAILABLE', MISSED),
    });
  }

  /** When something here wants a turn of its own. */
  get wakeAt(): Millis {
    return Math.min(
      this.#waiting.length > 0 ? this.#retryAt : Number.POSITIVE_INFINITY,
      this.#renewals.dueAt,
    );
  }

  /** Words that are owed: by the core on proposals, by the leader on batches. */
  get unanswered(): number {
    return this.#proposals.length + this.#renewals.size + this.#proposed.size + this.#forwarded.size;
  }

  /** Hands the request to whoever leads. */
  route(request: WriteRequest): void {
    if (request.settled) return;
    if (this.#view.isLeader) {
      this.#offer({ origin: { type: 'client', request }, encoded: batches.asEncoded(request) });
    } else if (this.#view.reachableLeader !== null) {
      this.#outbound.push(request);
    } else {
      this.#waiting.push(request);
    }
  }

  /** What this node, the leader, decides. Nobody is answered, and nothing is tried twice. */
  proposeOwn(operation: Operation, placed: (index: LogIndex | null) => void = () => {}): void {
    this.#proposals.push({ origin: { type: 'own', placed }, encoded: batches.ownRequest(operation) });
  }

  #offer(proposal: Proposal): void {
    if (!this.#renewals.hold(proposal)) this.#proposals.push(proposal);
  }

  /** The leader, or a link to it, changed: what waited may have somewhere to go. */
  routeWaiting(): void {
    this.#retryAt = Number.POSITIVE_INFINITY;
    for (const request of this.#waiting.takeAll()) this.route(request);
  }

  /** Another node hands over its clients' writes, already checked. */
  acceptForwarded(
    peer: NodeId,
    batch: number,
    requests: readonly (ForwardedRequest | ForwardResult)[],
  ): void {
    const inbound = batches.openBatch(peer, this.#view.linkTo(peer), batch, requests.length);
    requests.forEach((request, slot) => {
      if ('accepted' in request) return this.#resolveSlot(inbound, slot, request);
      if (!this.#view.isLeader) return this.#resolveSlot(inbound, slot, batches.notLeading());
      this.#offer({
        origin: { type: 'peer', batch: inbound, slot },
        encoded: { ...request, user: '', authRevision: 0 },
      });
    });
  }

  /** Gives the turn's writes to the core, or to the leader: many clients, one entry, one message. */
  flush(now: Millis): void {
    if (now >= this.#retryAt) this.routeWaiting();
    this.#flushOutbound(now);
    this.#flushProposals(now);
  }

  #flushOutbound(now: Millis): void {
    if (this.#outbound.length === 0) return;
    const requests = this.#outbound.filter((request) => !request.settled);
    this.#outbound = [];
    const leader = this.#view.reachableLeader;
    if (leader === null) {
      for (const request of requests) this.#wait(request, now);
      return;
    }
    for (const group of batches.asForwardBatches(requests, this.#options.entryBytesMax)) {
      const batch = this.#nextBatch++;
      for (const request of group) request.mayApply = true;
      this.#forwarded.set(batch, { peer: leader, requests: group });
      this.#ports.toPeer(leader, { type: 'forward', batch, requests: group.map(batches.asForwarded) });
    }
  }

  #flushProposals(now: Millis): void {
    this.#proposals.push(...this.#renewals.take(now));
    if (this.#proposals.length === 0) return;
    const proposals = this.#proposals.filter((p) => p.origin.type !== 'client' || !p.origin.request.settled);
    this.#proposals = [];
    if (proposals.length === 0) return;
    if (!this.#view.isLeader) {
      for (const proposal of proposals) this.#turnAway(proposal, now);
      return;
    }
    const groups = batches.asEntries(proposals, this.#options.entryBytesMax);
    const ref = this.#nextRef++;
    const stamp = this.#clock.stamp(now);
    this.#proposed.set(ref, groups);
    const payloads = groups.map((group) => batches.entryOf(group, stamp));
    this.#raft.step({ type: 'propose', ref, payloads }, now);
  }

  /** The core's word on what was proposed in this turn. */
  proposalSettled(settled: Extract<Settled, { type: 'proposed' | 'refused' }>, now: Millis): void {
    const groups = this.#proposed.get(settled.ref);
    if (groups === undefined) throw new Error(`the core settled proposal ${settled.ref}, which nobody made`);
    this.#proposed.delete(settled.ref);
    groups.forEach((group, offset) => {
      group.forEach((proposal, ordinal) => {
        if (settled.type === 'proposed') {
          this.#place(proposal, settled.term, settled.first + offset, ordinal);
        } else if (settled.reason === 'overloaded') {
          this.#refuse(proposal, 'OVERLOADED', OVERLOADED);
        } else {
          this.#turnAway(proposal, now);
        }
      });
    });
  }

  #place(proposal: Proposal, term: Term, index: LogIndex, ordinal: number): void {
    if (proposal.origin.type === 'peer') {
      const { batch, slot } = proposal.origin;
      this.#resolveSlot(batch, slot, { accepted: true, term, index, ordinal });
    } else if (proposal.origin.type === 'client') {
      this.#await(proposal.origin.request, term, index, ordinal);
    } else {
      proposal.origin.placed(index);
    }
  }

  #await(request: WriteRequest, term: Term, index: LogIndex, ordinal: number): void {
    request.mayApply = true;
    this.#placed.add(request, term, index, ordinal);
  }

  /** Known to be lost, hence safe to offer again. */
  #again(request: WriteRequest): void {
    request.mayApply = false;
    this.route(request);
  }

  /** The leader's answer to a batch that this node forwarded. */
  forwardAnswered(peer: NodeId, batch: number, results: readonly ForwardResult[], now: Millis): void {
    const sent = this.#forwarded.get(batch);
    if (sent === undefined || sent.peer !== peer) return;
    this.#forwarded.delete(batch);
    sent.requests.forEach((request, slot) => {
      if (request.settled) return;
      const result = results[slot];
      if (result === undefined) return this.#unknown(request, 'INTERNAL', 'the leader left out an answer');
      if (result.accepted) return this.#await(request, result.term, result.index, result.ordinal);
      request.mayApply = result.outcome === 'unknown';
      if (result.code === 'NO_QUORUM' && !request.mayApply) this.#wait(request, now);
      else this.#answers.failed(request, result.code, result.message, result.outcome);
    });
  }

  /** The link is gone, and with it the answers to whatever was forwarded over it. */
  peerDown(peer: NodeId): void {
    for (const [batch, sent] of this.#forwarded) {
      if (sent.peer !== peer) continue;
      this.#forwarded.delete(batch);
      const message = `the connection to the leader ${peer} broke before it answered`;
      for (const request of sent.requests) this.#unknown(request, 'UNAVAILABLE', message);
    }
  }

  /** Answers the local clients whose requests stood in this entry. */
  applied(entry: Entry, replies: readonly Reply[]): void {
    this.#placed.applied(entry, replies);
  }

  /** Nobody has led for too long: every write that is open here is told so. */
  noQuorum(message: string, now: Millis): void {
    for (const request of this.#waiting.takeAll())
      this.#answers.failed(request, 'NO_QUORUM', message, 'not-applied');
    for (const request of this.#placed.takeAll()) this.#unknown(request, 'NO_QUORUM', message);
    this.#flushOutbound(now);
  }

  #refuse(proposal: Proposal, code: ErrorCode, message: string): void {
    if (proposal.origin.type === 'client') {
      this.#answers.failed(proposal.origin.request, code, message, 'not-applied');
    } else if (proposal.origin.type === 'peer') {
      const { batch, slot } = proposal.origin;
      this.#resolveSlot(batch, slot, { accepted: false, code, message, outcome: 'not-applied' });
    } else {
      proposal.origin.placed(null);
    }
  }

  /** Not led here any more: a local client's write waits for the next leader, another node's goes back to it. */
  #turnAway(proposal: Proposal, now: Millis): void {
    if (proposal.origin.type === 'client') this.#wait(proposal.origin.request, now);
    else if (proposal.origin.type === 'peer')
      this.#resolveSlot(proposal.origin.batch, proposal.origin.slot, batches.notLeading());
    else proposal.origin.placed(null);
  }

  #wait(request: WriteRequest, now: Millis): void {
    if (request.settled) return;
    this.#waiting.push(request);
    this.#retryAt = Math.min(this.#retryAt, now + this.#options.retryMs);
  }

  #unknown(request: WriteRequest, code: ErrorCode, message: string): void {
    this.#answers.failed(request, code, message, 'unknown');
  }

  #resolveSlot(inbound: InboundBatch, slot: number, result: ForwardResult): void {
    const { peer, link, batch } = inbound;
    const results = batches.resultsWith(inbound, slot, result);
    if (results === null || link !== this.#view.linkTo(peer)) return;
    this.#ports.toPeer(peer, { type: 'forwarded', batch, results });
  }
}
