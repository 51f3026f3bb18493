/**
 * Every version that two processes have to agree on, in one place.
 *
 * A decoder takes exactly the messages, fields, error codes and details of its version: so whatever is added to one of
 * them makes a new version, and a node says to each connection only what that connection's version knows.
 */
export interface ProtocolRange {
  readonly min: number;
  readonly max: number;
}

export const CLIENT_PROTOCOL: ProtocolRange = { min: 1, max: 1 };
export const PEER_PROTOCOL: ProtocolRange = { min: 1, max: 1 };

/** WebSocket subprotocols (RFC 6455 §1.9); a change that no negotiation covers gets a new name. */
export const CLIENT_SUBPROTOCOL = 'quorate.client.v1';
export const PEER_SUBPROTOCOL = 'quorate.peer.v1';

/** The highest version that both sides speak; null when there is none. */
export function negotiate(own: ProtocolRange, other: ProtocolRange): number | null {
  const highest = Math.min(own.max, other.max);
  return highest >= Math.max(own.min, other.min) ? highest : null;
}
