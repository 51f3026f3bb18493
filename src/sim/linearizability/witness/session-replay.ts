/**
 * Sessions a second time, as small as they can be said: which requests of the log are done, and which are copies, or
 * come too late. It shares no code with src/kv, and bounds nothing: clients of ours stay below every bound.
 */
import type { Operation, Reply } from '../../../kv/operation.ts';
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
  #timeMs = 0;

  /** Runs `perform` if the request is one that is done; null if it is not, or is about sessions and leases alone. */
  reply(request: Request, place: Place, ordinal: number, perform: () => Reply): Reply | null {
    const { operation } = request;
    if (this.#keeps(operation, place, ordinal)) return null;
    return request.session === 0n || this.#isDue(request) ? perform() : null;
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

  /** True for what changes no record: sessions, and what holds the time of leases that nobody has. */
  #keeps(operation: Operation, { index, term }: Place, ordinal: number): boolean {
    switch (operation.type) {
      case 'sessionOpen': {
        const { ttlMs } = operation;
        const deadlineMs = this.#timeMs + ttlMs;
        const id = (BigInt(index) << 20n) + BigInt(ordinal);
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
