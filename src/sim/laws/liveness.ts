/**
 * What must come true once a quorum is healed (issue 3; raft-core 4.2 item 10; TigerBeetle's liveness mode). Unlike a
 * law, which is broken by what happens, this is broken by what does not happen, so somebody has to ask: the simulator
 * says when faults end and begin, and on which nodes (the core), and calls `check` now and then.
 *
 *   healed ────── leaderWithinMs ────▶ one leader that all running nodes of the core follow, and it stays
 *          ────── progressWithinMs ──▶ a client's write is acknowledged
 *   loadStopped ─ convergeWithinMs ──▶ they have all applied the same index, with the same digest
 *
 *   n1 leads term 7 at 900 ms, n2 leads term 8 at 4,000 ms, nobody failed in between      <- broken: not stable
 */
import type { NodeId, RaftStatus } from '../../raft/index.ts';
import { LawBroken, type Observation } from './law.ts';
import { PerNode } from './per-node.ts';

export interface LivenessOptions {
  readonly leaderWithinMs: number;
  readonly progressWithinMs: number;
  readonly convergeWithinMs: number;
}

/** Bounds in election timeouts: 4 for a leader (issue 3), and as long again for what a client sees of it. */
export function livenessOptions(electionTimeoutMaxMs: number): LivenessOptions {
  return {
    leaderWithinMs: 4 * electionTimeoutMaxMs,
    progressWithinMs: 8 * electionTimeoutMaxMs,
    convergeWithinMs: 8 * electionTimeoutMaxMs,
  };
}

interface Seen {
  running: boolean;
  /** It has started, and has not heard of the leader yet. */
  joining: boolean;
  term: number;
  leader: NodeId | null;
  applied: number;
  digestAt: number;
  digest: string | null;
}

const LEADER = 'a leader after healing';
const STABLE = 'a stable leader';
const PROGRESS = 'progress after healing';
const CONVERGE = 'convergence';
/** Longer than a heartbeat and a sync together take when nothing fails. */
const IN_FLIGHT_MS = 500;

