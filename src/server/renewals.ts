/**
 * Renewals of leases and sessions on their way into the log: they wait for each other, so that however many clients
 * keep alive, at most one entry every 50 ms holds all of theirs (SPEC 4).
 */
import type { Millis } from '../raft/types.ts';
import { kindOf } from '../wire/acknowledged-operation.ts';
import { KIND } from '../wire/operation-kinds.ts';
import type { Proposal } from './write-batches.ts';

export const RENEWALS_EVERY_MS = 50;

export function isRenewal(operation: Uint8Array): boolean {
  const kind = kindOf(operation);
  return kind === KIND.leaseRenew || kind === KIND.sessionRenew;
}

export class Renewals {
  #held: Proposal[] = [];
  #notBefore: Millis = 0;

  /** When they go; never while there are none. */
  get dueAt(): Millis {
    return this.#held.length === 0 ? Number.POSITIVE_INFINITY : this.#notBefore;
  }

  get size(): number {
    return this.#held.length;
  }

  /** Whether it was one of them, and is held now. */
  hold(proposal: Proposal): boolean {
    const isOne = isRenewal(proposal.encoded.operation);
    if (isOne) this.#held.push(proposal);
    return isOne;
  }

  /** All of them, when their time has come. */
  take(now: Millis): readonly Proposal[] {
    if (this.#held.length === 0 || now < this.#notBefore) return [];
    this.#notBefore = now + RENEWALS_EVERY_MS;
    const taken = this.#held;
    this.#held = [];
    return taken;
  }
}
