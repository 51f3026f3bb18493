/**
 * A request of the caller, from submission to its one settlement.
 *
 *            ┌────────── delayed ◄───────┐ refused or cut off, and safe to try again
 *            ▼                           │
 *   submitted ──► queued ──► in flight ──┤
 *                   ▲            │       └─► settled: answered, refused for good, deadline, aborted, closed
 *                   └────────────┘ a read whose node has gone silent
 *
 * `queued`, `delayed`: nothing of the request is at any node that may still apply it. Only from `inFlight` can an
 * outcome be unknown, and only for a write.
 */
import { withAcknowledgement } from '../../wire/acknowledged-operation.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import type {
  AnyQuery,
  Bytes,
  ClientMessage,
  ReadLevel,
  RequestId,
  Revision,
  ServerMessage,
} from '../../wire/client-protocol.ts';
import type { QuorateError } from '../../wire/errors.ts';
import type { Link } from './link.ts';
import type { Slot } from './session-writes.ts';

/** Milliseconds of a monotonic clock that the skin reads; never a date. */
export type Millis = number;

export type Work =
  | { readonly kind: 'write'; readonly operation: Bytes }
  /** Enters the log as well, outside of any session, and may do so any number of times. */
  | { readonly kind: 'repeat'; readonly operation: Bytes }
  | {
      readonly kind: 'read';
      readonly level: ReadLevel;
      readonly minRevision: Revision;
      readonly query: AnyQuery;
    }
  /** Settles as soon as any node has welcomed us: what `connect` waits for. */
  | { readonly kind: 'greeting' };

type WriteMessage = Extract<ClientMessage, { type: 'write' }>;
export type Written = Extract<ServerMessage, { type: 'written' }>;
export type ReadAnswer = Extract<ServerMessage, { type: 'answer' }>;
export type Answer = Written | ReadAnswer | { readonly type: 'greeted' };

export type Place =
  | { readonly at: 'queued' }
  | { readonly at: 'delayed'; readonly until: Millis }
  /** `moveAt`: when a read without an answer is tried elsewhere. */
  | { readonly at: 'inFlight'; readonly link: Link; readonly sentAt: Millis; readonly moveAt: Millis }
  | { readonly at: 'settled' };

export interface Request {
  readonly id: RequestId;
  readonly work: Work;
  /** What it weighs on the wire, roughly and never too little. */
  readonly bytes: number;
  readonly submittedAt: Millis;
  readonly deadline: Millis;
  place: Place;
  /** How often it has been sent. */
  attempts: number;
  /** The node to keep away from if there is another. */
  avoid: Link | null;
  /** The next attempt follows news from the cluster, not our own impatience: it costs no token of the budget. */
  freePass: boolean;
  /** An attempt ended without word of what became of it. */
  unsure: boolean;
  /** Its number in a session, from its first attempt on; null outside of sessions. */
  slot: Slot | null;
  /** Who hears the last word on it, if not a caller. */
  readonly heard: ((settlement: Settlement) => void) | null;
  /** The most telling failure so far, for the caller whose deadline passes. */
  telling: QuorateError | null;
}

export function newRequest(
  id: RequestId,
  work: Work,
  timeoutMs: Millis,
  now: Millis,
  heard: Request['heard'] = null,
): Request {
  return {
    id,
    work,
    bytes: bytesOf(work),
    submittedAt: now,
    deadline: now + timeoutMs,
    place: { at: 'queued' },
    attempts: 0,
    avoid: null,
    freePass: false,
    unsure: false,
    slot: null,
    heard,
    telling: null,
  };
}

export type Settlement =
  | { readonly id: RequestId; readonly ok: true; readonly answer: Answer }
  | { readonly id: RequestId; readonly ok: false; readonly error: QuorateError };

/** Tuple, type, numbers: what surrounds an operation or a key in a frame, generously. */
const MESSAGE_OVERHEAD_BYTES = 64;
const KEY_OVERHEAD_BYTES = 5;

export function bytesOf(work: Work): number {
  if (work.kind === 'greeting') return 0;
  const payload = work.kind === 'read' ? bytesOfQuery(work.query) : work.operation.length;
  return MESSAGE_OVERHEAD_BYTES + payload;
}

function bytesOfQuery(query: AnyQuery): number {
  if (query.type === 'leaseInspect' || query.type === 'leaseList') return 0;
  if (query.type === 'txn') return encodeOperation(query).length;
  if (query.type === 'past') return bytesOfQuery(query.read);
  if (query.type === 'scan') return query.range.start.length + (query.range.end?.length ?? 0);
  return query.keys.reduce((bytes, key) => bytes + KEY_OVERHEAD_BYTES + key.length, 0);
}

/** Writes and linearizable reads are the leader's business; any node serves the rest as well. */
export function wantsLeader(work: Work): boolean {
  return work.kind === 'read' ? work.level === 'linearizable' : work.kind !== 'greeting';
}

export function isWrite(request: Request): boolean {
  return request.work.kind === 'write' || request.work.kind === 'repeat';
}

/** Sending it once more could do it once more. */
export function countsTwice(request: Request): boolean {
  return request.work.kind === 'write' && request.slot === null;
}

export function messageFor(request: Request, timeoutMs: number): ClientMessage {
  const { id, work } = request;
  if (work.kind === 'greeting') throw new Error('a greeting is never sent');
  if (work.kind !== 'read') return { type: 'write', id, timeoutMs, ...placed(request.slot, work.operation) };
  const { level, minRevision, query } = work;
  return { type: 'read', id, timeoutMs, level, minRevision, query };
}

function placed(
  slot: Slot | null,
  operation: Bytes,
): Pick<WriteMessage, 'session' | 'sequence' | 'operation'> {
  if (slot === null) return { session: 0n, sequence: 0, operation };
  const { session, sequence } = slot;
  const back = slot.back();
  return { session, sequence, operation: back === null ? operation : withAcknowledgement(back, operation) };
}

const MAY_FAIL: ReadonlySet<string> = new Set(['get', 'past', 'txn']);

/** Whether the answer is one to this request; a node that says anything else is broken. */
export function answers(request: Request, message: Written | ReadAnswer): boolean {
  const { work } = request;
  if (work.kind !== 'read') return work.kind !== 'greeting' && message.type === 'written';
  if (message.type !== 'answer') return false;
  // The past may be gone, a transaction may fail, and what was asked for may be too much.
  if (message.result.type === 'failure') return MAY_FAIL.has(work.query.type);
  if (message.result.type !== work.query.type) return false;
  if (message.result.type !== 'get' || work.query.type !== 'get') return true;
  return message.result.records.length === work.query.keys.length;
}
