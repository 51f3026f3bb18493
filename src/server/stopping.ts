/**
 * A graceful stop costs clients nothing: they are told to go elsewhere, leadership is handed over while there is
 * still somebody to hand it, and what is open is answered before the connections close (thesis §3.10).
 */
import type { Raft } from '../raft/raft.ts';
import type { Millis } from '../raft/types.ts';
import type { ClientSessions } from './client-sessions.ts';
import type { LeaderView } from './leader-view.ts';
import type { LoopPorts } from './loop-io.ts';

/** Clients that have not left by then are cut off. */
const GRACE_MS = 3_000;
/** Followers that have not heard of the successor yet still hand their clients' writes to this node: it says no to them. */
const LINGER_MS = 100;
/** Whoever was to follow may not have come through, and then this node may be elected once more while it drains. */
const HAND_OVER_EVERY_MS = 100;

type Phase = 'running' | 'handing-over' | 'draining' | 'stopped';

/** Of the transfer this node asks for; there is one at a time. */
const TRANSFER_REF = 0;

export class Stopping {
  readonly #raft: Raft;
  readonly #view: LeaderView;
  readonly #clients: ClientSessions;
  readonly #ports: LoopPorts;
  #phase: Phase = 'running';
  #deadline: Millis = Number.POSITIVE_INFINITY;
  /** Not before: other nodes may still ask something of this one. */
  #lingerUntil: Millis = 0;
  #handsOver = false;
  #handOverAt: Millis = 0;

  constructor(raft: Raft, view: LeaderView, clients: ClientSessions, ports: LoopPorts) {
    this.#raft = raft;
    this.#view = view;
    this.#clients = clients;
    this.#ports = ports;
  }

  get wakeAt(): Millis {
    if (this.#phase === 'stopped') return Number.POSITIVE_INFINITY;
    if (this.#phase !== 'draining') return this.#deadline;
    const lingers = this.#clients.connectionCount === 0;
    const leads = this.#view.isLeader && !this.#handsOver;
    const never = Number.POSITIVE_INFINITY;
    return Math.min(lingers ? this.#lingerUntil : never, leads ? this.#handOverAt : never, this.#deadline);
  }

  begin(now: Millis): void {
    if (this.#phase !== 'running') return;
    this.#deadline = now + GRACE_MS;
    if (this.#view.isLeader) {
      this.#phase = 'handing-over';
      this.#handOver(now);
    } else {
      this.#drain();
    }
  }

  /** Before the core's turn. */
  turn(now: Millis): void {
    const leads = this.#phase === 'draining' && this.#view.isLeader;
    if (leads && !this.#handsOver && now >= this.#handOverAt) this.#handOver(now);
  }

  #handOver(now: Millis): void {
    this.#handsOver = true;
    this.#handOverAt = now + HAND_OVER_EVERY_MS;
    this.#raft.step({ type: 'transfer', ref: TRANSFER_REF, to: null }, now);
  }

  /** Whether or not a successor took over, clients have to go now. */
  transferred(ok: boolean, now: Millis): void {
    this.#handsOver = false;
    if (ok) this.#lingerUntil = now + LINGER_MS;
    if (this.#phase === 'handing-over') this.#drain();
  }

  #drain(): void {
    this.#phase = 'draining';
    this.#clients.sayGoodbye();
  }

  check(now: Millis): void {
    if (this.#phase === 'running' || this.#phase === 'stopped') return;
    const drained =
      this.#phase === 'draining' && this.#clients.connectionCount === 0 && now >= this.#lingerUntil;
    if (!drained && now < this.#deadline) return;
    this.#phase = 'stopped';
    this.#ports.stopped();
  }
}
