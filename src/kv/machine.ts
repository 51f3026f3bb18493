import { answerRead } from './answer.ts';
import type { Query, QueryResult, Reply, Revision } from './operation.ts';
import { perform } from './perform.ts';
import type { HistoryInfo, PageLimits, Request, StateMachine } from './state-machine.ts';
import { State } from './state.ts';
import { answerTxn } from './txn.ts';

export function createStateMachine(): StateMachine {
  return new Machine();
}

class Machine implements StateMachine {
  readonly #state = new State();

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

  apply(index: number, clusterTimeMs: number, requests: readonly Request[]): Reply[] {
    this.#state.beginEntry(index, clusterTimeMs);
    return requests.map((request) => perform(this.#state, request.operation));
  }

  query(query: Query, limits: PageLimits): QueryResult {
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
