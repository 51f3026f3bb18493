import { answerRead } from './answer.ts';
import { answerLeaseQuery } from './lease.ts';
import { isLeaseQuery } from './lease-operation.ts';
import type {
  AnyQuery,
  AnyQueryResult,
  LeaseQuery,
  LeaseResult,
  Query,
  QueryResult,
  Reply,
  Revision,
} from './operation.ts';
import { performRequest } from './perform.ts';
import { SESSION_LIMITS, type SessionLimits } from './session-table.ts';
import type { HistoryInfo, PageLimits, Request, StateMachine } from './state-machine.ts';
import { State } from './state.ts';
import { answerTxn } from './txn.ts';

/** Of no leader. */
const NO_TERM = 0;

/** Other limits than the default are for tests: all nodes of a cluster have the same. */
export function createStateMachine(sessionLimits: SessionLimits = SESSION_LIMITS): StateMachine {
  return new Machine(sessionLimits);
}

class Machine implements StateMachine {
  readonly #state: State;

  constructor(sessionLimits: SessionLimits) {
    this.#state = new State(sessionLimits);
  }

  get appliedIndex(): number {
    return this.#state.appliedIndex;
  }

  get revision(): Revision {
    return this.#state.revision;
  }

  get clusterTimeMs(): number {
    return this.#state.clusterTimeMs;
  }

  get keyCount(): number {
    return this.#state.tables.records.size;
  }

  get sessionCount(): number {
    return this.#state.tables.sessions.size;
  }

  apply(index: number, clusterTimeMs: number, requests: readonly Request[], term = NO_TERM): Reply[] {
    this.#state.beginEntry(index, clusterTimeMs, term);
    return requests.map((request, ordinal) => performRequest(this.#state, request, ordinal));
  }

  get leaseCount(): number {
    return this.#state.tables.leases.size;
  }

  leasesDue(clusterTimeMs: number, max: number): bigint[] {
    return this.#state.tables.leases.due(clusterTimeMs, max);
  }

  sessionsDue(clusterTimeMs: number, max: number): bigint[] {
    return this.#state.tables.sessions.due(clusterTimeMs, max);
  }

  query(query: Query, limits: PageLimits): QueryResult;
  query(query: LeaseQuery, limits: PageLimits): LeaseResult;
  query(query: AnyQuery, limits: PageLimits): AnyQueryResult;
  query(query: AnyQuery, limits: PageLimits): AnyQueryResult {
    if (isLeaseQuery(query)) return answerLeaseQuery(this.#state, query, limits);
    const view = this.#state.view();
    return query.type === 'txn' ? answerTxn(view, query) : answerRead(view, query, limits);
  }

  get history(): HistoryInfo {
    const { tables, revision, clusterTimeMs, times } = this.#state;
    const { floor, events } = tables.history;
    return {
      floor,
      revision,
      clusterTimeMs,
      eventCount: events.next - events.front,
      revisionAt: (timeMs) => times.revisionAt(timeMs),
    };
  }

  cleanUp(eventsMax: number): number {
    return this.#state.tables.history.cleanUp(eventsMax);
  }

  digest(): string {
    return this.#state.digest();
  }
}
