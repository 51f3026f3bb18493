import type { NodeId } from '../../raft/index.ts';
import { AppliedInOrder } from './applied-in-order.ts';
import { CommitHistory } from './commit-history.ts';
import { CommitsOwnTerm } from './commits-own-term.ts';
import { CommittedOnQuorum } from './committed-on-quorum.ts';
import { Durability } from './durability.ts';
import { ElectionSafety } from './election-safety.ts';
import { EqualDigests } from './equal-digests.ts';
import { type Law, LawBroken, type Observation, type ObservationType } from './law.ts';
import { KeepsItsCluster } from './keeps-its-cluster.ts';
import { LeaderAppendOnly } from './leader-append-only.ts';
import { LeaderCompleteness } from './leader-completeness.ts';
import { LogMatching } from './log-matching.ts';
import { MessageBudget, type MessageBudgetOptions } from './message-budget.ts';
import { NeverBack } from './never-back.ts';
import { PayloadHashes } from './payload-hash.ts';
import { PromiseBeforeFsync } from './promise-before-fsync.ts';
import { ReadsAsWritten } from './reads-as-written.ts';
import { ShadowLogs } from './shadow-logs.ts';
import { StateMachineSafety } from './state-machine-safety.ts';
import { VotesForAsGood } from './votes-for-as-good.ts';

/** What the laws of one cluster look things up in; brought up to date before they are asked. */
export interface Books {
  readonly shadows: ShadowLogs;
  readonly history: CommitHistory;
  readonly hashes: PayloadHashes;
}

export function newBooks(): Books {
  const shadows = new ShadowLogs();
  return { shadows, history: new CommitHistory(shadows), hashes: new PayloadHashes() };
}

/** The causes before their effects: of two laws that one observation breaks, the first one names the fault better. */
export function lawsFor(voters: readonly NodeId[], books: Books, budget: MessageBudgetOptions): Law[] {
  const { shadows, history, hashes } = books;
  return [
    new KeepsItsCluster(),
    new Durability(shadows),
    new ReadsAsWritten(shadows),
    new NeverBack(shadows),
    new PromiseBeforeFsync(shadows),
    new VotesForAsGood(shadows),
    new ElectionSafety(shadows),
    new LeaderAppendOnly(shadows),
    new LeaderCompleteness(shadows, history),
    new LogMatching(shadows, hashes),
    new CommittedOnQuorum(voters, shadows, history),
    new CommitsOwnTerm(history),
    new AppliedInOrder(),
    new StateMachineSafety(history, hashes),
    new EqualDigests(),
    new MessageBudget(voters.length, budget),
  ];
}

/** All laws of one cluster. Tell it everything, in the order in which it happened. */
export class Laws {
  readonly #books: Books;
  readonly #hearers: Readonly<Record<ObservationType, readonly Law[]>>;
  #broken: LawBroken | null = null;

  constructor(voters: readonly NodeId[], budget: MessageBudgetOptions) {
    this.#books = newBooks();
    this.#hearers = byType(lawsFor(voters, this.#books, budget));
  }

  /** The first breach, for whoever runs the cluster: the code under test may have swallowed the throw. */
  get broken(): LawBroken | null {
    return this.#broken;
  }

  /** How far anybody knows the log to be committed. */
  get committed(): number {
    return this.#books.history.lastIndex;
  }

  /** @throws LawBroken */
  observe(observation: Observation, nowMs: number): void {
    this.#books.shadows.observe(observation);
    this.#books.history.observe(observation);
    try {
      for (const law of this.#hearers[observation.type]) law.observe(observation, nowMs);
    } catch (error) {
      if (error instanceof LawBroken) this.#broken ??= error;
      throw error;
    }
  }

  /** The disk of this node was destroyed on purpose, while it was down: whatever its next start finds is right. */
  forgive(node: NodeId): void {
    this.#books.shadows.forgive(node);
  }
}

function byType(laws: readonly Law[]): Readonly<Record<ObservationType, readonly Law[]>> {
  const hearing = (type: ObservationType): readonly Law[] => laws.filter((law) => law.hears.includes(type));
  return {
    opened: hearing('opened'),
    founded: hearing('founded'),
    started: hearing('started'),
    ended: hearing('ended'),
    persist: hearing('persist'),
    durable: hearing('durable'),
    read: hearing('read'),
    sent: hearing('sent'),
    applied: hearing('applied'),
    turned: hearing('turned'),
  };
}
