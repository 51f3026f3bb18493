import type { Membership } from './membership.ts';
import type { LogIndex, Term } from './types.ts';

/** A command's bytes are the state machine's business (an envelope, see wire/envelope); the core never looks inside. */
export interface CommandEntry {
  readonly kind: 'command';
  readonly index: LogIndex;
  readonly term: Term;
  readonly data: Uint8Array;
}

/** The first entry of every term: it lets the leader learn what is committed (thesis §6.4). */
export interface NoopEntry {
  readonly kind: 'noop';
  readonly index: LogIndex;
  readonly term: Term;
}

/** In force from the moment it is appended (Raft §6). */
export interface MembershipEntry {
  readonly kind: 'membership';
  readonly index: LogIndex;
  readonly term: Term;
  readonly membership: Membership;
}

export type Entry = CommandEntry | NoopEntry | MembershipEntry;
