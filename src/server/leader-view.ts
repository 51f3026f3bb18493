import type { Leadership, Role } from '../raft/io.ts';
import type { Millis, NodeId, Term } from '../raft/types.ts';

/** Who leads, as this node knows it, and since when nobody does. */
export class LeaderView {
  readonly self: NodeId;
  #term: Term = 0;
  #leader: NodeId | null = null;
  #role: Role = 'follower';
  /** When the last leader was lost; meaningful while there is none. */
  #lostAt: Millis;
  readonly #links = new Map<NodeId, number>();
  #linksEver = 0;

  constructor(self: NodeId, now: Millis) {
    this.self = self;
    this.#lostAt = now;
  }

  get term(): Term {
    return this.#term;
  }

  get leader(): NodeId | null {
    return this.#leader;
  }

  get role(): Role {
    return this.#role;
  }

  get isLeader(): boolean {
    return this.#role === 'leader';
  }

  /** The leader, when it is another node and a link to it is up: where requests can be handed to. */
  get reachableLeader(): NodeId | null {
    if (this.#leader === null || this.#leader === this.self || !this.#links.has(this.#leader)) return null;
    return this.#leader;
  }

  /** How long there has been no leader; 0 while there is one. */
  leaderlessMs(now: Millis): Millis {
    return this.#leader === null ? now - this.#lostAt : 0;
  }

  update(leadership: Leadership, now: Millis): void {
    if (this.#leader !== null && leadership.leader === null) this.#lostAt = now;
    this.#term = leadership.term;
    this.#leader = leadership.leader;
    this.#role = leadership.role;
  }

  linkUp(peer: NodeId): void {
    this.#linksEver += 1;
    this.#links.set(peer, this.#linksEver);
  }

  linkDown(peer: NodeId): void {
    this.#links.delete(peer);
  }

  /**
   * Which link to the peer is up, by a number that never comes again; null for none. A question is answered over the
   * link it came by or not at all: behind the next one may be another process, which counts its questions from 1 too.
   */
  linkTo(peer: NodeId): number | null {
    return this.#links.get(peer) ?? null;
  }
}
