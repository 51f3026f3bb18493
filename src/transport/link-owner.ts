/** What one connection needs of whoever keeps them all, and how it ends. */
import type { PeerHello, PeerMessage } from '../wire/peer-protocol.ts';
import type { Refused, Verdict } from './handshake.ts';
import type { LinkTuning } from './link-tuning.ts';
import type { PeerLink } from './peer-link.ts';

export type LinkEnd =
  /** The connection closed: the peer ended it, its process died, or the network reset it. */
  | 'closed'
  /** No frame for too long. */
  | 'silent'
  /** The peer does not read, or the network does not carry, what we send. */
  | 'stalled'
  /** What could not be dropped would not fit any more. */
  | 'overflow'
  /** The peer has connected anew. */
  | 'replaced'
  /** One of the two may not talk to the other. */
  | 'refused'
  /** The peer sent what is no frame of ours. */
  | 'invalid'
  /** We are stopping. */
  | 'stopping';

export interface LinkCounters {
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  messagesSent: number;
  messagesReceived: number;
  /** Raft messages that were not sent because too much was waiting. */
  messagesDropped: number;
}

export type Refusal = Extract<PeerMessage, { type: 'refuse' }>;

export interface LinkOwner {
  readonly tuning: LinkTuning;
  readonly frameBytesMax: number;
  judge(link: PeerLink, hello: PeerHello): Verdict;
  helloTo(peer: string): PeerHello;
  /** We accept the peer that dialled us; our hello goes out when this returns. */
  claimed(link: PeerLink, hello: PeerHello): void;
  up(hello: PeerHello): void;
  messages(link: PeerLink, messages: readonly PeerMessage[]): void;
  /** One sentence for each setting that differs and may. */
  settings(hello: PeerHello, sentences: readonly string[]): void;
  /** We refused the peer. */
  refused(hello: PeerHello, refused: Refused): void;
  /** The peer refused us. */
  told(link: PeerLink, refusal: Refusal): void;
  invalid(link: PeerLink, reason: string): void;
  /** Once for every connection, whatever the reason. */
  ended(link: PeerLink, reason: LinkEnd, wasUp: boolean): void;
}
