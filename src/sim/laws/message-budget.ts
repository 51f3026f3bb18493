/**
 * Messages per commit are bounded: no busy loop, no storm (raft-core 4.2 item 10; SPEC 8, "no unbounded queue").
 *
 * A purse for the whole cluster. Every message costs 1. What gives a reason to talk pays in:
 *
 *   an entry that reaches a disk              entryPays: it was sent, answered, perhaps again after a loss
 *   a term or a vote that reaches a disk      a round of votes
 *   a read barrier of a leader                a round of appends
 *   time                                      heartbeats of a leader and its rival, and candidates that ask around
 *
 * and the purse holds no more than a window's time pays, so that a quiet hour does not pay for a storm.
 *
 *   3 nodes, heartbeat 50 ms, election timeout from 300 ms: 240 messages a second are paid for, a leader sends 80
 *   n1 and n2 answer each other's answers 5 times a millisecond     <- broken within a window
 */
import { type Law, LawBroken, type Observation } from './law.ts';
import { PerNode } from './per-node.ts';

export interface MessageBudgetOptions {
  readonly heartbeatMs: number;
  readonly electionTimeoutMinMs: number;
  /** @default 2_000 */
  readonly windowMs?: number;
  /**
   * More where the network reorders and an append carries one entry: the window behind a gap is refused and sent again.
   * @default 6: an append and its answer, and twice again
   */
  readonly entryPays?: number;
}

export class MessageBudget implements Law {
  readonly name = 'messages per commit';
  readonly hears = ['sent', 'persist'] as const;
  readonly #round: number;
  readonly #entryPays: number;
  readonly #perMs: number;
  readonly #purseMax: number;
  readonly #windowMs: number;
  readonly #barriers = new PerNode(() => ({ term: 0, readSeq: 0 }));
  #purse: number;
  #paidAt = 0;

  constructor(nodes: number, options: MessageBudgetOptions) {
    const { heartbeatMs, electionTimeoutMinMs, windowMs = 2_000, entryPays = 6 } = options;
    const peers = Math.max(1, nodes - 1);
    this.#round = 2 * peers;
    this.#entryPays = entryPays;
    this.#perMs = (2 * this.#round) / heartbeatMs + (2 * nodes * this.#round) / electionTimeoutMinMs;
    this.#windowMs = windowMs;
    this.#purseMax = this.#perMs * windowMs;
    this.#purse = this.#purseMax;
  }

  observe(observation: Observation, nowMs: number): void {
    if (observation.type === 'persist') {
      const { append, hardState } = observation.write;
      this.#pay(append.length * this.#entryPays + (hardState === null ? 0 : this.#round));
      return;
    }
    if (observation.type !== 'sent') return;
    const { node, message } = observation;
    if (nowMs > this.#paidAt) {
      this.#pay((nowMs - this.#paidAt) * this.#perMs);
      this.#paidAt = nowMs;
    }
    if (message.type === 'append') {
      const barrier = this.#barriers.of(node);
      if (barrier.term !== message.term || message.readSeq > barrier.readSeq) this.#pay(2 * this.#round);
      barrier.term = message.term;
      barrier.readSeq = message.readSeq;
    }
    this.#purse -= 1;
    if (this.#purse >= 0) return;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `for ${this.#windowMs} ms at least, the nodes have sent more messages than ` +
        `time, entries, elections and reads account for; the last is ${message.type} to ${message.to}`,
    );
  }

  #pay(messages: number): void {
    this.#purse = Math.min(this.#purseMax, this.#purse + messages);
  }
}
