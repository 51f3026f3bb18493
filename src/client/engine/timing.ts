/** The engine's numbers, each with its reason. Milliseconds unless the name says otherwise. */

/**
 * A dead connection is visible within 5 s (SPEC 5), a silent one much earlier:
 *
 *   last frame ──► ping ──────────────► suspect ─────────────────────────► dead
 *                  idle: +1,500         +500: nothing new goes there,      +3,000: closed; writes in
 *                  busy: +500           reads move to another node         flight are `unknown`
 */
export const PING_IDLE_MS = 1_500;
export const PING_BUSY_MS = 500;
export const SUSPECT_MS = 500;
export const DEAD_MS = 3_000;

/** From dialling to welcome. Longer than a busy node's pause, shorter than half of the default deadline. */
export const DIAL_MS = 2_000;

/** Between attempts to reach an endpoint: capped low, because a healed network must not wait for us (DESIGN 6). */
export const REDIAL_BASE_MS = 25;
export const REDIAL_CAP_MS = 1_000;
/** An endpoint that refused us for good (another cluster, another protocol) is asked again only now and then. */
export const REDIAL_REFUSED_MS = 5_000;
/** A node that said goodbye needs a moment to stop, and longer to come back. */
export const REDIAL_LEFT_MS = 300;
/** A connection that lived this long was a good one: its loss starts the backoff afresh. */
export const SETTLED_CONNECTION_MS = 1_000;

/** Between attempts of a request: doubling, with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"). */
export const RETRY_BASE_MS = 20;
export const RETRY_CAP_MS = 500;

/** A read without an answer moves after this share of the time it had left, but not before a usual election is over. */
export const MOVE_SHARE = 1 / 3;
export const MOVE_MIN_MS = 750;

/**
 * Retries add at most a tenth to the load, plus a little that flows back with time, so that an idle client may retry
 * too; what is saved up covers one failover of a busy client. Without a token a retry waits, it does not fail.
 */
export const BUDGET_PER_REQUEST = 0.1;
export const BUDGET_PER_SECOND = 20;
export const BUDGET_CAP = 512;

/** The node is given a little less time than the caller has left, so that its better-informed refusal arrives first. */
export const ANSWER_MARGIN_SHARE = 0.05;
export const ANSWER_MARGIN_MAX_MS = 100;

/**
 * A session outlives any failover; one whose client is gone is forgotten by all nodes after it. Three renewals fit in.
 */
export const SESSION_TTL_MS = 60_000;
export const RENEWALS_PER_TTL = 3;
export const RENEW_AGAIN_MS = 1_000;
export const SESSION_REQUEST_MS = 5_000;
export const FAREWELL_MS = 1_000;
/** Writes of a session that are not settled; the cluster keeps no more than 1,024 replies. */
export const WINDOW_MAX = 1_000;

/** Requests that wait for a connection; beyond it new ones are refused with OVERLOADED. */
export const WAITING_MAX = 16_384;
export const WAITING_BYTES_MAX: number = 64 * 1024 * 1024;
/** What may be unanswered on one connection, so that the socket's own buffer stays bounded too. */
export const LINK_BYTES_MAX: number = 8 * 1024 * 1024;
/** Told to a caller that was refused because the queue is full. */
export const OVERLOADED_RETRY_MS = 50;

/** Seeds and members together; a node that lists more is not believed. */
export const ENDPOINTS_MAX = 32;

/** A wake-up this late means that we were paused, not that the nodes were silent. */
export const OWN_PAUSE_MS = 250;
