/**
 * The state machine said again in the plainest way: an array of records, everything linear, keys as hex. It shares
 * no code with the machine but the types, and the hash of one record where the digest is made anew.
 */
import type {
  Bytes,
  DeleteOperation,
  Failure,
  LeaseOperation,
  IncrementOperation,
  CompactOperation,
  KeyRange,
  KvRecord,
  DataOperation,
  PutOperation,
  QueryResult,
  Read,
  Reply,
  Revision,
  ScanQuery,
  StepFailure,
  StepResult,
  TxnOperation,
  TxnReply,
  TxnStep,
  WriteOperation,
} from '../../../src/kv/operation.ts';
import { SetDigest } from '../../../src/kv/set-digest.ts';
import { hashScalars, LeaseHasher, RecordHasher } from '../../../src/kv/state-hash.ts';
import type { PageLimits } from '../../../src/kv/state-machine.ts';
import { asInt64, compare, holds, inRange, isOfStep, plan, type Plan } from './model-judgement.ts';
import { pageOf, type Page } from './model-page.ts';
import { ModelLeases } from './model-leases.ts';

interface Event {
  readonly revision: Revision;
  /** Its place among the events of the revision. */
  readonly ordinal: number;
  /** The record put; null for a removal. */
  readonly put: KvRecord | null;
  readonly removed: KvRecord;
}

const EVERYTHING: KeyRange = { start: new Uint8Array(0), end: new Uint8Array(0) };

interface TxnStart {
  readonly revision: Revision;
  readonly events: number;
  readonly puts: Bytes[];
}

interface StepFailed {
  readonly type: 'failed';
  readonly at: string;
  readonly cause: StepFailure;
}

export class Model {
  revision = 1;
  clusterTimeMs = 0;
  floor = 0;
  records: readonly KvRecord[] = [];
  /** What stood at each revision; every state that ever was is kept. */
  readonly states = new Map<Revision, readonly KvRecord[]>([[1, []]]);
  readonly leases = new ModelLeases();
  /** What an id that is made is made from. */
  place = 0n;
  readonly #events: Event[] = [];
  #within: TxnStart | null = null;

  apply(clusterTimeMs: number, operations: readonly DataOperation[], term = 0): Reply[] {
    if (clusterTimeMs > this.clusterTimeMs) this.clusterTimeMs = clusterTimeMs;
    return operations.map((operation) => {
      const reply = this.#perform(operation, term);
      this.states.set(this.revision, this.records);
      return reply;
    });
  }

