/**
 * Every request that a caller waits for. Each is settled exactly once, at its deadline at the latest, and a write is
 * sent again only when it is known that no node can still apply what was sent before.
 */
import { fromFailedMessage } from '../../wire/failures.ts';
import type { ServerMessage } from '../../wire/client-protocol.ts';
import type { QuorateError } from '../../wire/errors.ts';
import type { EngineOptions } from './engine.ts';
import * as failures from './failures.ts';
import type { Link } from './link.ts';
import type { Outbox } from './outbox.ts';
import { answers, countsTwice, isWrite, messageFor, newRequest } from './request.ts';
import type { Answer, Millis, ReadAnswer, Request, Settlement, Work, Written } from './request.ts';
import { RequestIds } from './request-ids.ts';
import { RetryBudget, retryDelayMs } from './retry-policy.ts';
import type { Random } from './retry-policy.ts';
import { hasAlternative, route } from './routing.ts';
import type { Routes } from './routing.ts';
import { SessionKeeper } from './session-keeper.ts';
import type { SessionOptions } from './session-keeper.ts';
import { hasSlot, lacksSession, settleSlot, wordOn } from './session-writes.ts';
import { ANSWER_MARGIN_MAX_MS, ANSWER_MARGIN_SHARE, FAREWELL_MS, MOVE_MIN_MS, MOVE_SHARE } from './timing.ts';
import { WaitingRoom } from './waiting-room.ts';

type Failed = Extract<ServerMessage, { type: 'failed' }>;

export class Requests {
  readonly #outbox: Outbox;
  readonly #random: Random;
  readonly #retry: boolean;
  readonly #ids = new RequestIds();
  readonly #open = new Map<number, Request>();
  readonly #waiting = new WaitingRoom();
  readonly #greetings = new Set<Request>();
  readonly #budget = new RetryBudget();
  /** Null: every write stands for itself. */
  readonly sessions: SessionKeeper | null;
  #settled: Settlement[] = [];
  /** Not later than the earliest deadline of all open requests. */
  #nextDeadline: Millis = Number.POSITIVE_INFINITY;

  constructor(
    outbox: Outbox,
    random: Random,
    options: Pick<EngineOptions, 'retry' | 'sessions' | 'sessionTtlMs'>,
  ) {
    this.#outbox = outbox;
    this.#random = random;
    this.#retry = options.retry;
    this.sessions = options.sessions ? this.#keeper(options) : null;
  }

