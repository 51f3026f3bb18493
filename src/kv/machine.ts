import { fits, parseCounter, printCounter } from './counter.ts';
import type {
  Condition,
  DeleteOperation,
  Failure,
  IncrementOperation,
  KvRecord,
  Operation,
  PutOperation,
  Query,
  QueryResult,
  Reply,
  Revision,
  ScanQuery,
} from './operation.ts';
import type { PageLimits, Request, StateMachine } from './state-machine.ts';
import { RecordStore } from './store.ts';

/** An empty store is at 1; its first write makes 2 (SPEC 2). */
const EMPTY_REVISION = 1;

export function createStateMachine(): StateMachine {
  return new Machine();
}

class Machine implements StateMachine {
  readonly #store = new RecordStore();
  #appliedIndex = 0;
  #revision: Revision = EMPTY_REVISION;
  #clusterTimeMs = 0;

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get clusterTimeMs(): number {
    return this.#clusterTimeMs;
  }

  get keyCount(): number {
    return this.#store.size;
  }

  apply(index: number, clusterTimeMs: number, requests: readonly Request[]): Reply[] {
    if (index !== this.#appliedIndex + 1) {
      throw new Error(
        `entry ${index} follows ${this.#appliedIndex}: the log is applied in order, without a gap`,
      );
    }
    this.#appliedIndex = index;
    this.#clusterTimeMs = Math.max(this.#clusterTimeMs, clusterTimeMs);
    return requests.map((request) => this.#execute(request.operation));
  }

  #execute(operation: Operation): Reply {
    switch (operation.type) {
      case 'put':
        return this.#put(operation);
      case 'delete':
        return this.#delete(operation);
      case 'increment':
        return this.#increment(operation);
    }
  }

  #put({ key, value, conditions, returnPrevious }: PutOperation): Reply {
    const needsPrevious = returnPrevious || conditions.length > 0;
    const previous = needsPrevious ? this.#store.get(key) : null;
    if (!conditions.every((condition) => holds(condition, previous))) return this.#conflict(previous);
    this.#revision += 1;
    this.#store.put(key, value, this.#revision);
    return { type: 'put', revision: this.#revision, previous: returnPrevious ? previous : null };
  }

  #delete({ target, conditions, returnPrevious }: DeleteOperation): Reply {
    if (conditions.length > 0) {
      const current = this.#store.get(target.start);
      if (!conditions.every((condition) => holds(condition, current))) return this.#conflict(current);
    }
    const previous = this.#store.delete(target);
    if (previous.length > 0) this.#revision += 1;
    const deleted = previous.length;
    return { type: 'delete', revision: this.#revision, deleted, previous: returnPrevious ? previous : [] };
  }

  /** Adding 0 to a counter that exists changes nothing, so it takes no revision. */
  #increment({ key, by }: IncrementOperation): Reply {
    const current = this.#store.get(key);
    const before = current === null ? 0n : parseCounter(current.value);
    if (before === null) return this.#failure({ code: 'NOT_A_COUNTER' });
    const value = before + by;
    if (!fits(value)) return this.#failure({ code: 'COUNTER_OVERFLOW', value: before });
    if (by !== 0n || current === null) {
      this.#revision += 1;
      this.#store.put(key, printCounter(value), this.#revision);
    }
    return { type: 'increment', revision: this.#revision, value };
  }

  #conflict(current: KvRecord | null): Reply {
    return this.#failure({ code: 'CONFLICT', current });
  }

  #failure(failure: Failure): Reply {
    return { type: 'failure', revision: this.#revision, failure };
  }

  query(query: Query, limits: PageLimits): QueryResult {
    if (query.type === 'get') {
      return { type: 'get', records: query.keys.map((key) => this.#store.get(key)) };
    }
    if (query.countOnly) {
      return { type: 'scan', records: [], count: this.#store.count(query.range), more: false };
    }
    return this.#page(query, limits);
  }

  /** At least one record, if there is one, whatever its size; then as many as the page holds. */
  #page({ range, limit, reverse, keysOnly }: ScanQuery, limits: PageLimits): QueryResult {
    const recordsMax = limit === 0 ? limits.pageRecordsMax : Math.min(limit, limits.pageRecordsMax);
    const records: KvRecord[] = [];
    let bytes = 0;
    for (const found of this.#store.scan(range, reverse)) {
      const record = keysOnly ? { ...found, value: NO_VALUE } : found;
      bytes += record.key.length + record.value.length;
      const full = records.length === recordsMax || (records.length > 0 && bytes > limits.pageBytesMax);
      if (full) return { type: 'scan', records, count: records.length, more: true };
      records.push(record);
    }
    return { type: 'scan', records, count: records.length, more: false };
  }

  digest(): string {
    return this.#store.digest([this.#revision, this.#clusterTimeMs]);
  }
}

const NO_VALUE = new Uint8Array(0);

function holds(condition: Condition, record: KvRecord | null): boolean {
  switch (condition.type) {
    case 'absent':
      return record === null;
    case 'present':
      return record !== null;
    case 'revision':
      return record?.modRevision === condition.modRevision;
    case 'version':
      return record?.version === condition.version;
  }
}
