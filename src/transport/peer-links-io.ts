/** What peer links are made of, what they tell, and what they say of themselves. */
import type { Endpoint } from '../wire/endpoints.ts';
import type { ErrorCode } from '../wire/errors.ts';
import type { Genesis, PeerHello, PeerMessage } from '../wire/peer-protocol.ts';
import type { Clock } from './clock.ts';
import type { DialPeer } from './frame-socket.ts';
import type { PeerIdentity } from './handshake.ts';
import type { LinkTuning } from './link-tuning.ts';
import type { LinkCounters, LinkEnd } from './link-owner.ts';

export interface PeerAddress {
  readonly id: string;
  readonly address: Endpoint;
}

export interface PeerLinksOptions {
  readonly self: PeerIdentity;
  /** What the data directory has at start. */
  readonly genesis: Genesis | null;
  /** One for each voter; this node itself may be among them. */
  readonly peers: readonly PeerAddress[];
  readonly heartbeatMs: number;
  readonly frameBytesMax: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly clock?: Clock;
  readonly dial?: DialPeer;
  readonly tuning?: Partial<LinkTuning>;
}

/** Called from socket events and the heartbeat, and from within `send` and `setGenesis`; never after `close`. */
export interface PeerLinksHandlers {
  onUp(peer: string, hello: PeerHello): void;
  /** Once for each `onUp`. */
  onDown(peer: string, reason: LinkEnd): void;
  /** In the order in which they were sent; never a hello, a refuse or a ping. */
  onMessages(peer: string, messages: readonly PeerMessage[]): void;
  /** The same one at most every 30 s. */
  onWarning(warning: LinkWarning): void;
}

export interface LinkWarning {
  readonly kind: /** We refused a peer. */
    | 'refused'
    /** A peer refused us. */
    | 'refusedByPeer'
    /** A setting differs, and may. */
    | 'settings'
    /** A peer, or a stranger, sent what is no frame. */
    | 'invalidFrame'
    /** An address answers, but not as a peer of ours. */
    | 'foreign'
    /** Two processes take turns under one identity. */
    | 'contested';
  /** As the other side calls itself; null for a stranger. */
  readonly peer: string | null;
  readonly code: ErrorCode;
  /** What is wrong, and what to do about it. */
  readonly message: string;
}

export interface PeerStats {
  readonly id: string;
  readonly up: boolean;
  /** Waiting to leave. */
  readonly bufferedBytes: number;
  /** Of the link that is there now. */
  readonly link: LinkCounters | null;
  readonly downs: number;
  readonly lastDown: LinkEnd | null;
  readonly dialAttempts: number;
}

export interface PeerLinksStats {
  readonly peers: readonly PeerStats[];
  readonly refused: number;
  readonly invalidFrames: number;
  /** Over all links there ever were. */
  readonly messagesDropped: number;
}
