/** `quorate/server`: a node inside your own process. */
export { RunningNode, startNode } from './node.ts';
export type { StartOptions } from './node.ts';
export type { Logger } from './logger.ts';
export { resolveSettings } from './settings-resolve.ts';
export type { HostPort, LogLevel, NodeLimits, NodeSettings, PeerAddress } from './settings.ts';
export type { MemberStatus, NodeStatus } from './status.ts';
export { QuorateError } from '../wire/errors.ts';
export type { ErrorCode } from '../wire/errors.ts';
