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
import { encodeOperation } from '../../wire/operation-codec.ts';
import type {
  Bytes,
  ClientMessage,
  Query,
  ReadLevel,
  RequestId,
  Revision,
  ServerMessage,
} from '../../wire/client-protocol.ts';
import type { QuorateError } from '../../wire/errors.ts';
import type { Link } from './link.ts';

/** Milliseconds of a monotonic clock that the skin reads; never a date. */
export type Millis = number;

export type Work =
  | { readonly kind: 'write'; readonly operation: Bytes }
  | {
      readonly kind: 'read';
      readonly level: ReadLevel;
      readonly minRevision: Revision;
      readonly query: Query;
    }
  /** Settles as soon as any node has welcomed us: what `connect` waits for. */
  | { readonly kind: 'greeting' };

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
  /** The most telling failure so far, for the caller whose deadline passes. */
  telling: QuorateError | null;
}

export type Settlement =
  | { readonly id: RequestId; readonly ok: true; readonly answer: Answer }
  | { readonly id: RequestId; readonly ok: false; readonly error: QuorateError };

/** Tuple, type, numbers: what surrounds an operation or a key in a frame, generously. */
const MESSAGE_OVERHEAD_BYTES = 64;
const KEY_OVERHEAD_BYTES = 5;

export function bytesOf(work: Work): number {
  if (work.kind === 'greeting') return 0;
  const payload = work.kind === 'write' ? work.operation.length : bytesOfQuery(work.query);
  return MESSAGE_OVERHEAD_BYTES + payload;
}

function bytesOfQuery(query: Query): number {
  if (query.type === 'txn') return encodeOperation(query).length;
  if (query.type === 'past') return bytesOfQuery(query.read);
  if (query.type === 'scan') return query.range.start.length + (query.range.end?.length ?? 0);
  return query.keys.reduce((bytes, key) => bytes + KEY_OVERHEAD_BYTES + key.length, 0);
}

/** Writes and linearizable reads are the leader's business; any node serves the rest as well. */
export function wantsLeader(work: Work): boolean {
  return work.kind === 'write' || (work.kind === 'read' && work.level === 'linearizable');
}

export function isWrite(request: Request): boolean {
  return request.work.kind === 'write';
}

export function messageFor(request: Request, timeoutMs: number): ClientMessage {
  const { id, work } = request;
  if (work.kind === 'greeting') throw new Error('a greeting is never sent');
  if (work.kind === 'write') {
    return { type: 'write', id, timeoutMs, session: 0n, sequence: 0, operation: work.operation };
  }
  const { level, minRevision, query } = work;
  return { type: 'read', id, timeoutMs, level, minRevision, query };
}

/** Whether the answer is one to this request; a node that says anything else is broken. */
export function answers(request: Request, message: Written | ReadAnswer): boolean {
  const { work } = request;
  if (work.kind !== 'read') return work.kind === 'write' && message.type === 'written';
  if (message.type !== 'answer') return false;
  // The past may be gone, and a transaction may fail; what is there now can always be told.
  if (message.result.type === 'failure') return work.query.type === 'past' || work.query.type === 'txn';
  if (message.result.type !== work.query.type) return false;
  if (message.result.type !== 'get' || work.query.type !== 'get') return true;
  return message.result.records.length === work.query.keys.length;
}
