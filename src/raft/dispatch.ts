import { unreachable } from './assert.ts';
import { onPullReply } from './catch-up.ts';
import type { Core } from './core.ts';
import { leaderIsFresh, onPreVote, onPreVoteReply, onTimeoutNow, onVote, onVoteReply } from './election.ts';
import { onAppend } from './follower.ts';
import type { Role } from './io.ts';
import { onAppendReply } from './leader.ts';
import type { Message } from './message.ts';
import { onPull } from './serve-pull.ts';
import { becomeFollower } from './transitions.ts';
import type { Millis } from './types.ts';
import { isWellFormed } from './well-formed.ts';

type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

type Handlers = {
  readonly [T in Message['type']]: (core: Core, message: MessageOf<T>, now: Millis) => void;
};

/** Arrives where it has no meaning any more: late, repeated, or addressed to a role that has ended. */
function ignore(): void {}

/** Total: every role says what it does with every message of its own term. */
const HANDLERS: { readonly [R in Role]: Handlers } = {
  follower: {
    preVote: onPreVote,
    preVoteReply: ignore,
    vote: onVote,
    voteReply: ignore,
    append: onAppend,
    appendReply: ignore,
    timeoutNow: onTimeoutNow,
    pull: onPull,
    pullReply: ignore,
  },
  preCandidate: {
    preVote: onPreVote,
    preVoteReply: onPreVoteReply,
    vote: onVote,
    voteReply: ignore,
    append: onAppend,
    appendReply: ignore,
    timeoutNow: ignore,
    pull: onPull,
    pullReply: onPullReply,
  },
  candidate: {
    preVote: onPreVote,
    preVoteReply: ignore,
    vote: onVote,
    voteReply: onVoteReply,
    append: onAppend,
    appendReply: ignore,
    timeoutNow: ignore,
    pull: onPull,
    pullReply: ignore,
  },
  leader: {
    preVote: onPreVote,
    preVoteReply: ignore,
    vote: onVote,
    voteReply: ignore,
    append: ignore,
    appendReply: onAppendReply,
    timeoutNow: ignore,
    pull: ignore,
    pullReply: ignore,
  },
};

export function deliver(core: Core, message: Message, now: Millis): void {
  if (!isWellFormed(message, core.id)) {
    core.malformed += 1;
    return;
  }
  if (message.term < core.term) return answerOlder(core, message);
  if (message.term > core.term && !admitNewer(core, message, now)) return;
  const handlers = HANDLERS[core.role.kind];
  switch (message.type) {
    case 'preVote':
      return handlers.preVote(core, message, now);
    case 'preVoteReply':
      return handlers.preVoteReply(core, message, now);
    case 'vote':
      return handlers.vote(core, message, now);
    case 'voteReply':
      return handlers.voteReply(core, message, now);
    case 'append':
      return handlers.append(core, message, now);
    case 'appendReply':
      return handlers.appendReply(core, message, now);
    case 'timeoutNow':
      return handlers.timeoutNow(core, message, now);
    case 'pull':
      return handlers.pull(core, message, now);
    case 'pullReply':
      return handlers.pullReply(core, message, now);
  }
}

/**
 * A higher term ends ours (Raft §5.1), with three exceptions: a pre-vote and its grant only speak of a term that
 * might come, and neither a vote request nor a pull counts while our leader is fresh, unless that leader asked for it.
 * Returns false when the message is to be ignored.
 */
function admitNewer(core: Core, message: Message, now: Millis): boolean {
  switch (message.type) {
    case 'preVote':
      return true;
    case 'preVoteReply':
      if (!message.granted) becomeFollower(core, message.term, null, now);
      return true;
    case 'vote':
      if (message.reason === 'election' && leaderIsFresh(core, message.from, now)) return false;
      becomeFollower(core, message.term, null, now);
      return true;
    case 'append':
    case 'timeoutNow':
      becomeFollower(core, message.term, message.from, now);
      return true;
    case 'pull':
      if (leaderIsFresh(core, message.from, now)) return false;
      becomeFollower(core, message.term, null, now);
      return true;
    case 'voteReply':
    case 'appendReply':
    case 'pullReply':
      becomeFollower(core, message.term, null, now);
      return true;
    default:
      return unreachable(message);
  }
}

/** Whoever asks from an older term is told ours, so that it cannot stay stuck there (edge case B10). */
function answerOlder(core: Core, message: Message): void {
  const head = { from: core.id, to: message.from, term: core.term };
  switch (message.type) {
    case 'preVote':
      core.outbox.push({ type: 'preVoteReply', ...head, granted: false, ahead: null });
      return;
    case 'vote':
      core.outbox.push({ type: 'voteReply', ...head, granted: false });
      return;
    case 'append':
      // Echoes nothing: the asker may lead our term by now, and would take an old barrier's number for a new one's.
      core.outbox.push({
        type: 'appendReply',
        ...head,
        result: { accepted: false, prevIndex: 0, hint: { index: 0, term: 0 } },
        readSeq: 0,
        sentAt: 0,
      });
      return;
    case 'pull':
      core.outbox.push({
        type: 'pullReply',
        ...head,
        asked: message.after,
        prev: { index: 0, term: 0 },
        entries: [],
      });
      return;
    case 'preVoteReply':
    case 'voteReply':
    case 'appendReply':
    case 'timeoutNow':
    case 'pullReply':
      return;
  }
}
