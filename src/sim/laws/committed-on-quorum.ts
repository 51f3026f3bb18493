/**
 * What is committed stands on the disks of a majority of the voters, at the moment when somebody first says so
 * (Raft §5.3, thesis §3.5 and §10.2.1: a leader may commit without its own disk, but never without a majority's).
 *
 * It reads the disks, not the acknowledgements, so it sees a sync that was reported too early and a quorum that was
 * counted wrong. And nobody remembers a commit that nobody made: that would be served as data after a restart. Voters
 * are those of a static membership; a node whose disk was destroyed on purpose counts for what it held before.
 *
 *   disks   n1 1@1 2@1 3@1    n2 1@1 2@1    n3 1@1
 *   n1 sends commit 2       fine: n1 and n2 hold 2@1
 *   n1 sends commit 3       <- broken: n1 alone holds 3@1
 */
import type { LogIndex, NodeId } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import type { CommitHistory } from './commit-history.ts';
import type { ShadowLogs } from './shadow-logs.ts';

export class CommittedOnQuorum implements Law {
  readonly name = 'committed on a durable quorum';
  readonly hears = ['started', 'persist', 'sent', 'applied', 'turned'] as const;
  readonly #voters: readonly NodeId[];
  readonly #shadows: ShadowLogs;
  readonly #history: CommitHistory;
  #judged: LogIndex = 0;

  constructor(voters: readonly NodeId[], shadows: ShadowLogs, history: CommitHistory) {
    this.#voters = voters;
    this.#shadows = shadows;
    this.#history = history;
  }

  observe(observation: Observation, nowMs: number): void {
    if (observation.type === 'started') {
      this.#remembers(observation.node, observation.recovered.commitHint, nowMs);
    }
    if (this.#history.lastIndex > this.#judged) this.#judge(nowMs);
  }

  /** The newest one is enough: Log Matching answers for those below it. */
  #judge(nowMs: number): void {
    const index = this.#history.lastIndex;
    const term = this.#history.termAt(index);
    this.#judged = index;
    const holders = this.#voters.filter((voter) => {
      const shadow = this.#shadows.of(voter);
      return shadow.disk.log.termAt(index) === term || index <= shadow.destroyedThrough;
    });
    if (holders.length * 2 > this.#voters.length) return;
    throw new LawBroken(
      this.name,
      this.#history.claimant,
      nowMs,
      `it calls ${index}@${term} committed, which is on the disks of ` +
        `${holders.length === 0 ? 'nobody' : holders.join(' and ')} only, out of ${this.#voters.length} voters`,
    );
  }

  #remembers(node: NodeId, commitHint: LogIndex, nowMs: number): void {
    if (commitHint <= this.#history.lastIndex) return;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `it opens with a commit index of ${commitHint}, but nobody ever committed more than ${this.#history.lastIndex}`,
    );
  }
}
