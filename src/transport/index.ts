export { systemClock } from './clock.ts';
export type { Cancel, Clock } from './clock.ts';
export { dialWebSocket } from './frame-socket.ts';
export type { DialledSocket, DialPeer, FrameSocket } from './frame-socket.ts';
export { judgeHello, ownHello, SETTINGS_MUST_BE_EQUAL } from './handshake.ts';
export type { OwnSide, PeerIdentity, Refused, Verdict } from './handshake.ts';
export type { LinkCounters, LinkEnd } from './link-owner.ts';
export { LINK_TUNING } from './link-tuning.ts';
export type { LinkTuning } from './link-tuning.ts';
export { listen, LISTENER_LIMITS } from './listener.ts';
export type { Listener, ListenerLimits, ListenerOptions, ListenerStats } from './listener.ts';
export { PeerLinks } from './peer-links.ts';
export type {
  LinkWarning,
  PeerAddress,
  PeerLinksHandlers,
  PeerLinksOptions,
  PeerLinksStats,
  PeerStats,
} from './peer-links-io.ts';
export { CLOSE_GOING_AWAY, CLOSE_POLICY, closeWith } from './socket-options.ts';
