import type { Message } from '../raft/message.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';
import type { ForwardedRequest, ForwardResult, PeerMessage } from '../wire/peer-protocol.ts';
import { checkRequest } from './query-limits.ts';
import type { NodeLimits } from './settings.ts';

/** What the loop does with each kind of message from a peer whose handshake is done. */
export interface PeerMessageHandlers {
  raft(message: Message): void;
  forward(batch: number, requests: readonly ForwardedRequest[]): void;
  forwarded(batch: number, results: readonly ForwardResult[]): void;
  readIndex(batch: number): void;
  readIndexReply(batch: number, index: LogIndex | null): void;
}

export function receivePeerMessages(
  peer: NodeId,
  messages: readonly PeerMessage[],
  handlers: PeerMessageHandlers,
): void {
  for (const message of messages) {
    switch (message.type) {
      case 'raft':
        // A link speaks for one node only: what claims another sender is dropped.
        if (message.message.from === peer) handlers.raft(message.message);
        break;
      case 'forward':
        handlers.forward(message.batch, message.requests);
        break;
      case 'forwarded':
        handlers.forwarded(message.batch, message.results);
        break;
      case 'readIndex':
        handlers.readIndex(message.batch);
        break;
      case 'readIndexReply':
        handlers.readIndexReply(message.batch, message.index);
        break;
      case 'hello':
      case 'refuse':
      case 'genesis':
      case 'ping':
        // The links' and the bootstrap's business.
        break;
    }
  }
}

/** Nothing enters the log that could not be decoded when it is applied: one bad entry would stop every node. */
export function checkForwarded(
  requests: readonly ForwardedRequest[],
  limits: NodeLimits,
): (ForwardedRequest | ForwardResult)[] {
  return requests.map((request) => {
    const refusal = checkRequest(request, limits);
    if (refusal === null) return request;
    return { accepted: false, code: refusal.code, message: refusal.message, outcome: 'not-applied' };
  });
}
