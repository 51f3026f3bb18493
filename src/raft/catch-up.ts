import type { CatchUp, Core, PreCandidate } from './core.ts';
import { entryBytes } from './entry-tail.ts';
import type { Entry } from './entry.ts';
import { storeEntries } from './follower.ts';
import type { PullReply } from './message.ts';
import { tally } from './quorum.ts';
import { restartElectionTimer } from './timing.ts';
import { becomeFollower, becomePreCandidate } from './transitions.ts';
import type { Millis, NodeId, Position } from './types.ts';

/**
 * Constrained election (edge case I61; Omni-Paxos, NSDI'23): A alone reaches a quorum but its log is stale, and
 * everyone newer reaches only A. Nobody can win, for ever. So A takes over what a voter that refused it has more, by
 * the consistency check of appends, and asks again.
 *
 *   A  1@1 2@1 3@2              refused by B, whose log ends at 5@3; asks it for what follows 3@2
 *   B  1@1 2@1 3@1 4@1 5@3      has only 2@1 in common: sends 3@1 4@1 5@3
 *   A  1@1 2@1 3@1 4@1 5@3      at once, never a part of it that ends below 3@2, and in a term of its own
 *
 * Why it is safe. B is no leader, so this is no promise to anybody: nothing is acknowledged (`accepted` belongs to a
 * leader's appends) and nothing commits. What remains to be shown is that A forgets nothing that it has promised.
 *
 * 1. Log Matching: entries keep index and term and follow a place that both logs have. Afterwards A's log is B's up
 *    to there. Terms of entries are at most A's term, so no entry is of a term in which A could still vote for another.
 * 2. Nothing committed is cut. Let e of term t be committed with A's acknowledgement, so that A holds e and its last
 *    term is at least t. B's last place p is later than A's. If p is of term t, then so is A's last entry, both logs
 *    are the log of t's leader, and the longer one is B's: nothing is cut. If p is of a later term u ≤ A's term, its
 *    leader had e when it was elected: by the usual induction over terms (Raft §5.4.3), whose only step about a voter,
 *    "it still had e when it voted for u", this very argument extends to voters that have caught up meanwhile. So B's
 *    log, which is u's leader's log up to p, holds e.
 *    A leader that commits later by counting an earlier acknowledgement is no exception: e counts as acknowledged.
 * 3. An acknowledgement of this term that could not commit by itself (places below the leader's no-op) may be cut, and
 *    the leader of this term would go on believing it. So A leaves the term when it cuts, in the same write: that
 *    leader, should it still be there, learns of it from A's first answer.
 * 4. The log only moves up in the order of elections, so A's earlier votes stay justified (transition-laws.ts).
 *
 * Where it is not needed it does not happen: only in the second round without a leader, and only if those who refused
 * for the log alone would make up a quorum with those who granted. One question is out at a time, an answer is as
 * large as an append, and what is lost is asked for again in the next round.
 */
const ROUNDS_ALONE_MIN = 2;

/** Whether this pre-candidate is catching up, so that its ballot is not lost yet. */
export function catchUpIfAlone(core: Core, role: PreCandidate): boolean {
  if (role.catchUp !== null) return true;
  if (core.roundsAlone < ROUNDS_ALONE_MIN || !wouldWin(core, role)) return false;
  const [from, goal] = furthest(role.ahead) ?? [];
  if (from === undefined || goal === undefined) return false;
  ask(core, { from, goal, asked: core.log.last, pulled: [] });
  return true;
}

function wouldWin(core: Core, role: PreCandidate): boolean {
  const votes = new Map(role.votes);
  for (const id of role.ahead.keys()) votes.set(id, true);
  return tally(core.log.membership, votes) === 'won';
}

function furthest(ahead: ReadonlyMap<NodeId, Position>): readonly [NodeId, Position] | null {
  let best: readonly [NodeId, Position] | null = null;
  for (const each of ahead) if (best === null || isBeyond(each[1], best[1])) best = each;
  return best;
}

function isBeyond(left: Position, right: Position): boolean {
  return left.term === right.term ? left.index > right.index : left.term > right.term;
}

export function onPullReply(core: Core, message: PullReply, now: Millis): void {
  const catchUp = core.role.kind === 'preCandidate' ? core.role.catchUp : null;
  if (catchUp === null || message.from !== catchUp.from || !isSame(message.asked, catchUp.asked)) return;
  const { prev, entries } = message;
  if (!isSame(prev, catchUp.asked) && core.log.termAt(prev.index) !== prev.term) {
    // The logs part below; look no higher than both allow, so that each question goes deeper (as a leader, C19).
    return ask(core, { ...catchUp, asked: core.log.lastWithTermAtMost(prev.index, prev.term), pulled: [] });
  }
  const last = entries[entries.length - 1];
  if (last === undefined) return giveUp(core);
  restartElectionTimer(core, now);
  const pulled = isSame(prev, catchUp.asked) ? [...catchUp.pulled, ...entries] : entries;
  if (core.log.isAtLeast(last)) return keepForLater(core, { ...catchUp, asked: last, pulled });
  adopt(core, pulled, now);
  if (core.log.isAtLeast(catchUp.goal)) becomePreCandidate(core);
  else ask(core, { ...catchUp, asked: core.log.last, pulled: [] });
}

/** Taken over now it would move our log down. No honest log has more of this than a leader leaves uncommitted. */
function keepForLater(core: Core, catchUp: CatchUp): void {
  let bytes = 0;
  for (const entry of catchUp.pulled) bytes += entryBytes(entry);
  if (bytes > core.options.uncommittedBytesMax) return giveUp(core);
  ask(core, catchUp);
}

function adopt(core: Core, entries: readonly Entry[], now: Millis): void {
  const cuts = entries.some(({ index, term }) => (core.log.termAt(index) ?? term) !== term);
  if (cuts) {
    becomeFollower(core, core.term + 1, null, now);
    becomePreCandidate(core).asked = true;
  }
  storeEntries(core, entries);
}

function ask(core: Core, catchUp: CatchUp): void {
  if (core.role.kind !== 'preCandidate') return;
  core.role.catchUp = catchUp;
  core.outbox.push({ type: 'pull', from: core.id, to: catchUp.from, term: core.term, after: catchUp.asked });
}

/** Its log has changed under us, or it has no more: the next round begins anew. */
function giveUp(core: Core): void {
  if (core.role.kind === 'preCandidate') core.role.catchUp = null;
}

function isSame(left: Position, right: Position): boolean {
  return left.index === right.index && left.term === right.term;
}
