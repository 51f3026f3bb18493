/**
 * History ends here: what the log has ended is freed piece by piece, and a leader proposes what is to end next. Both
 * are small work between other work; nobody waits for either.
 *
 *   floor moved by `compact`  ─►  a piece freed each turn, until nothing is left below it
 *   leading, every ten seconds ─►  more kept than is to be: a `compact` operation, like any other write
 */
import { compactionDue } from '../kv/compaction.ts';
import type { HistoryKept } from '../kv/compaction.ts';
import type { Operation } from '../kv/operation.ts';
import type { StateMachine } from '../kv/state-machine.ts';
import type { Millis } from '../raft/types.ts';
import type { LeaderView } from './leader-view.ts';

/** Some 0.1 µs each: a piece holds a turn up by about as long as a request does. */
export const EVENTS_PER_TURN = 1_000;
/** A turn each millisecond frees a million events a second, more than a cluster makes. */
const PIECE_EVERY_MS = 1;
/** As often as the state machine takes note of what revision it was at. */
const DECIDE_EVERY_MS = 10_000;

export class HistoryKeeper {
  readonly #machine: StateMachine;
  readonly #view: LeaderView;
  readonly #kept: HistoryKept;
  readonly #propose: (operation: Operation) => void;
  #decideAt: Millis;
  #pieceAt: Millis = Number.POSITIVE_INFINITY;

  constructor(
    machine: StateMachine,
    view: LeaderView,
    kept: HistoryKept,
    propose: (operation: Operation) => void,
    now: Millis,
  ) {
    this.#machine = machine;
    this.#view = view;
    this.#kept = kept;
    this.#propose = propose;
    this.#decideAt = now + DECIDE_EVERY_MS;
  }

  get wakeAt(): Millis {
    return Math.min(this.#pieceAt, this.#view.isLeader ? this.#decideAt : Number.POSITIVE_INFINITY);
  }

  /** Called once in a turn, before what is proposed in it goes to the core. */
  turn(now: Millis): void {
    const freed = this.#machine.cleanUp(EVENTS_PER_TURN);
    this.#pieceAt = freed < EVENTS_PER_TURN ? Number.POSITIVE_INFINITY : now + PIECE_EVERY_MS;
    if (!this.#view.isLeader || now < this.#decideAt) return;
    this.#decideAt = now + DECIDE_EVERY_MS;
    const revision = compactionDue(this.#machine.history, this.#kept);
    if (revision !== null) this.#propose({ type: 'compact', revision });
  }
}
