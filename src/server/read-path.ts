/**
 * A linearizable read, from admission to answer (ReadIndex, thesis §6.4):
 *
 *   admitted ─► asked: a quorum confirms the leader after the read began ─► index ─► applied ≥ index: answered
 *
 * Any node serves it: a follower asks the leader for the index and answers from its own state. All reads of a turn
 * share one question; a follower has at most one question open, and reads that arrive meanwhile go into the next,
 * because an answer says nothing about a read that began after its question was sent (edge case D28).
 */
import type { Raft } from '../raft/raft.ts';
import type { Settled } from '../raft/io.ts';
import type { LogIndex, Millis, NodeId, Ref } from '../raft/types.ts';
import type { LeaderView } from './leader-view.ts';
import type { LoopPorts } from './loop-io.ts';
import type { ReadRequest } from './requests.ts';
import { WaitingList } from './waiting-list.ts';

type Asker =
  | { readonly type: 'clients'; readonly requests: readonly ReadRequest[] }
  | { readonly type: 'peer'; readonly peer: NodeId; readonly link: number | null; readonly batch: number };

/** A question to the leader that has not been answered. */
interface OpenQuestion {
  readonly peer: NodeId;
  readonly batch: number;
  readonly requests: readonly ReadRequest[];
}

export class ReadPath {
  readonly #raft: Raft;
  readonly #view: LeaderView;
  readonly #ports: LoopPorts;
  readonly #answer: (request: ReadRequest) => void;
  readonly #retryMs: Millis;

  /** Admitted, not asked for yet. */
  readonly #fresh = new WaitingList<ReadRequest>();
  #question: OpenQuestion | null = null;
  /** Confirmed at an index that is not applied yet, or asked for a revision that is not here yet. */
  #confirmed: { readonly index: LogIndex; readonly requests: readonly ReadRequest[] }[] = [];
  readonly #behind = new WaitingList<ReadRequest>();
  readonly #asked = new Map<Ref, Asker>();
  #nextRef: Ref = 1;
  #nextBatch = 1;
  #notBefore: Millis = 0;

  constructor(
    raft: Raft,
    view: LeaderView,
    ports: LoopPorts,
    answer: (request: ReadRequest) => void,
    retryMs: Millis,
  ) {
    this.#raft = raft;
    this.#view = view;
    this.#ports = ports;
    this.#answer = answer;
    this.#retryMs = retryMs;
  }

  get wakeAt(): Millis {
    const idle = this.#fresh.length === 0 || this.#question !== null;
    return idle || this.#notBefore === 0 ? Number.POSITIVE_INFINITY : this.#notBefore;
  }

  /** Words that are owed: by the core on barriers, by the leader on a question, by the log on what was confirmed. */
  get unanswered(): number {
    return this.#asked.size + this.#confirmed.length + (this.#question === null ? 0 : 1);
  }

  admit(request: ReadRequest): void {
    this.#fresh.push(request);
  }

  /** Waits for a state at least as new as the request wants. */
  admitBehind(request: ReadRequest): void {
    this.#behind.push(request);
  }

  /** Another node asks for a read index on behalf of its clients. */
  askedByPeer(peer: NodeId, batch: number, now: Millis): void {
    if (!this.#view.isLeader) return this.#ports.toPeer(peer, { type: 'readIndexReply', batch, index: null });
    this.#ask({ type: 'peer', peer, link: this.#view.linkTo(peer), batch }, now);
  }

  flush(now: Millis): void {
    if (now < this.#notBefore) return;
    // The wait is over; whatever else these reads wait for wakes the loop by itself.
    this.#notBefore = 0;
    if (this.#fresh.length === 0) return;
    if (this.#view.isLeader) {
      const requests = this.#takeFresh();
      if (requests.length > 0) this.#ask({ type: 'clients', requests }, now);
      return;
    }
    const leader = this.#view.reachableLeader;
    if (leader === null || this.#question !== null) return;
    const requests = this.#takeFresh();
    if (requests.length === 0) return;
    const batch = this.#nextBatch++;
    this.#question = { peer: leader, batch, requests };
    this.#ports.toPeer(leader, { type: 'readIndex', batch });
  }

  #takeFresh(): ReadRequest[] {
    this.#notBefore = 0;
    return this.#fresh.takeAll();
  }

  #ask(asker: Asker, now: Millis): void {
    const ref = this.#nextRef++;
    this.#asked.set(ref, asker);
    this.#raft.step({ type: 'read', ref }, now);
  }

  /** The core's word on a barrier. */
  barrierSettled(
    settled: Extract<Settled, { type: 'readable' | 'unreadable' }>,
    applied: LogIndex,
    now: Millis,
  ): void {
    const asker = this.#asked.get(settled.ref);
    if (asker === undefined) throw new Error(`the core settled read ${settled.ref}, which nobody asked for`);
    this.#asked.delete(settled.ref);
    const index = settled.type === 'readable' ? settled.index : null;
    if (asker.type === 'peer') {
      if (asker.link !== this.#view.linkTo(asker.peer)) return;
      this.#ports.toPeer(asker.peer, { type: 'readIndexReply', batch: asker.batch, index });
    } else {
      this.#resolve(asker.requests, index, applied, now);
    }
  }

  /** The leader's answer to this node's question. */
  questionAnswered(
    peer: NodeId,
    batch: number,
    index: LogIndex | null,
    applied: LogIndex,
    now: Millis,
  ): void {
    const question = this.#question;
    if (question === null || question.peer !== peer || question.batch !== batch) return;
    this.#question = null;
    this.#resolve(question.requests, index, applied, now);
  }

  #resolve(requests: readonly ReadRequest[], index: LogIndex | null, applied: LogIndex, now: Millis): void {
    if (index === null) {
      for (const request of requests) this.#fresh.push(request);
      this.#notBefore = now + this.#retryMs;
    } else if (index <= applied) {
      for (const request of requests) this.#answer(request);
    } else {
      this.#confirmed.push({ index, requests });
    }
  }

  /** The leader changed, or the link to it broke: an open question may never be answered, so it is asked again. */
  reask(): void {
    if (this.#question !== null) {
      for (const request of this.#question.requests) this.#fresh.push(request);
      this.#question = null;
    }
    this.#notBefore = 0;
  }

  peerDown(peer: NodeId): void {
    if (this.#question?.peer === peer) this.reask();
  }

  /** The state has moved: answer what waited for it. */
  applied(applied: LogIndex, revision: number): void {
    if (this.#confirmed.length > 0) {
      const due = this.#confirmed.filter((waiting) => waiting.index <= applied);
      this.#confirmed = this.#confirmed.filter((waiting) => waiting.index > applied);
      for (const { requests } of due) for (const request of requests) this.#answer(request);
    }
    if (this.#behind.length > 0) {
      for (const request of this.#behind.takeAll()) {
        if (request.minRevision <= revision) this.#answer(request);
        else this.#behind.push(request);
      }
    }
  }

  /** Nobody has led for too long: every read that needs a leader is told so. */
  noQuorum(refuse: (request: ReadRequest) => void): void {
    this.reask();
    for (const request of this.#fresh.takeAll()) refuse(request);
  }
}
