import { invariant } from './assert.ts';
import type { Membership, MembershipAt } from './membership.ts';
import type { LogIndex } from './types.ts';

/**
 * Every membership that the log holds, as a stack. The top is in force from the moment it is appended (Raft §6);
 * truncation pops any number of them, since after a restart it is unknown which were committed (edge case F36).
 */
export class MembershipHistory {
  readonly #stack: MembershipAt[];
  #latest: Membership;

  constructor(memberships: readonly MembershipAt[]) {
    const [genesis] = memberships;
    invariant(genesis !== undefined && genesis.index === 0, 'the history starts with the genesis membership');
    this.#stack = [];
    this.#latest = genesis.membership;
    for (const each of memberships) this.push(each);
  }

  get latest(): Membership {
    return this.#latest;
  }

  /** The membership that the log up to `index` establishes. */
  at(index: LogIndex): Membership {
    for (let i = this.#stack.length - 1; i >= 0; i -= 1) {
      const each = this.#stack[i];
      if (each !== undefined && each.index <= index) return each.membership;
    }
    return this.#latest;
  }

  push(next: MembershipAt): void {
    const top = this.#stack[this.#stack.length - 1];
    invariant(top === undefined || next.index > top.index, 'memberships stand in the order of the log');
    invariant(next.membership.voters.length > 0, 'a membership has a voter');
    this.#stack.push(next);
    this.#latest = next.membership;
  }

  truncateFrom(index: LogIndex): void {
    invariant(index >= 1, 'the genesis membership stays');
    while (this.#stack.length > 1 && (this.#stack[this.#stack.length - 1]?.index ?? 0) >= index) {
      this.#stack.pop();
    }
    const top = this.#stack[this.#stack.length - 1];
    invariant(top !== undefined, 'the genesis membership stays');
    this.#latest = top.membership;
  }
}