export class Liveness {
  readonly #options: LivenessOptions;
  readonly #nodes = new PerNode<Seen>(() => ({
    running: false,
    joining: false,
    term: 0,
    leader: null,
    applied: 0,
    digestAt: 0,
    digest: null,
  }));
  /** null while faults are on. */
  #healedAtMs: number | null = null;
  #loadStoppedAtMs: number | null = null;
  #core: readonly NodeId[] = [];
  #progressed = false;
  /** The highest index that anybody has applied, and since when. */
  #top = { applied: 0, atMs: 0 };
  /** The leadership that must stay, once the time for finding it is over. */
  #stable: { readonly term: number; readonly leader: NodeId } | null = null;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** From now on nothing fails on these nodes; of the others, which stay down, frozen or cut off, nothing is demanded. */
  healed(core: readonly NodeId[], nowMs: number): void {
    this.#healedAtMs = nowMs;
    this.#core = core;
    this.#loadStoppedAtMs = null;
    this.#progressed = false;
    this.#stable = null;
  }

  /** Faults begin again: nothing is demanded until the next healing. */
  disturbed(): void {
    this.#healedAtMs = null;
  }

  /** A client heard that its write is applied. */
  acknowledged(): void {
    this.#progressed = true;
  }

  /** No client writes any more. */
  loadStopped(nowMs: number): void {
    this.#loadStoppedAtMs = nowMs;
  }

  /** @throws LawBroken */
  observe(observation: Observation, nowMs: number): void {
    const seen = this.#nodes.of(observation.node);
    switch (observation.type) {
      case 'started':
        seen.running = true;
        seen.joining = true;
        seen.term = 0;
        seen.leader = null;
        seen.applied = 0;
        return;
      case 'ended':
        seen.running = false;
        return;
      case 'applied':
        if (observation.digest === null) return;
        seen.digestAt = observation.entry.index;
        seen.digest = observation.digest;
        return;
      case 'turned':
        return this.#turned(observation.node, seen, observation.status, nowMs);
      case 'opened':
      case 'founded':
      case 'read':
      case 'persist':
      case 'durable':
      case 'sent':
        return;
    }
  }

  /** @throws LawBroken */
  check(nowMs: number): void {
    if (this.#healedAtMs === null) return;
    const { leaderWithinMs, progressWithinMs, convergeWithinMs } = this.#options;
    const healthyMs = nowMs - this.#healedAtMs;
    if (healthyMs >= leaderWithinMs && this.#stable === null) this.#stable = this.#findLeader(nowMs);
    if (healthyMs >= progressWithinMs && !this.#progressed && this.#loadStoppedAtMs === null) {
      throw new LawBroken(PROGRESS, null, nowMs, `no write was acknowledged for ${healthyMs} ms of health`);
    }
    if (this.#loadStoppedAtMs !== null && nowMs - this.#loadStoppedAtMs >= convergeWithinMs) {
      // A leader has business of its own (a compaction, say), and what it just committed is still on its way.
      if (nowMs - this.#top.atMs >= IN_FLIGHT_MS) this.#converged(nowMs);
    }
  }

  #turned(node: NodeId, seen: Seen, status: RaftStatus, nowMs: number): void {
    seen.term = status.term;
    seen.leader = status.leader;
    seen.applied = status.applied;
    if (status.applied > this.#top.applied) this.#top = { applied: status.applied, atMs: nowMs };
    const stable = this.#stable;
    if (this.#healedAtMs === null || stable === null || !this.#core.includes(node)) return;
    const follows = status.term === stable.term && status.leader === stable.leader;
    if (follows) seen.joining = false;
    if (follows || (seen.joining && status.leader === null && status.term <= stable.term)) return;
    throw new LawBroken(
      STABLE,
      node,
      nowMs,
      `${whom(node, status.term, status.leader)}, although ${stable.leader} led term ${stable.term} and nothing failed since`,
    );
  }

  #findLeader(nowMs: number): { term: number; leader: NodeId } {
    const views = this.#running();
    const [first] = views;
    const leader = first?.[1].leader ?? null;
    const term = first?.[1].term ?? 0;
    const agreed = views.every(([, seen]) => seen.leader === leader && seen.term === term);
    if (leader !== null && agreed) return { term, leader };
    const said = views.map(([node, seen]) => whom(node, seen.term, seen.leader)).join(', ');
    throw new LawBroken(
      LEADER,
      null,
      nowMs,
      `${this.#options.leaderWithinMs} ms after healing there is no one leader: ${said || 'nobody runs'}`,
    );
  }

  #converged(nowMs: number): void {
    const views = this.#running();
    const [first] = views;
    if (first === undefined) return;
    const applied = views.map(([node, seen]) => `${node} has applied ${seen.applied}`).join(', ');
    if (views.some(([, seen]) => seen.applied !== first[1].applied)) {
      throw new LawBroken(CONVERGE, null, nowMs, `with no load, the nodes stay apart: ${applied}`);
    }
    for (const [node, seen] of views) {
      const comparable = seen.digestAt === first[1].digestAt && seen.digest !== null;
      if (comparable && seen.digest !== first[1].digest) {
        throw new LawBroken(
          CONVERGE,
          node,
          nowMs,
          `its digest at ${seen.digestAt} is ${seen.digest}, that of ${first[0]} is ${first[1].digest}`,
        );
      }
    }
  }

  #running(): [NodeId, Seen][] {
    return [...this.#nodes.all()].filter(([node, seen]) => seen.running && this.#core.includes(node));
  }
}

function whom(node: NodeId, term: number, leader: NodeId | null): string {
  if (leader === node) return `${node} leads term ${term}`;
  return leader === null
    ? `${node} follows nobody in term ${term}`
    : `${node} follows ${leader} in term ${term}`;
}
