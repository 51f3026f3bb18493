/**
 * The sessions and the replies that they keep until the client says that it has them; part of the replicated state.
 *
 * What is kept is bounded in number and in bytes, as counted by `reply-bytes.ts` and a flat charge for each:
 *
 *   sessions                   10,000; one more evicts the one with the oldest deadline, of equals the least id
 *   replies of a session       sequences up to 1,024 above the last acknowledged one
 *   bytes of a session         1 MiB as long as there is room among all; 26 KiB, which is its share, in any case
 *   bytes of all together      256 MiB, and the shares: 510 MiB
 *
 * A request that comes when its session keeps that much is refused before it is done, so the last reply kept may go
 * beyond, by what an answer holds (answer-size.ts), and no reply is ever kept in part: who asks again gets what was
 * answered. Values in it (a previous record, a transaction's reads) are copied, for as slices they would keep the whole
 * block of the log that they came in.
 */
import { Deadlines } from './deadlines.ts';
import { detachedReply } from './detached-reply.ts';
import type { Reply } from './operation.ts';
import { ReplyBytes } from './reply-bytes.ts';
import { type ReplyFields, SessionDigest } from './session-digest.ts';
import type { SetDigest } from './set-digest.ts';

/** The same on every node of a cluster: eviction and refusal are part of the answer. */
export interface SessionLimits {
  readonly sessionsMax: number;
  readonly unacknowledgedMax: number;
  readonly sessionBytesMax: number;
  readonly allBytesMax: number;
}

export const SESSION_LIMITS: SessionLimits = {
  sessionsMax: 10_000,
  unacknowledgedMax: 1_024,
  sessionBytesMax: 1 << 20,
  allBytesMax: 256 << 20,
};

export interface Session {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly deadlineMs: number;
  readonly acknowledgedThrough: number;
  readonly answered: ReadonlyMap<number, Answered>;
}

/** `reply` null: the request was resolved as one that never takes effect. */
export interface Answered {
  readonly reply: Reply | null;
}

interface Row extends Session {
  deadlineMs: number;
  acknowledgedThrough: number;
  bytes: number;
  readonly answered: Map<number, ReplyFields>;
}

/** Of the objects that a kept reply is made of, about. */
const REPLY_CHARGE_BYTES = 256;
const PLAIN_PUT_BYTES = plainPutBytes();

export class SessionTable {
  readonly #digest = new SessionDigest();
  readonly #rows = new Map<bigint, Row>();
  readonly #deadlines = new Deadlines();
  readonly #limits: SessionLimits;
  readonly #replyBytes = new ReplyBytes();
  #allBytes = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  get digest(): SetDigest {
    return this.#digest.value;
  }

  get size(): number {
    return this.#rows.size;
  }

  find(id: bigint): Session | null {
    return this.#rows.get(id) ?? null;
  }

  /** The id is free. */
  open(id: bigint, ttlMs: number, deadlineMs: number): void {
    const evicted = this.#rows.size >= this.#limits.sessionsMax ? this.#deadlines.first() : null;
    if (evicted !== null) this.close(evicted);
    const row: Row = { id, ttlMs, deadlineMs, acknowledgedThrough: 0, bytes: 0, answered: new Map() };
    this.#rows.set(id, row);
    this.#deadlines.set(id, deadlineMs);
    this.#digest.changed(row);
  }

  /** Whether there was one. */
  close(id: bigint): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    for (const kept of row.answered.values()) this.#digest.forgotten(kept);
    this.#digest.closed(row);
    this.#allBytes -= row.bytes;
    this.#rows.delete(id);
    this.#deadlines.delete(id);
    return true;
  }

  renew(id: bigint, deadlineMs: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    row.deadlineMs = deadlineMs;
    this.#deadlines.set(id, deadlineMs);
    this.#digest.changed(row);
  }

  /** Forgets the replies through the sequence. What was acknowledged stays so. */
  acknowledge(id: bigint, through: number): void {
    const row = this.#rows.get(id);
    if (row === undefined || through <= row.acknowledgedThrough) return;
    // All that is kept lies within the window, so this is short however far the client jumps.
    const last = Math.min(through, row.acknowledgedThrough + this.#limits.unacknowledgedMax);
    for (let sequence = row.acknowledgedThrough + 1; sequence <= last; sequence += 1) {
      this.#forget(row, sequence);
    }
    row.acknowledgedThrough = through;
    this.#digest.changed(row);
  }

  /** Whether the sequence is among those that are kept at all. */
  isWithin(id: bigint, sequence: number): boolean {
    const through = this.#rows.get(id)?.acknowledgedThrough ?? 0;
    return sequence <= through + this.#limits.unacknowledgedMax;
  }

  /** Whether one more reply may be kept. */
  hasRoom(id: bigint, sequence: number): boolean {
    const row = this.#rows.get(id);
    if (row === undefined || !this.isWithin(id, sequence)) return false;
    const { sessionsMax, sessionBytesMax, allBytesMax } = this.#limits;
    const bytesMax = this.#allBytes < allBytesMax ? sessionBytesMax : allBytesMax / sessionsMax;
    return row.bytes < bytesMax;
  }

  keep(id: bigint, sequence: number, reply: Reply | null): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const bytes = REPLY_CHARGE_BYTES + this.#bytesOf(reply);
    const kept = { session: id, sequence, reply: reply === null ? null : detachedReply(reply), bytes };
    row.answered.set(sequence, kept);
    row.bytes += bytes;
    this.#allBytes += bytes;
    this.#digest.kept(kept);
  }

  /** At most `max` of those whose deadline has come. */
  due(clusterTimeMs: number, max: number): bigint[] {
    return this.#deadlines.due(clusterTimeMs, max);
  }

  #forget(row: Row, sequence: number): void {
    const kept = row.answered.get(sequence);
    if (kept === undefined) return;
    row.answered.delete(sequence);
    row.bytes -= kept.bytes;
    this.#allBytes -= kept.bytes;
    this.#digest.forgotten(kept);
  }

  #bytesOf(reply: Reply | null): number {
    // Most replies, by far, and all of them of one size.
    if (reply?.type === 'put' && reply.previous === null) return PLAIN_PUT_BYTES;
    this.#replyBytes.write(reply);
    return this.#replyBytes.length;
  }
}

function plainPutBytes(): number {
  const bytes = new ReplyBytes();
  bytes.write({ type: 'put', revision: 1, previous: null } satisfies Reply);
  return bytes.length;
}
