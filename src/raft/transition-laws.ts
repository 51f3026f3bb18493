import { invariant } from './assert.ts';
import type { Core } from './core.ts';
import type { Role } from './io.ts';
import type { LogIndex, NodeId, Term } from './types.ts';

/** What a law about change must remember of the state before. One record per node, overwritten by each step. */
export interface Before {
  term: Term;
  votedFor: NodeId | null;
  leader: NodeId | null;
  role: Role;
  committed: LogIndex;
  committedTerm: Term | null;
  handedOut: LogIndex;
  applied: LogIndex;
  lastIndex: LogIndex;
  lastTerm: Term;
}

export function newBefore(core: Core): Before {
  return remember(
    {
      term: 0,
      votedFor: null,
      leader: null,
      role: 'follower',
      committed: 0,
      committedTerm: 0,
      handedOut: 0,
      applied: 0,
      lastIndex: 0,
      lastTerm: 0,
    },
    core,
  );
}

export function remember(before: Before, core: Core): Before {
  before.term = core.term;
  before.votedFor = core.votedFor;
  before.leader = core.leader;
  before.role = core.role.kind;
  before.committed = core.committed;
  before.committedTerm = core.log.termAt(core.committed);
  before.handedOut = core.handedOut;
  before.applied = core.applied;
  before.lastIndex = core.log.lastIndex;
  before.lastTerm = core.log.lastTerm;
  return before;
}

/** Laws of one step: what may never go back, and what may change only once. All of them are cheap. */
export function checkTransition(before: Before, core: Core): void {
  invariant(core.term >= before.term, 'terms never fall');
  invariant(core.committed >= before.committed, 'commit never goes back');
  invariant(core.handedOut >= before.handedOut, 'nothing is handed out twice');
  invariant(core.applied >= before.applied, 'applied never goes back');
  invariant(
    core.log.termAt(before.committed) === before.committedTerm,
    'a committed entry never changes (State Machine Safety)',
  );
  invariant(
    core.leader !== null || core.log.isAtLeast({ index: before.lastIndex, term: before.lastTerm }),
    'without the word of a leader a log only moves up in the order of elections (edge case I61)',
  );
  if (core.term === before.term) checkSameTerm(before, core);
}

function checkSameTerm(before: Before, core: Core): void {
  invariant(
    before.votedFor === null || core.votedFor === before.votedFor,
    'the vote is set at most once per term (edge case A1)',
  );
  invariant(
    core.leader === null || before.leader === null || core.leader === before.leader,
    'a term has one leader (Election Safety)',
  );
  if (before.role !== 'leader') return;
  invariant(
    core.log.termAt(before.lastIndex) === before.lastTerm,
    'a leader only appends to its log (Leader Append-Only)',
  );
  invariant(
    core.committed === before.committed || core.log.termAt(core.committed) === core.term,
    'a leader commits by counting only entries of its own term (Raft §5.4.2)',
  );
}
