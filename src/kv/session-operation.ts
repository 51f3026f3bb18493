/**
 * Sessions (SPEC 3): a request that carries (session, sequence) takes effect once, however often it stands in the log.
 * These operations themselves stand outside of any session: a session that a request of theirs names counts for
 * nothing. Opening twice makes two, of which one is left to expire; all others may be repeated freely.
 */
import type { Reply, Revision } from './operation.ts';

export type SessionOperation =
  /** Its id is made from the place in the log. */
  | { readonly type: 'sessionOpen'; readonly ttlMs: number }
  | { readonly type: 'sessionRenew'; readonly ids: readonly bigint[] }
  /** With all the replies that it keeps. */
  | { readonly type: 'sessionClose'; readonly id: bigint }
  /**
   * Ends those of the sessions whose deadline has come. The leader proposes it, naming its term; in an entry of another
   * term it does nothing, so who leads no more can end nothing.
   */
  | { readonly type: 'sessionExpire'; readonly ids: readonly bigint[]; readonly term: number }
  /** What became of a request? From then on that stands: one that had not taken effect never will. */
  | { readonly type: 'resolve'; readonly session: bigint; readonly sequence: number };

/** `revision` is the present one: nothing that is done to sessions makes one. */
export type SessionReply =
  | { readonly type: 'sessionOpen'; readonly revision: Revision; readonly session: bigint }
  /** How long each lives from now on, in the order asked; 0: there is no such session (any more). */
  | { readonly type: 'sessionRenew'; readonly revision: Revision; readonly ttlsMs: readonly number[] }
  | { readonly type: 'sessionClose'; readonly revision: Revision; readonly closed: boolean }
  | { readonly type: 'sessionExpire'; readonly revision: Revision; readonly expired: readonly bigint[] }
  | { readonly type: 'resolve'; readonly revision: Revision; readonly resolution: Resolution };

export type Resolution = { readonly type: 'applied'; readonly reply: Reply } | { readonly type: 'never' };

/** Nothing was done, and the request is not in the session's table: but for the third, it never will be. */
export type SessionFailure =
  /** There is no such session (any more): it expired, was closed, or was evicted. */
  | { readonly code: 'SESSION_EXPIRED' }
  /** The client had said that it has the reply; which it was, nobody knows any more. */
  | { readonly code: 'SEQUENCE_ACKNOWLEDGED'; readonly acknowledgedThrough: number }
  /** A request that was resolved as one that never takes effect. */
  | { readonly code: 'RESOLVED_NEVER' }
  /** Too many replies, or too large ones, wait to be acknowledged: acknowledge, then try again. */
  | { readonly code: 'TOO_MANY_UNACKNOWLEDGED'; readonly acknowledgedThrough: number };
