import type { Append, Message, PullReply } from './message.ts';
import type { NodeId } from './types.ts';

/** What no correct peer sends is dropped and counted; it never throws. */
export function isWellFormed(message: Message, self: NodeId): boolean {
  if (message.to !== self || message.from === self) return false;
  return (message.type !== 'append' && message.type !== 'pullReply') || entriesFollow(message);
}

/** Entries continue `prev` without a gap, terms never fall, and none is of a term beyond the sender's. */
function entriesFollow(message: Append | PullReply): boolean {
  let { index, term } = message.prev;
  for (const entry of message.entries) {
    if (entry.index !== index + 1 || entry.term < term) return false;
    ({ index, term } = entry);
  }
  return term <= message.term;
}
