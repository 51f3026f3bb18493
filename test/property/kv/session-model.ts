/** Sessions said again in the plainest way, around the model of the records: lists that are searched from the front. */
import { ReplyBytes } from '../../../src/kv/reply-bytes.ts';
import type { Failure, Operation, Reply, SessionOperation } from '../../../src/kv/operation.ts';
import type { SessionLimits } from '../../../src/kv/session-table.ts';
import { SessionHasher } from '../../../src/kv/state-hash.ts';
import type { Request } from '../../../src/kv/state-machine.ts';
import { Model } from './model.ts';

interface ModelSession {
  readonly id: bigint;
  readonly ttlMs: number;
  deadlineMs: number;
  acknowledgedThrough: number;
  answered: { readonly sequence: number; readonly reply: Reply | null; readonly bytes: number }[];
}

const CHARGE_BYTES = 256;

export class SessionModel {
  readonly data = new Model();
  sessions: ModelSession[] = [];
  readonly #limits: SessionLimits;
  #index = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  apply(clusterTimeMs: number, requests: readonly Request[], term: number): Reply[] {
    this.#index += 1;
    this.data.apply(clusterTimeMs, []);
    return requests.map((request, ordinal) => this.#perform(request, ordinal, term));
  }

  #perform(request: Request, ordinal: number, term: number): Reply {
    const { operation, session: id, sequence } = request;
    if (isOfSession(operation)) return this.#session(operation, ordinal, term);
    const act = (): Reply => {
      const [reply] = this.data.apply(0, [operation], term);
      if (reply === undefined) throw new Error('no reply');
      return reply;
    };
    if (id === 0n) return act();
    const session = this.#find(id);
    if (session === null) return this.#fail({ code: 'SESSION_EXPIRED' });
    const through = Math.max(
      session.acknowledgedThrough,
      Math.min(request.acknowledgedThrough, sequence - 1),
    );
    session.acknowledgedThrough = through;
    session.answered = session.answered.filter((each) => each.sequence > through);
    return (
      this.#refusal(session, sequence) ??
      this.#answered(session, sequence) ??
      this.#keep(session, sequence, act())
    );
  }

  #answered(session: ModelSession, sequence: number): Reply | null {
    const answered = session.answered.find((each) => each.sequence === sequence);
    if (answered === undefined) return null;
    return answered.reply ?? this.#fail({ code: 'RESOLVED_NEVER' });
  }

  #refusal(session: ModelSession, sequence: number): Reply | null {
    const outside = this.#outside(session, sequence);
    if (outside !== null || session.answered.some((each) => each.sequence === sequence)) return outside;
    const { sessionsMax, sessionBytesMax, allBytesMax } = this.#limits;
    const all = this.sessions.map(bytesOf).reduce((sum, bytes) => sum + bytes, 0);
    const bytesMax = all < allBytesMax ? sessionBytesMax : allBytesMax / sessionsMax;
    return bytesOf(session) < bytesMax ? null : this.#tooMany(session);
  }

  /** Of sequences that no answer can be kept for, however small it is. */
  #outside(session: ModelSession, sequence: number): Reply | null {
    const { acknowledgedThrough } = session;
    if (sequence <= acknowledgedThrough)
      return this.#fail({ code: 'SEQUENCE_ACKNOWLEDGED', acknowledgedThrough });
    return sequence > acknowledgedThrough + this.#limits.unacknowledgedMax ? this.#tooMany(session) : null;
  }

  #tooMany({ acknowledgedThrough }: ModelSession): Reply {
    return this.#fail({ code: 'TOO_MANY_UNACKNOWLEDGED', acknowledgedThrough });
  }

  #keep<R extends Reply | null>(session: ModelSession, sequence: number, reply: R): R {
    const size = new ReplyBytes();
    size.write(reply);
    session.answered.push({ sequence, reply, bytes: CHARGE_BYTES + size.length });
    return reply;
  }

  #session(operation: SessionOperation, ordinal: number, term: number): Reply {
    const { clusterTimeMs, revision } = this.data;
    switch (operation.type) {
      case 'sessionOpen': {
        const { ttlMs } = operation;
        if (this.sessions.length === this.#limits.sessionsMax) this.#evict();
        const id = BigInt(this.#index) * 2n ** 20n + BigInt(ordinal);
        const deadlineMs = clusterTimeMs + ttlMs;
        this.sessions.push({ id, ttlMs, deadlineMs, acknowledgedThrough: 0, answered: [] });
        return { type: 'sessionOpen', revision, session: id };
      }
      case 'sessionRenew': {
        const ttlsMs = operation.ids.map((id) => {
          const session = this.#find(id);
          if (session !== null) session.deadlineMs = clusterTimeMs + session.ttlMs;
          return session?.ttlMs ?? 0;
        });
        return { type: 'sessionRenew', revision, ttlsMs };
      }
      case 'sessionClose':
        return { type: 'sessionClose', revision, closed: this.#remove(operation.id) };
      case 'sessionExpire': {
        const due = operation.ids.filter((id) => (this.#find(id)?.deadlineMs ?? Infinity) <= clusterTimeMs);
        const expired = term === operation.term ? due.filter((id) => this.#remove(id)) : [];
        return { type: 'sessionExpire', revision, expired };
      }
      case 'resolve':
        return this.#resolve(operation.session, operation.sequence);
    }
  }

  #resolve(id: bigint, sequence: number): Reply {
    const session = this.#find(id);
    if (session === null) return this.#fail({ code: 'SESSION_EXPIRED' });
    const outside = this.#outside(session, sequence);
    if (outside !== null) return outside;
    const answered = session.answered.find((each) => each.sequence === sequence);
    const reply = answered === undefined ? this.#keep(session, sequence, null) : answered.reply;
    const { revision } = this.data;
    if (reply === null) return { type: 'resolve', revision, resolution: { type: 'never' } };
    return { type: 'resolve', revision, resolution: { type: 'applied', reply } };
  }

  #evict(): void {
    const [first] = this.sessions.toSorted(
      (left, right) => left.deadlineMs - right.deadlineMs || Number(left.id - right.id),
    );
    if (first !== undefined) this.#remove(first.id);
  }

  #remove(id: bigint): boolean {
    const before = this.sessions.length;
    this.sessions = this.sessions.filter((session) => session.id !== id);
    return this.sessions.length < before;
  }

  #find(id: bigint): ModelSession | null {
    return this.sessions.find((session) => session.id === id) ?? null;
  }

  digest(): string {
    const digest = this.data.digestSet();
    const hasher = new SessionHasher();
    for (const session of this.sessions) {
      digest.add(hasher.hash(session));
      for (const { sequence, reply } of session.answered) {
        const bytes = new ReplyBytes();
        bytes.write(reply);
        digest.add(hasher.hashReply({ session: session.id, sequence }, bytes));
      }
    }
    return digest.print();
  }

  #fail(failure: Failure): Reply {
    return { type: 'failure', revision: this.data.revision, failure };
  }
}

function isOfSession(operation: Operation): operation is SessionOperation {
  return operation.type.startsWith('session') || operation.type === 'resolve';
}

function bytesOf(session: ModelSession): number {
  return session.answered.reduce((sum, { bytes }) => sum + bytes, 0);
}
