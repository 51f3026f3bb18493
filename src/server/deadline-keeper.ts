/**
 * Leases and sessions end here: a leader looks now and then whose deadline has come, by the cluster time that its next
 * entry would be stamped with, and proposes their end in its own term. Each errand has one entry on its way at most, of
 * bounded size, so that 20,000 leases that end together take turns with everybody's writes.
 *
 *   look ─► nothing due: look again in 50 ms
 *        └► proposed ─► stands at an index ─► applied: look again at once
 *
 * What was due may have been renewed before its end is applied: the state machine looks again. A term that has passed
 * ends nothing, so all of this is forgotten with the leadership.
 */
import type { Operation } from '../kv/operation.ts';
import type { StateMachine } from '../kv/state-machine.ts';
import type { LogIndex, Millis, Term } from '../raft/types.ts';
import type { ClusterClock } from './cluster-clock.ts';
import type { LeaderView } from './leader-view.ts';

export const LOOK_EVERY_MS = 50;
/** Keys and leases that end in one entry: some 2 ms. One lease goes whole, however many keys it has. */
const LEASES_AT_ONCE = 1_024;
const SESSIONS_AT_ONCE = 256;
/**
 * While there are leases, the log has a stamp at least this often: the next leader goes on from the last one, and what
 * has passed since then comes on top of every TTL.
 */
export const MARK_EVERY_MS = 250;

/** `placed` hears where it stands, or null when it came into no log. */
export type Propose = (operation: Operation, placed: (index: LogIndex | null) => void) => void;

/** What may be due at a cluster time. */
type Look = (timeMs: Millis, term: Term) => Operation | null;

export class DeadlineKeeper {
  readonly #machine: StateMachine;
  readonly #view: LeaderView;
  readonly #clock: ClusterClock;
  readonly #propose: Propose;
  readonly #errands: readonly Errand[];
  #term: Term | null = null;
  #lookAt: Millis = 0;

  constructor(machine: StateMachine, view: LeaderView, clock: ClusterClock, propose: Propose) {
    this.#machine = machine;
    this.#view = view;
    this.#clock = clock;
    this.#propose = propose;
    const looks: readonly Look[] = [
      (timeMs, term) => expiry('leaseExpire', machine.leasesDue(timeMs, LEASES_AT_ONCE), term),
      (timeMs, term) => expiry('sessionExpire', machine.sessionsDue(timeMs, SESSIONS_AT_ONCE), term),
      (timeMs) => this.#mark(timeMs),
    ];
    this.#errands = looks.map((look) => new Errand(look));
  }

  get wakeAt(): Millis {
    if (this.#term === null || !this.#hasDeadlines) return Number.POSITIVE_INFINITY;
    return this.#errands.some((errand) => errand.isDone(this.#machine.appliedIndex)) ? 0 : this.#lookAt;
  }

  get #hasDeadlines(): boolean {
    return this.#machine.leaseCount > 0 || this.#machine.sessionCount > 0;
  }

  /** Called once in a turn, before what is proposed in it goes to the core. */
  turn(now: Millis): void {
    const term = this.#view.isLeader ? this.#view.term : null;
    if (term !== this.#term) {
      this.#term = term;
      this.#lookAt = now;
      for (const errand of this.#errands) errand.forget();
    }
    if (term === null) return;
    const { appliedIndex } = this.#machine;
    const due = now >= this.#lookAt;
    if (due) this.#lookAt = now + LOOK_EVERY_MS;
    if (!this.#hasDeadlines) return;
    const timeMs = this.#clock.stamp(now);
    for (const errand of this.#errands) {
      if (errand.isDone(appliedIndex) || (due && errand.isIdle)) errand.run(timeMs, term, this.#propose);
    }
  }

  /** An entry for its stamp alone: it renews nobody. */
  #mark(timeMs: Millis): Operation | null {
    const { leaseCount, clusterTimeMs } = this.#machine;
    if (leaseCount === 0 || timeMs < clusterTimeMs + MARK_EVERY_MS) return null;
    return { type: 'leaseRenew', ids: [] };
  }
}

function expiry(type: 'leaseExpire' | 'sessionExpire', ids: readonly bigint[], term: Term): Operation | null {
  return ids.length === 0 ? null : { type, ids, term };
}

/** One thing to be looked after, with at most one entry on its way. */
class Errand {
  readonly #look: Look;
  #entry: LogIndex | 'proposed' | null = null;
  /** Tells the word on an entry of an earlier term from that on this one's. */
  #round = 0;

  constructor(look: Look) {
    this.#look = look;
  }

  get isIdle(): boolean {
    return this.#entry === null;
  }

  isDone(appliedIndex: LogIndex): boolean {
    return typeof this.#entry === 'number' && this.#entry <= appliedIndex;
  }

  forget(): void {
    this.#entry = null;
    this.#round += 1;
  }

  run(timeMs: Millis, term: Term, propose: Propose): void {
    const operation = this.#look(timeMs, term);
    this.forget();
    if (operation === null) return;
    this.#entry = 'proposed';
    const round = this.#round;
    propose(operation, (index) => {
      if (round === this.#round) this.#entry = index;
    });
  }
}
