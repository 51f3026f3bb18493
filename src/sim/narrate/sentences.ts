import type { Entry, LogIndex, Message, NodeId, Position, Write } from '../../raft/index.ts';
import type { NodeShadow } from '../laws/shadow-logs.ts';

/** What a node does by sending this; the receiver is named apart, so that one sentence serves several. */
export function sends(message: Message): { readonly before: string; readonly after: string } {
  const { term } = message;
  switch (message.type) {
    case 'preVote':
      return { before: 'asks', after: `whether they would vote for it in term ${term}` };
    case 'preVoteReply':
      return {
        before: 'tells',
        after: message.granted ? 'that it would vote for it' : 'that it would not vote for it',
      };
    case 'vote':
      return { before: 'asks', after: `for a vote in term ${term}` };
    case 'voteReply':
      return {
        before: message.granted ? 'grants its vote to' : 'refuses its vote to',
        after: `in term ${term}`,
      };
    case 'append':
      return {
        before: 'sends',
        after: `${range(message.entries)} after ${at(message.prev)}, commit ${message.commit}`,
      };
    case 'appendReply':
      return message.result.accepted
        ? { before: 'acknowledges', after: `up to ${message.result.match}` }
        : { before: 'tells', after: `that nothing fits at ${message.result.prevIndex}` };
    case 'timeoutNow':
      return { before: 'tells', after: 'to lead in its place' };
    case 'pull':
      return { before: 'asks', after: `for what follows ${at(message.after)}` };
    case 'pullReply':
      return { before: 'lends', after: `${range(message.entries)} after ${at(message.prev)}` };
  }
}

/** What a node hears, and what it makes of it. */
export function hears(message: Message, own: NodeShadow): string {
  const { before, after } = sends(message);
  return `hears that ${message.from} ${before} it ${after}${thinks(message, own)}`;
}

function thinks(message: Message, own: NodeShadow): string {
  if (message.term < own.written.term) return `: an old term, mine is ${own.written.term}`;
  switch (message.type) {
    case 'vote':
    case 'preVote':
      return `: ${judgesCandidate(message.type, message.term, message.from, message.last, own)}`;
    case 'append': {
      const held = own.written.log.termAt(message.prev.index);
      if (held === message.prev.term) return '';
      return `: I have ${held === undefined ? 'nothing' : `${message.prev.index}@${held}`} there`;
    }
    case 'preVoteReply':
    case 'voteReply':
    case 'appendReply':
    case 'timeoutNow':
    case 'pull':
    case 'pullReply':
      return '';
  }
}

function judgesCandidate(
  type: 'vote' | 'preVote',
  term: number,
  candidate: NodeId,
  theirs: Position,
  { written }: NodeShadow,
): string {
  if (
    type === 'vote' &&
    term === written.term &&
    written.votedFor !== null &&
    written.votedFor !== candidate
  ) {
    return `I have voted for ${written.votedFor}`;
  }
  const mine = written.log.last;
  const behind = theirs.term < mine.term || (theirs.term === mine.term && theirs.index < mine.index);
  return behind
    ? `its log ends at ${at(theirs)}, mine at ${at(mine)}`
    : `its log (${at(theirs)}) is as good as mine (${at(mine)})`;
}

export function writes({ seq, hardState, truncateFrom, append }: Write): string {
  const parts: string[] = [];
  if (hardState !== null) parts.push(`term ${hardState.term}`, votes(hardState.votedFor));
  if (truncateFrom !== null) parts.push(`cut from ${truncateFrom}`);
  if (append.length > 0) parts.push(range(append));
  return `writes #${seq}: ${parts.join(', ')}`;
}

export function votes(votedFor: NodeId | null): string {
  return votedFor === null ? 'no vote' : `vote for ${votedFor}`;
}

export function applies(from: LogIndex, to: LogIndex): string {
  return from === to ? `applies ${from}` : `applies ${from} to ${to}`;
}

export function at({ index, term }: Position): string {
  return `${index}@${term}`;
}

function range(entries: readonly Entry[]): string {
  const first = entries[0];
  const last = entries[entries.length - 1];
  if (first === undefined || last === undefined) return 'nothing new';
  return first === last ? at(first) : `${at(first)} to ${at(last)}`;
}

/** Nothing but a beat of the heart, or the answer to one. */
export function isBeat(message: Message): boolean {
  if (message.type === 'append') return message.entries.length === 0;
  return message.type === 'appendReply' && message.result.accepted;
}
