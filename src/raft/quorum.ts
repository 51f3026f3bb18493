import { invariant } from './assert.ts';
import type { Membership } from './membership.ts';
import type { NodeId } from './types.ts';

/**
 * The highest value that a quorum has reached: one function for match index, read barrier and last contact.
 *
 *   voters reached   9 7 4      ->  7    two of three are at 7 or above
 *   voters reached   9 7 4 2    ->  4    three of four
 *   joint            both halves must agree, so the lower one (Raft §6); an empty half agrees to anything
 *
 * Sorted anew each time on purpose: an incremental version of this has lost data elsewhere (edge case C16).
 */
export function quorumMin(membership: Membership, valueOf: (id: NodeId) => number): number {
  return Math.min(majorityMin(membership.voters, valueOf), majorityMin(membership.outgoing, valueOf));
}

export type Verdict = 'won' | 'lost' | 'pending';

/** What a ballot says so far; a voter that is absent from `votes` has not answered. */
export function tally(membership: Membership, votes: ReadonlyMap<NodeId, boolean>): Verdict {
  const voters = majorityVerdict(membership.voters, votes);
  const outgoing = majorityVerdict(membership.outgoing, votes);
  if (voters === 'lost' || outgoing === 'lost') return 'lost';
  return voters === 'won' && outgoing === 'won' ? 'won' : 'pending';
}

export function isVoter(membership: Membership, id: NodeId): boolean {
  return membership.voters.includes(id) || membership.outgoing.includes(id);
}

/** Everybody whose vote is asked for, sorted. */
export function votersOf(membership: Membership): readonly NodeId[] {
  if (membership.outgoing.length === 0) return membership.voters;
  return union(membership.voters, membership.outgoing);
}

/** Everybody who is sent the log, sorted. */
export function membersOf(membership: Membership): readonly NodeId[] {
  return union(votersOf(membership), membership.learners);
}

function union(left: readonly NodeId[], right: readonly NodeId[]): readonly NodeId[] {
  return [...new Set([...left, ...right])].toSorted();
}

function majority(size: number): number {
  return Math.floor(size / 2) + 1;
}

function majorityMin(ids: readonly NodeId[], valueOf: (id: NodeId) => number): number {
  if (ids.length === 0) return Infinity;
  const values = ids.map(valueOf).toSorted((a, b) => b - a);
  const reached = values[majority(ids.length) - 1];
  invariant(reached !== undefined, 'a majority is never larger than the whole');
  return reached;
}

function majorityVerdict(ids: readonly NodeId[], votes: ReadonlyMap<NodeId, boolean>): Verdict {
  if (ids.length === 0) return 'won';
  let granted = 0;
  let refused = 0;
  for (const id of ids) {
    const vote = votes.get(id);
    if (vote === true) granted += 1;
    if (vote === false) refused += 1;
  }
  if (granted >= majority(ids.length)) return 'won';
  return ids.length - refused < majority(ids.length) ? 'lost' : 'pending';
}
