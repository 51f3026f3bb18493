import { unreachable } from './assert.ts';
import type { Entry } from './entry.ts';
import type { Leadership, Settled, Write } from './io.ts';
import type { Message } from './message.ts';
import type { NodeId, Position } from './types.ts';

/**
 * One line of English per message and per event, shared by logs, traces and tests. A position is written
 * `index@term`.
 */
export function describePosition(position: Position): string {
  return `${position.index}@${position.term}`;
}

export function describeEntry(entry: Entry): string {
  return `${describePosition(entry)} ${entry.kind}`;
}

export function describeMessage(message: Message): string {
  return `${message.from} → ${message.to} term ${message.term}: ${saying(message)}`;
}

function saying(message: Message): string {
  switch (message.type) {
    case 'preVote':
      return `would you vote for me? my log ends at ${describePosition(message.last)}`;
    case 'preVoteReply':
      return message.granted ? 'I would' : `I would not${lead(message.ahead)}`;
    case 'vote':
      return `vote for me${message.reason === 'transfer' ? ', as the leader wishes' : ''}; my log ends at ${describePosition(message.last)}`;
    case 'voteReply':
      return message.granted ? 'you have my vote' : 'no';
    case 'append':
      return `after ${describePosition(message.prev)} ${describeRange(message.entries)}, commit ${message.commit}${barrier(message.readSeq)}`;
    case 'appendReply':
      return message.result.accepted
        ? `I hold up to ${message.result.match}${barrier(message.readSeq)}`
        : `nothing fits at ${message.result.prevIndex}, try ${describePosition(message.result.hint)}${barrier(message.readSeq)}`;
    case 'timeoutNow':
      return `lead in my place, from ${describePosition(message.last)}`;
    case 'pull':
      return `what follows ${describePosition(message.after)} in your log?`;
    case 'pullReply':
      return `after ${describePosition(message.prev)} ${describeRange(message.entries)}, no leader's word`;
    default:
      return unreachable(message);
  }
}

function lead(ahead: Position | null): string {
  return ahead === null ? '' : `: my log ends at ${describePosition(ahead)}`;
}

function barrier(readSeq: number): string {
  return readSeq === 0 ? '' : `, read barrier ${readSeq}`;
}

function describeRange(entries: readonly Entry[]): string {
  const first = entries[0];
  const last = entries[entries.length - 1];
  if (first === undefined || last === undefined) return 'nothing new';
  return first === last ? describeEntry(first) : `${describeEntry(first)} … ${describeEntry(last)}`;
}

export function describeWrite(write: Write): string {
  const parts: string[] = [];
  if (write.hardState !== null) {
    const { term, votedFor } = write.hardState;
    parts.push(`term ${term}, ${votedFor === null ? 'no vote' : `vote for ${votedFor}`}`);
  }
  if (write.truncateFrom !== null) parts.push(`cut from ${write.truncateFrom}`);
  if (write.append.length > 0) parts.push(`append ${describeRange(write.append)}`);
  return `write #${write.seq}: ${parts.join('; ')}`;
}

export function describeLeadership(id: NodeId, { term, leader, role }: Leadership): string {
  switch (role) {
    case 'leader':
      return `leads term ${term}`;
    case 'candidate':
      return `is a candidate of term ${term}`;
    case 'preCandidate':
      return `asks around before term ${term + 1}`;
    case 'follower':
      return leader === null || leader === id
        ? `follows nobody in term ${term}`
        : `follows ${leader} in term ${term}`;
    default:
      return unreachable(role);
  }
}

export function describeSettled(settled: Settled): string {
  switch (settled.type) {
    case 'proposed':
      return `proposal ${settled.ref} stands at ${describePosition({ index: settled.first, term: settled.term })}`;
    case 'refused':
      return `proposal ${settled.ref} refused: ${settled.reason}${settled.leader === null ? '' : `, ask ${settled.leader}`}`;
    case 'readable':
      return `read ${settled.ref} may be answered at ${settled.index}`;
    case 'unreadable':
      return `read ${settled.ref} must be asked again${settled.leader === null ? '' : `, at ${settled.leader}`}`;
    case 'transferred':
      return `transfer ${settled.ref} ${settled.ok ? 'succeeded' : 'failed'}`;
    default:
      return unreachable(settled);
  }
}
