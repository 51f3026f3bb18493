/**
 * Requests that are not in flight: those whose turn it is, first come first served in two lanes, and those that wait
 * before a retry. Bounded in number and bytes, so that a caller who is faster than the cluster hears of it.
 */
import { wantsLeader } from './request.ts';
import { lacksSession } from './session-writes.ts';
import type { Millis, Request } from './request.ts';
import { WAITING_BYTES_MAX, WAITING_MAX } from './timing.ts';

export class WaitingRoom {
  /** Sets, because they keep their order and let go of any member at once. */
  readonly #ownLane = new Set<Request>();
  readonly #leaderLane = new Set<Request>();
  readonly #anyLane = new Set<Request>();
  readonly #delayed = new Set<Request>();
  /** Not later than the earliest end of a delay. */
  #nextDue: Millis = Number.POSITIVE_INFINITY;
  #bytes = 0;

  /** What writes wait for goes before them; a read of whatever state does not queue behind those that only the leader can serve. */
  get lanes(): readonly ReadonlySet<Request>[] {
    return [this.#ownLane, this.#leaderLane, this.#anyLane];
  }

  /** A write waits for a session to be opened. */
  get someLacksSession(): boolean {
    for (const request of this.#leaderLane) if (lacksSession(request)) return true;
    return false;
  }

  get size(): number {
    return this.#ownLane.size + this.#leaderLane.size + this.#anyLane.size + this.#delayed.size;
  }

  get nextDue(): Millis {
    return this.#delayed.size === 0 ? Number.POSITIVE_INFINITY : this.#nextDue;
  }

  /** Only for newcomers: what was admitted once may always come back. */
  hasRoomFor(bytes: number): boolean {
    return this.size < WAITING_MAX && (this.size === 0 || this.#bytes + bytes <= WAITING_BYTES_MAX);
  }

  enqueue(request: Request): void {
    request.place = { at: 'queued' };
    this.#laneOf(request).add(request);
    this.#bytes += request.bytes;
  }

  delay(request: Request, until: Millis): void {
    request.place = { at: 'delayed', until };
    this.#delayed.add(request);
    this.#nextDue = Math.min(this.#nextDue, until);
    this.#bytes += request.bytes;
  }

  remove(request: Request): void {
    const set = request.place.at === 'delayed' ? this.#delayed : this.#laneOf(request);
    if (set.delete(request)) this.#bytes -= request.bytes;
  }

  /** Queues those whose delay is over. */
  endDelays(now: Millis): void {
    if (now < this.nextDue) return;
    this.#nextDue = Number.POSITIVE_INFINITY;
    for (const request of this.#delayed) {
      if (request.place.at !== 'delayed') continue;
      if (request.place.until <= now) this.#endDelay(request);
      else this.#nextDue = Math.min(this.#nextDue, request.place.until);
    }
  }

  /** What they waited for has happened. */
  endDelaysOf(concerned: (request: Request) => boolean): void {
    for (const request of this.#delayed) if (concerned(request)) this.#endDelay(request);
  }

  #endDelay(request: Request): void {
    this.remove(request);
    this.enqueue(request);
  }

  #laneOf(request: Request): Set<Request> {
    if (request.heard !== null) return this.#ownLane;
    return wantsLeader(request.work) ? this.#leaderLane : this.#anyLane;
  }
}