  #keeper(options: SessionOptions): SessionKeeper {
    const requests = {
      ask: this.submit.bind(this),
      telling: (id: number) => this.#open.get(id)?.telling ?? null,
      refused: (error: QuorateError) => this.#failWhere(lacksSession, failures.noSession(error)),
    };
    return new SessionKeeper(requests, options);
  }

  get openCount(): number {
    return this.#open.size;
  }

  submit(work: Work, timeoutMs: Millis, now: Millis, heard: Request['heard'] = null): number {
    const request = newRequest(this.#ids.take(this.#open), work, timeoutMs, now, heard);
    const isSmall = work.kind === 'greeting' || heard !== null;
    const admitted = isSmall || this.#waiting.hasRoomFor(request.bytes);
    this.#open.set(request.id, request);
    this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
    if (!admitted) this.#fail(request, failures.queueFull());
    else if (work.kind === 'greeting') this.#greetings.add(request);
    else this.#waiting.enqueue(request);
    return request.id;
  }

  /** The caller gives up. */
  abort(id: number, reason: unknown): void {
    const request = this.#open.get(id);
    if (request !== undefined) this.#giveUp(request, failures.abortedBy(request, reason));
  }

  /** Somebody is there. */
  greeted(): void {
    for (const request of this.#greetings) this.#succeed(request, { type: 'greeted' });
  }

  /** False when the node answered something that was not asked: it is not to be trusted with anything else. */
  answered(link: Link, message: Written | ReadAnswer, now: Millis): boolean {
    const request = link.inFlight.get(message.id);
    // An answer to what was cancelled or moved meanwhile.
    if (request === undefined) return true;
    if (!answers(request, message)) return false;
    const word = message.type === 'written' ? wordOn(request, message, this.sessions) : 'final';
    if (word === 'final') {
      this.#succeed(request, message);
      return true;
    }
    link.release(request.id);
    if (word === 'anew') request.slot = null;
    this.#waiting.delay(request, word === 'anew' ? now : now + retryDelayMs(request.attempts, this.#random));
    return true;
  }

  refused(link: Link, failed: Failed, now: Millis): void {
    const request = link.inFlight.get(failed.id);
    if (request === undefined) return;
    const error = fromFailedMessage(failed);
    const safe = !countsTwice(request) || error.outcome === 'not-applied';
    // A node's TIMEOUT means that the caller's time is up as well.
    if (!this.#retry || !safe || !error.retryable || error.code === 'TIMEOUT') {
      return this.#fail(request, failures.lastWord(request, error));
    }
    link.release(request.id);
    request.unsure ||= error.outcome === 'unknown';
    request.telling = failures.moreTelling(request.telling, error);
    request.avoid = link;
    const atLeastMs = error.details.retryAfterMs ?? 0;
    const leaves = error.code === 'SHUTTING_DOWN' && request.attempts === 1;
    const delayMs = leaves ? 0 : atLeastMs + retryDelayMs(request.attempts, this.#random);
    this.#waiting.delay(request, now + delayMs);
  }

  /** The connection is gone: a read can be asked elsewhere, of a write nobody knows. */
  linkLost(link: Link, failure: QuorateError, now: Millis): void {
    for (const request of link.inFlight.values()) {
      const error = failures.connectionLost(request, link, failure);
      if (countsTwice(request) || !this.#retry) {
        this.#fail(request, error);
        continue;
      }
      link.release(request.id);
      request.unsure ||= isWrite(request);
      request.telling = failures.moreTelling(request.telling, error);
      const delayMs = request.attempts === 1 ? 0 : retryDelayMs(request.attempts, this.#random);
      this.#waiting.delay(request, now + delayMs);
    }
  }

  /** There is a leader again: those who were told that there is none need not wait any longer. */
  leaderFound(): void {
    this.#waiting.endDelaysOf((request) => {
      const concerned = request.telling?.code === 'NO_QUORUM';
      if (concerned) request.freePass = true;
      return concerned;
    });
  }

  /** Nobody will ever serve these. */
  failWaiting(error: QuorateError): void {
    this.#failWhere(({ place }) => place.at !== 'inFlight', error);
  }

  #failWhere(concerned: (request: Request) => boolean, error: QuorateError): void {
    for (const request of this.#open.values()) if (concerned(request)) this.#fail(request, error);
  }

  /** Settles those whose deadline has come. `whyWaiting`: what kept a request from being sent. */
  expire(now: Millis, whyWaiting: (request: Request) => QuorateError): void {
    if (now < this.#nextDeadline) return;
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const request of this.#open.values()) {
      if (request.deadline > now) {
        this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
        continue;
      }
      const { place } = request;
      const final =
        place.at === 'inFlight' ? failures.noAnswer(request, place.link, now) : whyWaiting(request);
      this.#giveUp(request, failures.lastWord(request, final));
    }
  }

  /** Queues those that have waited long enough before a retry. */
  endDelays(now: Millis): void {
    this.#waiting.endDelays(now);
  }

  /** What may be repeated is asked elsewhere when its connection has gone silent, or has not answered for long. */
  moveRepeatable(link: Link, routes: Routes, now: Millis): void {
    if (this.#retry && link.becomesSuspect(now)) link.nextMoveAt = now;
    const elsewhere = hasAlternative(link, routes);
    for (const request of link.overdue(now, (other) => !countsTwice(other))) {
      if (!elsewhere || !this.#budget.hasToken(now)) {
        link.postpone(request, now + MOVE_MIN_MS);
        continue;
      }
      this.#recall(request, link);
      request.unsure ||= isWrite(request);
      request.avoid = link;
      this.#waiting.enqueue(request);
    }
  }

  /** Sends whatever has somewhere to go. */
  dispatch(routes: Routes, now: Millis): void {
    this.sessions?.advance(now, () => this.#waiting.someLacksSession);
    if (routes.links.length === 0) return;
    for (const lane of this.#waiting.lanes) {
      for (const request of lane) {
        const link = route(request, routes);
        if (link === null) break;
        if (!hasSlot(request, this.sessions)) continue;
        this.#waiting.remove(request);
        if (!this.#mayTry(request, now)) {
          this.#waiting.delay(request, this.#budget.availableAt(now));
        } else {
          this.#send(request, link, now);
        }
      }
    }
  }

  #mayTry(request: Request, now: Millis): boolean {
    return request.attempts === 0 || request.freePass || this.#budget.take(now);
  }

  #send(request: Request, link: Link, now: Millis): void {
    const { requestBytesMax } = link.limits;
    if (request.bytes > requestBytesMax) {
      return this.#fail(request, failures.requestTooLarge(request.bytes, requestBytesMax));
    }
    if (request.attempts === 0) this.#budget.firstAttempt();
    request.attempts += 1;
    request.freePass = false;
    const leftMs = request.deadline - now;
    const patienceMs = this.#retry ? Math.max(MOVE_MIN_MS, leftMs * MOVE_SHARE) : Number.POSITIVE_INFINITY;
    link.add(request, now, now + patienceMs);
    const marginMs = Math.min(ANSWER_MARGIN_MAX_MS, leftMs * ANSWER_MARGIN_SHARE);
    const timeoutMs = Math.max(1, Math.floor(leftMs - marginMs));
    this.#outbox.add(link.connection, messageFor(request, timeoutMs), request.bytes);
  }

  closeAll(): void {
    for (const request of this.#open.values()) {
      this.#fail(request, failures.clientClosed(failures.effectSoFar(request)));
    }
  }

  /** The cluster need not keep the session any longer. It is not waited for. */
  sayFarewell(link: Link): void {
    const operation = this.sessions?.farewell() ?? null;
    if (operation === null) return;
    const request = newRequest(this.#ids.take(this.#open), { kind: 'repeat', operation }, FAREWELL_MS, 0);
    this.#outbox.add(link.connection, messageFor(request, FAREWELL_MS), request.bytes);
  }

  take(): readonly Settlement[] {
    const settled = this.#settled;
    this.#settled = [];
    return settled;
  }

  wakeAt(links: Iterable<Link>): Millis {
    if (this.#open.size === 0) return this.sessions?.wakeAt ?? Number.POSITIVE_INFINITY;
    let wakeAt = Math.min(this.#nextDeadline, this.#waiting.nextDue, this.sessions?.wakeAt ?? Infinity);
    for (const link of links) if (link.inFlight.size > 0) wakeAt = Math.min(wakeAt, link.nextMoveAt);
    return wakeAt;
  }

  /** Nobody waits for the answer any more; the node need not work for it. */
  #giveUp(request: Request, error: QuorateError): void {
    if (request.place.at === 'inFlight') this.#recall(request, request.place.link);
    this.#fail(request, error);
  }

  #recall(request: Request, link: Link): void {
    if (link.release(request.id) === undefined) return;
    this.#outbox.add(link.connection, { type: 'cancel', id: request.id });
  }

  #succeed(request: Request, answer: Answer): void {
    if (!this.#leave(request)) return;
    settleSlot(request, null);
    this.#tell(request, { id: request.id, ok: true, answer });
  }

  #fail(request: Request, error: QuorateError): void {
    const known = failures.asFarAsKnown(request, error);
    if (!this.#leave(request)) return;
    this.#tell(request, { id: request.id, ok: false, error: settleSlot(request, known) ?? known });
  }

  #tell(request: Request, settlement: Settlement): void {
    if (request.heard === null) this.#settled.push(settlement);
    else request.heard(settlement);
  }

  /** True once for each request. */
  #leave(request: Request): boolean {
    const { place } = request;
    if (place.at === 'settled') return false;
    if (place.at === 'inFlight') place.link.release(request.id);
    else if (!this.#greetings.delete(request)) this.#waiting.remove(request);
    request.place = { at: 'settled' };
    this.#open.delete(request.id);
    return true;
  }
}