  #perform(operation: DataOperation, term = 0): Reply {
    if (operation.type === 'put') return this.#put(operation);
    if (operation.type === 'delete') return this.#delete(operation);
    if (operation.type === 'compact') return this.#compact(operation);
    if (operation.type === 'increment') return this.#increment(operation);
    return operation.type === 'txn' ? this.#txn(operation) : this.#lease(operation, term);
  }

  #lease(operation: LeaseOperation, term: number): Reply {
    const { revision, clusterTimeMs, leases } = this;
    switch (operation.type) {
      case 'leaseGrant': {
        const { ttlMs } = operation;
        const lease = operation.id === 0n ? this.place : operation.id;
        if (!leases.grant(lease, ttlMs, clusterTimeMs)) return this.#fail({ code: 'LEASE_EXISTS', lease });
        return { type: 'leaseGrant', revision, lease, ttlMs };
      }
      case 'leaseRenew':
        return { type: 'leaseRenew', revision, ttlsMs: leases.renew(operation.ids, clusterTimeMs) };
      case 'leaseRevoke': {
        const { id } = operation;
        if (!leases.has(id)) return this.#fail({ code: 'LEASE_NOT_FOUND', lease: id });
        const deleted = this.#endLease(id);
        return { type: 'leaseRevoke', revision: this.revision, deleted };
      }
      case 'leaseExpire': {
        const expired = term === operation.term ? leases.due(operation.ids, clusterTimeMs) : [];
        let deleted = 0;
        for (const id of expired) deleted += this.#endLease(id);
        return { type: 'leaseExpire', revision: this.revision, expired, deleted };
      }
    }
  }

  #endLease(id: bigint): number {
    const found = this.within(EVERYTHING).filter((record) => record.lease === id);
    this.#removeAll(found);
    this.leases.end(id);
    // Each lease is a revision of its own, so each of them is a state that can be read.
    this.states.set(this.revision, this.records);
    return found.length;
  }

  /** Done on a copy that replaces the whole when all has gone well. */
  #txn(txn: TxnOperation): Reply {
    const start: TxnStart = { revision: this.revision, events: this.#events.length, puts: [] };
    const { records } = this;
    this.#within = start;
    const done = this.#run(
      plan((range) => this.within(range), txn),
      '',
    );
    this.#within = null;
    if (done.type === 'txn') return done;
    this.records = records;
    this.revision = start.revision;
    this.#events.length = start.events;
    return this.#fail({ code: 'TXN_FAILED', at: done.at, cause: done.cause });
  }

  #run(chosen: Plan, place: string): TxnReply | StepFailed {
    const results: StepResult[] = [];
    const { succeeded } = chosen;
    for (const [i, step] of chosen.steps.entries()) {
      const at = `${place}${succeeded ? 'do' : 'otherwise'}[${i}]`;
      const result = 'succeeded' in step ? this.#run(step, `${at}.`) : this.#step(step);
      if (result.type === 'failed') return 'succeeded' in step ? result : { ...result, at };
      results.push(result);
    }
    return { type: 'txn', revision: this.revision, succeeded, results };
  }

  #step(step: Exclude<TxnStep, TxnOperation>): StepResult | StepFailed {
    if (step.type === 'get' || step.type === 'scan' || step.type === 'past') return this.#read(step);
    if (this.#writesAgain(step)) return { type: 'failed', at: '', cause: { code: 'DUPLICATE_KEY' } };
    const reply = this.#perform(step);
    if (reply.type === 'put' || reply.type === 'delete' || reply.type === 'increment') return reply;
    if (reply.type !== 'failure' || !isOfStep(reply.failure)) throw new Error('no write');
    return { type: 'failed', at: '', cause: reply.failure };
  }

  #writesAgain(step: WriteOperation): boolean {
    const { events = 0, puts = [] } = this.#within ?? {};
    if (step.type === 'delete') return puts.some((key) => inRange(key, step.target));
    const changed = this.#events.slice(events).map(({ removed }) => removed.key);
    if ([...puts, ...changed].some((key) => compare(key, step.key) === 0)) return true;
    puts.push(step.key);
    return false;
  }

  #read(read: Read): StepResult | StepFailed {
    if (read.type === 'get') return { type: 'get', records: read.keys.map((key) => this.get(key)) };
    if (read.type === 'scan') {
      if (read.countOnly) {
        return { type: 'scan', records: [], count: this.within(read.range).length, more: false };
      }
      const { records, more } = this.page(read, { pageRecordsMax: 1_000, pageBytesMax: 1 << 20 });
      return { type: 'scan', records, count: records.length, more };
    }
    const revision = read.revision === 0 ? this.revision : read.revision;
    const cause = this.#unreadable(revision);
    if (cause !== null) return { type: 'failed', at: '', cause };
    // What a transaction has done so far stands nowhere yet but in the present.
    const then = revision === this.revision ? this : this.at(revision);
    const result = then.#read(read.read);
    if (result.type !== 'get') throw new Error('the model reads only points of the past');
    return { type: 'past', result, resume: null };
  }

  #unreadable(revision: Revision): StepFailure | null {
    if (revision > this.revision) return { code: 'FUTURE_REVISION', revision: this.revision };
    return revision < this.floor ? { code: 'COMPACTED', floor: this.floor } : null;
  }

  /** What a transaction that writes nothing answers outside the log. */
  ask(txn: TxnOperation): QueryResult {
    const reply = this.#txn(txn);
    if (reply.type === 'txn') return reply;
    if (reply.type !== 'failure') throw new Error('not the answer to a transaction');
    return { type: 'failure', failure: reply.failure };
  }

  #compact({ revision }: CompactOperation): Reply {
    if (revision > this.revision) return this.#fail({ code: 'FUTURE_REVISION', revision: this.revision });
    if (revision <= this.floor) return this.#fail({ code: 'COMPACTED', floor: this.floor });
    this.floor = revision;
    return { type: 'compact', revision: this.revision, floor: revision };
  }

  /** The model as it was; of the past, reads alone make sense. */
  at(revision: Revision): Model {
    const past = new Model();
    past.records = this.states.get(revision) ?? [];
    return past;
  }

  get(key: Bytes): KvRecord | null {
    return this.records.find((record) => compare(record.key, key) === 0) ?? null;
  }

  within(range: KeyRange): KvRecord[] {
    return this.records
      .filter((record) => inRange(record.key, range))
      .toSorted((left, right) => compare(left.key, right.key));
  }

  page(query: ScanQuery, limits: PageLimits): Page {
    return pageOf(this.within(query.range), query, limits);
  }

  digest(): string {
    return this.digestSet().print();
  }

  digestSet(): SetDigest {
    const digest = new SetDigest();
    for (const record of this.records) digest.add(new RecordHasher().hash(record));
    for (const { revision, ordinal, put, removed } of this.#events) {
      if (revision <= this.floor) continue;
      const hasher = new RecordHasher();
      const { a, b, c, d } = hasher.hash(put ?? removed);
      const hash = put === null ? hasher.hashRemoval({ a, b, c, d }, revision) : { a, b, c, d };
      digest.addWeighted(hash, ordinal);
    }
    for (const { id, ttlMs, deadlineMs } of this.leases.all)
      digest.add(new LeaseHasher().hash(id, ttlMs, deadlineMs));
    digest.add(hashScalars(this.revision, this.clusterTimeMs, this.floor));
    return digest;
  }

  #put({ key, value, conditions, returnPrevious, lease: wanted = 0n }: PutOperation): Reply {
    const current = this.get(key);
    if (!conditions.every((each) => holds(each, current))) return this.#fail({ code: 'CONFLICT', current });
    const lease = wanted === 'keep' ? (current?.lease ?? 0n) : wanted;
    if (lease !== 0n && !this.leases.has(lease)) return this.#fail({ code: 'LEASE_NOT_FOUND', lease });
    this.#store(key, value, lease);
    return { type: 'put', revision: this.revision, previous: returnPrevious ? current : null };
  }

  #delete({ target, conditions, returnPrevious }: DeleteOperation): Reply {
    const found = this.within(target);
    const current = target.end === null ? (found[0] ?? null) : null;
    const refused =
      conditions.length > 0 && (target.end !== null || !conditions.every((each) => holds(each, current)));
    if (refused) return this.#fail({ code: 'CONFLICT', current });
    this.#removeAll(found);
    const previous = returnPrevious ? found : [];
    return { type: 'delete', revision: this.revision, deleted: found.length, previous };
  }

  #removeAll(found: readonly KvRecord[]): void {
    this.records = this.records.filter((record) => !found.includes(record));
    if (found.length > 0) this.#nextRevision();
    for (const removed of found) this.#events.push({ ...this.#nextEvent(), put: null, removed });
  }

  #increment({ key, by }: IncrementOperation): Reply {
    const current = this.get(key);
    const text = current === null ? '0' : Buffer.from(current.value).toString('latin1');
    const before = asInt64(text);
    if (before === null) return this.#fail({ code: 'NOT_A_COUNTER' });
    const value = before + by;
    if (BigInt.asIntN(64, value) !== value) return this.#fail({ code: 'COUNTER_OVERFLOW', value: before });
    if (current === null || value !== before) {
      this.#store(key, new Uint8Array(Buffer.from(String(value))), current?.lease ?? 0n);
    }
    return { type: 'increment', revision: this.revision, value };
  }

  #store(key: Bytes, value: Bytes, lease: bigint): void {
    this.#nextRevision();
    const before = this.get(key);
    const createRevision = before?.createRevision ?? this.revision;
    const version = 1 + (before?.version ?? 0);
    const record = { key, value, createRevision, modRevision: this.revision, version, lease };
    this.records = [...this.records.filter((each) => each !== before), record];
    this.#events.push({ ...this.#nextEvent(), put: record, removed: record });
  }

  /** How many keys a revision changed. */
  eventsOf(revision: Revision): number {
    return this.#events.filter((event) => event.revision === revision).length;
  }

  #nextEvent(): { readonly revision: Revision; readonly ordinal: number } {
    const { revision } = this;
    return { revision, ordinal: this.eventsOf(revision) };
  }

  /** A transaction makes one, however much it changes. */
  #nextRevision(): void {
    if (this.#within === null || this.#within.revision === this.revision) this.revision++;
  }

  #fail(failure: Failure): Reply {
    return { type: 'failure', revision: this.revision, failure };
  }
}
