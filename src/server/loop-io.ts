/** What the node's loop hears and what it can do. Everything it knows comes in as one of these events. */
import type { Entry } from '../raft/entry.ts';
import type { Fetch, Write } from '../raft/io.ts';
import type { NodeId, WriteSeq } from '../raft/types.ts';
import type { ClientMessage, ServerMessage } from '../wire/client-protocol.ts';
import type { PeerMessage } from '../wire/peer-protocol.ts';

/** Made by the skin, never reused within one process. */
export type ConnectionId = number;

export type LoopEvent =
  | { readonly type: 'clientOpened'; readonly connection: ConnectionId }
  | {
      readonly type: 'clientMessages';
      readonly connection: ConnectionId;
      readonly messages: readonly ClientMessage[];
    }
  | { readonly type: 'clientClosed'; readonly connection: ConnectionId }
  /** `client` is where the peer serves clients, as `host:port`. */
  | { readonly type: 'peerUp'; readonly peer: NodeId; readonly client: string }
  | { readonly type: 'peerDown'; readonly peer: NodeId }
  | { readonly type: 'peerMessages'; readonly peer: NodeId; readonly messages: readonly PeerMessage[] }
  | { readonly type: 'persisted'; readonly through: WriteSeq }
  | { readonly type: 'fetched'; readonly fetch: number; readonly entries: readonly Entry[] }
  /** Hand over leadership, finish what is open, then call `stopped`. */
  | { readonly type: 'stop' };

/** Effects. None of them answers at once: completions come back as events. Sends are queued until the turn ends. */
export interface LoopPorts {
  persist(write: Write): void;
  fetch(fetch: Fetch): void;
  toPeer(peer: NodeId, message: PeerMessage): void;
  toClient(connection: ConnectionId, message: ServerMessage): void;
  /** After what was sent to it has left. */
  closeClient(connection: ConnectionId): void;
  stopped(): void;
}
