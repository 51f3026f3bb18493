/**
 * Term, vote, commit index and applied index never go back (Raft §5.1, §5.3; LogCabin's RaftConsensusInvariants: "the
 * vote is set at most once per term").
 *
 *   cursor     within a life           across a restart
 *   term       never falls             not below what was durable
 *   vote       set once a term         kept, if the term is still the durable one
 *   commit     never falls             may fall, to the hint
 *   applied    never falls             starts at 0 again
 *
 *   n2 turns in term 3 with a vote for n1
 *   n2 turns in term 3 with a vote for n3      <- broken: it voted twice
 */
import type { HardState, NodeId, RaftStatus } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import { PerNode } from './per-node.ts';
import type { ShadowLogs } from './shadow-logs.ts';

interface Reached {
  term: number;
  votedFor: NodeId | null;
  committed: number;
  applied: number;
}

export class NeverBack implements Law {
  readonly name = 'nothing goes back';
  readonly hears = ['started', 'turned'] as const;
  readonly #shadows: ShadowLogs;
  readonly #reached = new PerNode<Reached>(() => ({ term: 0, votedFor: null, committed: 0, applied: 0 }));

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  observe(observation: Observation, nowMs: number): void {
    const { node } = observation;
    if (observation.type === 'turned') {
      this.#turned(node, observation.status, nowMs);
    } else if (observation.type === 'started') {
      const { hardState, commitHint } = observation.recovered;
      const broken = hardStateBack(this.#shadows.of(node).durableBefore, hardState);
      if (broken !== null) throw new LawBroken(this.name, node, nowMs, `across its restart, ${broken}`);
      const reached = this.#reached.of(node);
      reached.term = hardState.term;
      reached.votedFor = hardState.votedFor;
      reached.committed = commitHint;
      reached.applied = 0;
    }
  }

  #turned(node: NodeId, status: RaftStatus, nowMs: number): void {
    const reached = this.#reached.of(node);
    const broken =
      hardStateBack(reached, status) ??
      back('its commit index', reached.committed, status.committed) ??
      back('its applied index', reached.applied, status.applied);
    if (broken !== null) throw new LawBroken(this.name, node, nowMs, broken);
    reached.term = status.term;
    reached.votedFor = status.votedFor;
    reached.committed = status.committed;
    reached.applied = status.applied;
  }
}

function hardStateBack(before: HardState, after: HardState): string | null {
  if (after.term < before.term) return back('its term', before.term, after.term);
  if (after.term > before.term || before.votedFor === null || after.votedFor === before.votedFor) return null;
  return `its vote in term ${after.term} goes from ${before.votedFor} to ${after.votedFor ?? 'nobody'}`;
}

function back(cursor: string, from: number, to: number): string | null {
  return to < from ? `${cursor} goes back from ${from} to ${to}` : null;
}
