/**
 * Requests in line for something. One that is settled meanwhile (cancelled, out of time) is let go of when the list
 * has doubled since it was last looked through: a client that keeps asking and giving up fills no memory.
 */
import type { ClientRequest } from './requests.ts';

const LOOK_THROUGH_MIN = 64;

export class WaitingList<R extends ClientRequest> {
  #requests: R[] = [];
  #lookThroughAt = LOOK_THROUGH_MIN;

  /** Some of them may be settled. */
  get length(): number {
    return this.#requests.length;
  }

  push(request: R): void {
    if (this.#requests.length >= this.#lookThroughAt) {
      this.#requests = this.#requests.filter(({ settled }) => !settled);
      this.#lookThroughAt = Math.max(LOOK_THROUGH_MIN, 2 * this.#requests.length);
    }
    this.#requests.push(request);
  }

  /** Takes out all that are still open, in order. */
  takeAll(): R[] {
    const open = this.#requests.filter(({ settled }) => !settled);
    this.#requests = [];
    this.#lookThroughAt = LOOK_THROUGH_MIN;
    return open;
  }
}
