/**
 * No promise before fsync: what a node promises in a message is on its disk when the message leaves (Raft §5.1 and
 * figure 2 "updated on stable storage before responding"; thesis §3.8; raft-core 2.A items 3 to 6).
 *
 *   message                promises                                        on the sender's disk
 *   vote, append           "I am the one candidate, leader of term T"      term T, vote for itself
 *   voteReply, granted     "I vote for nobody else in T"                   term T, vote for the receiver
 *   appendReply, accepted  "I hold your log up to m"                       term T, and m as the receiver has it
 *
 *   n2 persists "term 2, vote for n1", sends n1 its vote, is durable       <- broken: a crash between forgets the vote
 */
import type { Message, NodeId } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';
import type { NodeShadow, ShadowLogs } from './shadow-logs.ts';

export class PromiseBeforeFsync implements Law {
  readonly name = 'no promise before fsync';
  readonly hears = ['sent'] as const;
  readonly #shadows: ShadowLogs;

  constructor(shadows: ShadowLogs) {
    this.#shadows = shadows;
  }

  observe(observation: Observation, nowMs: number): void {
    if (observation.type !== 'sent') return;
    const { node, message } = observation;
    const broken = this.#brokenPromise(this.#shadows.of(node), message);
    if (broken !== null) throw new LawBroken(this.name, node, nowMs, broken);
  }

  #brokenPromise(sender: NodeShadow, message: Message): string | null {
    switch (message.type) {
      case 'vote':
        return voteOnDisk(sender, message.term, message.from)
          ? null
          : `it asks ${message.to} for a vote in term ${message.term}, ${contrast(sender)}`;
      case 'append':
        return voteOnDisk(sender, message.term, message.from)
          ? null
          : `it leads ${message.to} in term ${message.term}, ${contrast(sender)}`;
      case 'voteReply':
        return !message.granted || voteOnDisk(sender, message.term, message.to)
          ? null
          : `it gives ${message.to} its vote in term ${message.term}, ${contrast(sender)}`;
      case 'appendReply':
        return message.result.accepted ? this.#brokenAck(sender, message, message.result.match) : null;
      case 'preVote':
      case 'preVoteReply':
      case 'timeoutNow':
      case 'pull':
      case 'pullReply':
        return null;
    }
  }

  /** What the receiver has at `match` is known only while it leads that term, in one life. */
  #brokenAck(sender: NodeShadow, message: Message, match: number): string | null {
    const held = sender.disk.log.termAt(match);
    if (sender.disk.term !== message.term || held === undefined) {
      return `it acknowledges ${message.to} up to ${match} in term ${message.term}, ${contrast(sender)}`;
    }
    const leader = this.#shadows.of(message.to);
    if (!leader.leads || leader.ledTerm !== message.term) return null;
    const meant = leader.termAt(match);
    if (meant === held) return null;
    return `it acknowledges ${match}@${meant} to ${message.to}, but its disk holds ${match}@${held} there`;
  }
}

function voteOnDisk({ disk }: NodeShadow, term: number, votedFor: NodeId): boolean {
  return disk.term === term && disk.votedFor === votedFor;
}

function contrast({ disk }: NodeShadow): string {
  return `but its disk holds ${disk.describe()}`;
}
