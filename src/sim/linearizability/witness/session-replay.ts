/**
 * Sessions a second time, as small as they can be said: which requests of the log are done, and which are copies, or
 * come too late. It shares no code with src/kv, and of all bounds knows the number of sessions alone: clients of ours
 * stay below the others.
 */
import type { Operation } from '../../../kv/operation.ts';
import type { Request } from '../../../kv/state-machine.ts';
import type { CommittedEntry } from '../history.ts';

interface Session {
  readonly ttlMs: number;
  deadlineMs: number;
  acknowledgedThrough: number;
  /** Done, or resolved as never to be done. */
  readonly settled: Set<number>;
}

type Place = Pick<CommittedEntry, 'index' | 'term'>;

export class SessionReplay {
  readonly #sessions = new Map<bigint, Session>();
  readonly #sessionsMax: number;
  #timeMs = 0;

  constructor(sessionsMax: number) {
    this.#sessionsMax = sessionsMax;
  }

  /** False for a copy, for what comes too late, and for what is about sessions alone. */
  isDone(request: Request, place: Place, ordinal: number): boolean {
    if (this.#keeps(request.operation, place, ordinal)) return false;
    return request.session === 0n || this.#isDue(request);
  }

  entryBegins(clusterTimeMs: number): void {
    this.#timeMs = Math.max(this.#timeMs, clusterTimeMs);
  }

  #isDue({ session: id, sequence, acknowledgedThrough }: Request): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    const through = Math.min(acknowledgedThrough, sequence - 1);
    session.acknowledgedThrough = Math.max(session.acknowledgedThrough, through);
    if (sequence <= session.acknowledgedThrough || session.settled.has(sequence)) return false;
    session.settled.add(sequence);
    return true;
  }

  /** The one that would end first; of those, the one that was opened first. */
  #evict(): void {
    let first: [bigint, Session] | null = null;
    for (const each of this.#sessions) {
      if (first === null || each[1].deadlineMs < first[1].deadlineMs) first = each;
    }
    if (first !== null) this.#sessions.delete(first[0]);
  }

  /** True for what is about sessions. */
  #keeps(operation: Operation, { index, term }: Place, ordinal: number): boolean {
    switch (operation.type) {
      case 'sessionOpen': {
        const { ttlMs } = operation;
        const deadlineMs = this.#timeMs + ttlMs;
        const id = (BigInt(index) << 20n) + BigInt(ordinal);
        if (this.#sessions.size >= this.#sessionsMax) this.#evict();
        this.#sessions.set(id, { ttlMs, deadlineMs, acknowledgedThrough: 0, settled: new Set() });
        return true;
      }
      case 'sessionRenew':
        for (const id of operation.ids) {
          const session = this.#sessions.get(id);
          if (session !== undefined) session.deadlineMs = this.#timeMs + session.ttlMs;
        }
        return true;
      case 'sessionClose':
        this.#sessions.delete(operation.id);
        return true;
      case 'sessionExpire':
        for (const id of operation.term === term ? operation.ids : []) {
          if ((this.#sessions.get(id)?.deadlineMs ?? Infinity) <= this.#timeMs) this.#sessions.delete(id);
        }
        return true;
      case 'resolve': {
        const session = this.#sessions.get(operation.session);
        if (session !== undefined && operation.sequence > session.acknowledgedThrough) {
          session.settled.add(operation.sequence);
        }
        return true;
      }
      case 'put':
      case 'delete':
      case 'increment':
      case 'compact':
      case 'txn':
      case 'leaseGrant':
      case 'leaseRenew':
      case 'leaseRevoke':
      case 'leaseExpire':
        return false;
    }
  }
}
