/** A connection whose node has welcomed us: what is in flight on it, and when it last said anything. */
import type { ClientLimits, RequestId } from '../../wire/client-protocol.ts';
import type { Millis, Request } from './request.ts';
import { DEAD_MS, LINK_BYTES_MAX, PING_BUSY_MS, PING_IDLE_MS, SUSPECT_MS } from './timing.ts';

/** The skin's name for one socket; never used twice. */
export type ConnectionId = number;

/** What a node says of the cluster's leader. */
export interface LeaderView {
  readonly term: number;
  readonly leader: string | null;
}

export class Link {
  readonly connection: ConnectionId;
  readonly nodeId: string;
  readonly limits: ClientLimits;
  readonly openedAt: Millis;
  readonly inFlight = new Map<RequestId, Request>();
  view: LeaderView;
  /** The node said goodbye, or is no member any more: nothing new goes there, and it closes once it is idle. */
  leaving = false;
  #bytes = 0;
  #heardAt: Millis;
  /** Set while a ping is unanswered. */
  #pingedAt: Millis | null = null;
  #nonce = 0;
  #suspected = false;
  /** Not later than the earliest `moveAt` of all that is in flight. */
  nextMoveAt: Millis = Number.POSITIVE_INFINITY;

  constructor(
    connection: ConnectionId,
    welcome: { readonly nodeId: string; readonly limits: ClientLimits; readonly view: LeaderView },
    now: Millis,
  ) {
    this.connection = connection;
    this.nodeId = welcome.nodeId;
    this.limits = welcome.limits;
    this.view = welcome.view;
    this.openedAt = now;
    this.#heardAt = now;
  }

  /** A request larger than what is left may go only where nothing else is in flight. */
  hasRoomFor(bytes: number): boolean {
    if (this.inFlight.size >= Math.max(1, this.limits.inFlightMax)) return false;
    return this.inFlight.size === 0 || this.#bytes + bytes <= LINK_BYTES_MAX;
  }

  add(request: Request, sentAt: Millis, moveAt: Millis): void {
    request.place = { at: 'inFlight', link: this, sentAt, moveAt };
    this.inFlight.set(request.id, request);
    this.#bytes += request.bytes;
    this.nextMoveAt = Math.min(this.nextMoveAt, moveAt);
  }

  /** What may be asked elsewhere now: all of it when the node is silent, else what has waited long enough. */
  overdue(now: Millis, mayMove: (request: Request) => boolean): readonly Request[] {
    if (now < this.nextMoveAt) return [];
    const suspect = this.isSuspect(now);
    this.nextMoveAt = Number.POSITIVE_INFINITY;
    const movable = [...this.inFlight.values()].filter(mayMove);
    return movable.filter((request) => {
      if (request.place.at !== 'inFlight') return false;
      if (suspect || request.place.moveAt <= now) return true;
      this.nextMoveAt = Math.min(this.nextMoveAt, request.place.moveAt);
      return false;
    });
  }

  /** It stays here, for a while at least. */
  postpone(request: Request, moveAt: Millis): void {
    if (request.place.at === 'inFlight') request.place = { ...request.place, moveAt };
    this.nextMoveAt = Math.min(this.nextMoveAt, moveAt);
  }

  /** The request is no longer in flight here; undefined when it was not. */
  release(id: RequestId): Request | undefined {
    const request = this.inFlight.get(id);
    if (request === undefined) return undefined;
    this.inFlight.delete(id);
    this.#bytes -= request.bytes;
    return request;
  }

  /** Any frame is a sign of life. */
  heard(now: Millis): void {
    this.#heardAt = now;
    this.#pingedAt = null;
    this.#suspected = false;
  }

  /** True once for each silence that makes the node suspect. */
  becomesSuspect(now: Millis): boolean {
    if (this.#suspected || !this.isSuspect(now)) return false;
    this.#suspected = true;
    return true;
  }

  /** Silent for so long that nothing new is entrusted to it. */
  isSuspect(now: Millis): boolean {
    return this.#pingedAt !== null && now >= this.#pingedAt + SUSPECT_MS;
  }

  isDead(now: Millis): boolean {
    return this.#pingedAt !== null && now >= this.#pingedAt + DEAD_MS;
  }

  silentMs(now: Millis): Millis {
    return now - this.#heardAt;
  }

  /** The nonce of a ping to send now; null when none is due. */
  ping(now: Millis): number | null {
    if (this.#pingedAt !== null || now < this.#pingAt()) return null;
    this.#pingedAt = now;
    this.#nonce += 1;
    return this.#nonce;
  }

  #pingAt(): Millis {
    return this.#heardAt + (this.inFlight.size > 0 ? PING_BUSY_MS : PING_IDLE_MS);
  }

  /** We were paused: a ping that is unanswered since may have been answered. */
  forgive(pausedMs: Millis): void {
    if (this.#pingedAt !== null) this.#pingedAt += pausedMs;
  }

  wakeAt(now: Millis): Millis {
    if (this.#pingedAt === null) return this.#pingAt();
    return this.isSuspect(now) ? this.#pingedAt + DEAD_MS : this.#pingedAt + SUSPECT_MS;
  }
}
