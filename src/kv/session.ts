/** What is done to sessions, and how a request in one takes effect once. */
import { unreachable } from './assert.ts';
import type { FailureReply, Operation, Reply, SessionFailure, SessionOperation } from './operation.ts';
import type { Request } from './state-machine.ts';
import type { State } from './state.ts';

/** A request that was answered is not done again: what it was answered is in the table, or it has no answer any more. */
export function performOnce(state: State, request: Request, perform: () => Reply): Reply {
  const { session: id, sequence } = request;
  const { sessions } = state.tables;
  sessions.acknowledge(id, Math.min(request.acknowledgedThrough, sequence - 1));
  const session = sessions.find(id);
  if (session === null) return refuse(state, { code: 'SESSION_EXPIRED' });
  const { acknowledgedThrough } = session;
  if (sequence <= acknowledgedThrough) {
    return refuse(state, { code: 'SEQUENCE_ACKNOWLEDGED', acknowledgedThrough });
  }
  const answered = session.answered.get(sequence);
  if (answered !== undefined) return answered.reply ?? refuse(state, { code: 'RESOLVED_NEVER' });
  if (!sessions.hasRoom(id, sequence)) {
    return refuse(state, { code: 'TOO_MANY_UNACKNOWLEDGED', acknowledgedThrough });
  }
  const reply = perform();
  sessions.keep(id, sequence, reply);
  return reply;
}

const TYPES = {
  sessionOpen: true,
  sessionRenew: true,
  sessionClose: true,
  sessionExpire: true,
  resolve: true,
} satisfies Record<SessionOperation['type'], true>;

export function isSessionOperation(operation: Operation): operation is SessionOperation {
  return Object.hasOwn(TYPES, operation.type);
}

export function performSessionOperation(state: State, operation: SessionOperation): Reply {
  const { revision } = state;
  switch (operation.type) {
    case 'sessionOpen':
      return { type: 'sessionOpen', revision, session: open(state, operation.ttlMs) };
    case 'sessionRenew':
      return { type: 'sessionRenew', revision, ttlsMs: operation.ids.map((id) => renew(state, id)) };
    case 'sessionClose':
      return { type: 'sessionClose', revision, closed: state.tables.sessions.close(operation.id) };
    case 'sessionExpire':
      return { type: 'sessionExpire', revision, expired: expire(state, operation.ids, operation.term) };
    case 'resolve':
      return resolve(state, operation.session, operation.sequence);
    default:
      return unreachable(operation);
  }
}

function open(state: State, ttlMs: number): bigint {
  const { sessions } = state.tables;
  const id = state.madeId((made) => sessions.find(made) !== null);
  sessions.open(id, ttlMs, state.clusterTimeMs + ttlMs);
  return id;
}

/** One whose deadline has come lives on if it is renewed before its end stands in the log. */
function renew(state: State, id: bigint): number {
  const session = state.tables.sessions.find(id);
  if (session === null) return 0;
  state.tables.sessions.renew(id, state.clusterTimeMs + session.ttlMs);
  return session.ttlMs;
}

/** The leader's word on which are due is of an earlier state: those renewed since are not. */
function expire(state: State, ids: readonly bigint[], term: number): bigint[] {
  if (term !== state.term) return [];
  const { sessions } = state.tables;
  return ids.filter((id) => {
    const session = sessions.find(id);
    return session !== null && session.deadlineMs <= state.clusterTimeMs && sessions.close(id);
  });
}

function resolve(state: State, id: bigint, sequence: number): Reply {
  const { sessions } = state.tables;
  const session = sessions.find(id);
  if (session === null) return refuse(state, { code: 'SESSION_EXPIRED' });
  const { acknowledgedThrough } = session;
  if (sequence <= acknowledgedThrough) {
    return refuse(state, { code: 'SEQUENCE_ACKNOWLEDGED', acknowledgedThrough });
  }
  const answered = session.answered.get(sequence);
  if (answered === undefined) {
    // That it never takes effect is small, and has room beside whatever is kept: who asks is about to let go of it.
    if (!sessions.isWithin(id, sequence)) {
      return refuse(state, { code: 'TOO_MANY_UNACKNOWLEDGED', acknowledgedThrough });
    }
    sessions.keep(id, sequence, null);
  }
  const reply = answered?.reply ?? null;
  const resolution = reply === null ? ({ type: 'never' } as const) : ({ type: 'applied', reply } as const);
  return { type: 'resolve', revision: state.revision, resolution };
}

function refuse(state: State, failure: SessionFailure): FailureReply {
  return { type: 'failure', revision: state.revision, failure };
}
