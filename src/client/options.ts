/** Every option of the SDK, what it means and what it is when nothing is said. */
import type { ReadLevel } from '../wire/client-protocol.ts';

/** Options that every call takes. */
export interface CallOptions {
  /**
   * How long the call may take, end to end: waiting for a connection, every attempt and the answer. What is left of it
   * is sent to the node, so that nobody works for a caller who is gone. Whole or not, from above 0 to 2^31 - 1.
   *
   * @default the connection's `timeoutMs`
   */
  readonly timeoutMs?: number | undefined;

  /**
   * Stops the waiting: the call rejects with ABORTED, and the signal's reason as `cause`. It does not undo anything.
   * A write that was never sent has outcome `not-applied`; one that was sent has outcome `unknown`, and may have been
   * applied or be applied later still.
   *
   * @default none
   */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends CallOptions {
  /**
   * `linearizable`: sees every write acknowledged before the read began, on whichever node it lands.
   * `local`: what one node has, without asking the others; served in a minority too; of unknown age.
   *
   * @default 'linearizable'
   */
  readonly level?: ReadLevel | undefined;

  /**
   * Answer only from a state at least this new; the node waits for it. With the `revision` that a write returned, a
   * `local` read sees that write.
   *
   * @default 0: whatever the level gives
   */
  readonly minRevision?: number | undefined;

  /**
   * What was true right after this revision, on any node that has come so far. Below the oldest that is kept it rejects
   * with COMPACTED, which says where history begins; above the newest with FUTURE_REVISION.
   *
   * @default the present
   */
  readonly atRevision?: number | undefined;
}

/** What must hold for a write to take effect, decided where it is applied; otherwise it rejects with CONFLICT. */
export interface KeyConditions {
  /** The key's record was last changed at exactly this revision. Naming it, but with `undefined`, is refused. */
  readonly ifRevision?: number;
  /** The key has been put exactly this often since it was created. Naming it, but with `undefined`, is refused. */
  readonly ifVersion?: number;
}

/** What a key hangs on from now on. Without either, on no lease, whatever it hung on before. */
export interface LeaseChoice {
  /** The lease, or its id, with which the key goes. Naming it, but with `undefined`, is refused. */
  readonly lease?: bigint | { readonly id: bigint };

  /**
   * Leave the key on the lease that it hangs on, if any.
   *
   * @default false
   */
  readonly keepLease?: boolean | undefined;
}

export interface GrantOptions extends CallOptions {
  /** How long the lease lives without being renewed, in whole milliseconds from 100. */
  readonly ttlMs: number;

  /**
   * Not 0; LEASE_EXISTS when there is such a lease.
   *
   * @default one that the cluster makes
   */
  readonly id?: bigint | undefined;
}

export interface PutOptions extends CallOptions, KeyConditions, LeaseChoice {
  /**
   * Only create the key.
   *
   * @default false
   */
  readonly ifAbsent?: boolean | undefined;

  /**
   * Only replace a value.
   *
   * @default false
   */
  readonly ifPresent?: boolean | undefined;

  /**
   * Also return the record that the write replaced.
   *
   * @default false
   */
  readonly returnPrevious?: boolean | undefined;
}

/** Conditions are for the delete of one key; a range takes none. */
export interface DeleteOptions extends CallOptions, KeyConditions {
  /**
   * Reject with CONFLICT when the key does not exist, instead of deleting nothing.
   *
   * @default false
   */
  readonly ifPresent?: boolean | undefined;

  /**
   * Also return the records that were deleted.
   *
   * @default false
   */
  readonly returnPrevious?: boolean | undefined;
}

/** For `transact`: `timeoutMs` is for all attempts together. */
export interface TransactOptions extends CallOptions {
  /**
   * How often the function runs at most; others may write what it read each time. Then it rejects with CONFLICT.
   *
   * @default 16
   */
  readonly attemptsMax?: number | undefined;
}

/** Only records whose revisions lie within these bounds, which belong to it; unsaid, there is no such bound. */
export interface RevisionBounds {
  readonly minModRevision?: number | undefined;
  readonly maxModRevision?: number | undefined;
  readonly minCreateRevision?: number | undefined;
  readonly maxCreateRevision?: number | undefined;
}

export interface CountOptions extends ReadOptions, RevisionBounds {}

/** `timeoutMs` counts for each page of its own, since how long a loop takes is the caller's business. */
export interface ScanOptions extends ReadOptions, RevisionBounds {
  /**
   * At most so many entries in all, at least 1.
   *
   * @default as many as there are
   */
  readonly limit?: number | undefined;

  /**
   * From the last key to the first.
   *
   * @default false
   */
  readonly reverse?: boolean | undefined;

  /**
   * Leave the values out; each is empty then.
   *
   * @default false
   */
  readonly keysOnly?: boolean | undefined;
}

export interface ConnectOptions {
  /**
   * How long any call may take unless it says otherwise, `connect` included.
   *
   * @default 5_000
   */
  readonly timeoutMs?: number | undefined;

  /**
   * Gives up connecting. It has no effect on the connection once there is one.
   *
   * @default none
   */
  readonly signal?: AbortSignal | undefined;

  /**
   * Resolve at once, and connect when the first call needs it.
   *
   * @default false
   */
  readonly lazy?: boolean | undefined;

  /**
   * Also connect to the other members, as the nodes name them, and follow the leader there. Without it only the
   * endpoints of the URL are ever spoken to: one endpoint pins every request to that node.
   *
   * @default true
   */
  readonly discover?: boolean | undefined;

  /**
   * Try again what is safe to try again: reads always, writes in a session too, and others only while it is certain
   * that no node can still apply them. Without it the first failure reaches the caller; waiting for a first connection is no retry.
   *
   * @default true
   */
  readonly retry?: boolean | undefined;

  /**
   * Put writes into a session, so that each takes effect once however often it has to be sent: what was cut off is sent
   * again by itself, and of one that is unknown when its time is up `resolve` tells what became of it. The session is
   * opened with the first write. Without, a write that was cut off has outcome `unknown` at once.
   *
   * @default true
   */
  readonly sessions?: boolean | undefined;

  /**
   * The one cluster to speak to; any other is refused with WRONG_CLUSTER.
   *
   * @default the cluster of the first node that answers
   */
  readonly clusterId?: string | undefined;

  /**
   * How this program introduces itself to the nodes, for their logs; at most 256 characters.
   *
   * @default 'quorate-js'
   */
  readonly clientName?: string | undefined;
}
