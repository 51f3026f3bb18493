/**
 * The state machine a second time, as small as it can be said: a map of records, one operation after the other. It
 * shares no code with src/kv, so that one mistake is not made twice.
 */
import type {
  Condition,
  Failure,
  IncrementOperation,
  KeyRange,
  KvRecord,
  LeaseOperation,
  Operation,
  ReadTxn,
  PutOperation,
  Reply,
  TxnOperation,
  TxnReply,
} from '../../../kv/operation.ts';
import { counterOf, fitsCounter } from '../models/counter-text.ts';
import { notModelled } from '../not-modelled.ts';
import { bytesText, keysInRange, lowerBound } from '../text.ts';
import { grantedId, LeaseReplay } from './lease-replay.ts';
import type { Place } from './lease-replay.ts';
import { replayTxn } from './replay-txn.ts';
import type { Readable } from './versions.ts';
import { Versions } from './versions.ts';

const NO_LEASE = 0n;

/** A lease that is gone from here on. */
export interface Ended {
  readonly lease: bigint;
  readonly deleted: number;
}

export class Replay {
  readonly leases = new LeaseReplay();
  #revision = 1;
  /** The oldest revision that can be read. */
  #floor = 0;
  readonly #records = new Map<string, KvRecord>();
  /** While a transaction runs: what each key that it has changed was before, and the revision that it began at. */
  #transaction: { readonly start: number; readonly before: Map<string, KvRecord | null> } | null = null;
  readonly #versions = new Versions();
  /** The keys in order, from the first range on: who asks for none pays for none. */
  #sorted: string[] | null = null;

  get floor(): number {
    return this.#floor;
  }

  get revision(): number {
    return this.#revision;
  }

  find(key: Uint8Array): KvRecord | null {
    return this.#records.get(bytesText(key)) ?? null;
  }

  /** Records of the range in the order of keys. */
  list({ start, end }: KeyRange): KvRecord[] {
    if (end === null) return [this.find(start)].filter((record) => record !== null);
    this.#sorted ??= [...this.#records.keys()].toSorted();
    const [from, to] = keysInRange(this.#sorted, bytesText(start), bytesText(end));
    const keys = this.#sorted.slice(from, to);
    return keys.map((key) => this.#records.get(key)).filter((record) => record !== undefined);
  }

  /** The leases that ended. What the leader asked for itself has no reply. */
  applyLease(operation: LeaseOperation, place: Place): { ended: readonly Ended[]; reply: Reply | null } {
    const isFree = operation.type !== 'leaseGrant' || !this.leases.has(operation.id);
    const ended = this.leases.apply(operation, place).map((lease) => {
      const gone = [...this.#records].filter(([, record]) => record.lease === lease);
      if (gone.length > 0) this.#change();
      for (const [text] of gone) this.#forget(text);
      return { lease, deleted: gone.length };
    });
    return { ended, reply: this.#leaseReply(operation, place, isFree, ended[0] ?? null) };
  }

  #leaseReply(operation: LeaseOperation, place: Place, isFree: boolean, ended: Ended | null): Reply | null {
    const { type } = operation;
    const revision = this.#revision;
    switch (type) {
      case 'leaseGrant': {
        const lease = grantedId(operation.id, place);
        if (!isFree) return this.#failure({ code: 'LEASE_EXISTS', lease });
        return { type, revision, lease, ttlMs: operation.ttlMs };
      }
      case 'leaseRenew':
        return { type, revision, ttlsMs: operation.ids.map((id) => this.leases.ttlMs(id)) };
      case 'leaseRevoke':
        if (ended === null) return this.#failure({ code: 'LEASE_NOT_FOUND', lease: operation.id });
        return { type, revision, deleted: ended.deleted };
      case 'leaseExpire':
        return null;
    }
  }

  apply(operation: Exclude<Operation, LeaseOperation>): Reply {
    switch (operation.type) {
      case 'put':
        return this.#put(operation);
      case 'delete':
        return this.#delete(operation);
      case 'increment':
        return this.#increment(operation);
      case 'compact':
        return this.#compact(operation.revision);
      case 'txn':
        return this.#txn(operation);
      case 'sessionOpen':
      case 'sessionRenew':
      case 'sessionClose':
      case 'sessionExpire':
      case 'resolve':
        return notModelled(operation.type);
    }
  }

  at(revision: number): Readable {
    return this.#versions.at(revision);
  }

  /** Of the state as it is, with what can be read from `floor` on; it reads only. */
  query(txn: ReadTxn, floor: number): TxnReply | Failure {
    return replayTxn(this, txn, floor);
  }

  /** Whether the running transaction has changed the key. */
  changed(key: Uint8Array): boolean {
    return this.#transaction?.before.has(bytesText(key)) ?? false;
  }

  #txn(txn: TxnOperation): Reply {
    const transaction = { start: this.#revision, before: new Map<string, KvRecord | null>() };
    this.#transaction = transaction;
    const outcome = replayTxn(this, txn, this.#floor);
    this.#transaction = null;
    if ('type' in outcome) return outcome;
    this.#revision = transaction.start;
    for (const [text, record] of transaction.before) {
      this.#versions.takeBack(text);
      if (record === null) this.#records.delete(text);
      else this.#records.set(text, record);
    }
    this.#sorted = null;
    return this.#failure(outcome);
  }

  /** The revision of a change: each has its own, and all of a transaction have one. */
  #change(): void {
    this.#revision = (this.#transaction?.start ?? this.#revision) + 1;
  }

  #remember(text: string): void {
    const before = this.#transaction?.before;
    if (before !== undefined && !before.has(text)) before.set(text, this.#records.get(text) ?? null);
  }

  #put(put: PutOperation): Reply {
    const { key, value, conditions, returnPrevious } = put;
    const before = this.find(key);
    if (!conditions.every((condition) => holds(condition, before))) return this.#conflict(before);
    const lease = put.lease === 'keep' ? (before?.lease ?? NO_LEASE) : (put.lease ?? NO_LEASE);
    if (lease !== NO_LEASE && !this.leases.has(lease))
      return this.#failure({ code: 'LEASE_NOT_FOUND', lease });
    this.#store(key, value, before, lease);
    return { type: 'put', revision: this.#revision, previous: returnPrevious ? before : null };
  }

  #delete({ target, conditions, returnPrevious }: Extract<Operation, { type: 'delete' }>): Reply {
    const found = this.list(target);
    // Of a range no condition can hold.
    const current = target.end === null ? (found[0] ?? null) : null;
    if (!conditions.every((condition) => target.end === null && holds(condition, current))) {
      return this.#conflict(current);
    }
    if (found.length > 0) this.#change();
    for (const record of found) this.#forget(bytesText(record.key));
    const previous = returnPrevious ? found : [];
    return { type: 'delete', revision: this.#revision, deleted: found.length, previous };
  }

  #increment({ key, by }: IncrementOperation): Reply {
    const before = this.find(key);
    const number = before === null ? 0n : counterOf(bytesText(before.value));
    if (number === null) return this.#failure({ code: 'NOT_A_COUNTER' });
    const value = number + by;
    if (!fitsCounter(value)) return this.#failure({ code: 'COUNTER_OVERFLOW', value: number });
    if (before === null || by !== 0n)
      this.#store(key, Buffer.from(value.toString()), before, before?.lease ?? NO_LEASE);
    return { type: 'increment', revision: this.#revision, value };
  }

  #compact(floor: number): Reply {
    if (floor > this.#revision) return this.#failure({ code: 'FUTURE_REVISION', revision: this.#revision });
    if (floor <= this.#floor) return this.#failure({ code: 'COMPACTED', floor: this.#floor });
    this.#floor = floor;
    return { type: 'compact', revision: this.#revision, floor };
  }

  #store(key: Uint8Array, value: Uint8Array, before: KvRecord | null, lease: bigint): void {
    this.#change();
    const text = bytesText(key);
    this.#remember(text);
    if (before === null && this.#sorted !== null)
      this.#sorted.splice(lowerBound(this.#sorted, text), 0, text);
    const record = {
      key,
      value,
      createRevision: before?.createRevision ?? this.#revision,
      modRevision: this.#revision,
      version: (before?.version ?? 0) + 1,
      lease,
    };
    this.#records.set(text, record);
    this.#versions.add(text, this.#revision, record);
  }

  #forget(text: string): void {
    this.#remember(text);
    this.#records.delete(text);
    this.#versions.add(text, this.#revision, null);
    if (this.#sorted !== null) this.#sorted.splice(lowerBound(this.#sorted, text), 1);
  }

  #conflict(current: KvRecord | null): Reply {
    return this.#failure({ code: 'CONFLICT', current });
  }

  #failure(failure: Failure): Reply {
    return { type: 'failure', revision: this.#revision, failure };
  }
}

function holds(condition: Condition, record: KvRecord | null): boolean {
  switch (condition.type) {
    case 'absent':
      return record === null;
    case 'present':
      return record !== null;
    case 'revision':
      return record !== null && record.modRevision === condition.modRevision;
    case 'version':
      return record !== null && record.version === condition.version;
  }
}
