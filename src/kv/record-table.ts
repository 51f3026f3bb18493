/**
 * The present records: a hash map for points, ordered keys for ranges, rows for what stands under a key, and their
 * digest. Whatever changes here is told to history first, which is how the past is read and a transaction undone.
 */
import { invariant } from './assert.ts';
import type { EventNumber } from './event-ring.ts';
import type { History, Savepoint } from './history.ts';
import { KeyDirectory } from './key-directory.ts';
import { textBytes, type TextRange } from './key-text.ts';
import type { Bytes, KvRecord, Revision } from './operation.ts';
import { NO_LEASE, type LeaseTable } from './lease-table.ts';
import { OrderedKeys } from './ordered-keys.ts';
import { RecordRows, type Row } from './record-rows.ts';
import { SetDigest } from './set-digest.ts';
import { RecordHasher } from './state-hash.ts';

export class RecordTable {
  /** Of every record; kept while records change, so that reading it costs nothing. */
  readonly digest = new SetDigest();
  readonly #history: History;
  readonly #leases: LeaseTable;
  readonly #rowOf = new KeyDirectory();
  readonly #order = new OrderedKeys();
  readonly #rows = new RecordRows();
  readonly #hasher = new RecordHasher();

  constructor(history: History, leases: LeaseTable) {
    this.#history = history;
    this.#leases = leases;
  }

  get size(): number {
    return this.#order.size;
  }

  find(text: string): Row | undefined {
    return this.#rowOf.find(text);
  }

  /** A key that an ordered walk has given has a row. */
  rowOf(text: string): Row {
    const row = this.#rowOf.find(text);
    invariant(row !== undefined, 'every ordered key has a record');
    return row;
  }

  read(row: Row, key: Bytes): KvRecord {
    return this.#rows.read(row, key);
  }

  readWithoutValue(row: Row, key: Bytes): KvRecord {
    return this.#rows.read(row, key, new Uint8Array(0));
  }

  value(row: Row): Bytes {
    return this.#rows.value(row);
  }

  lease(row: Row): bigint {
    return this.#rows.lease(row);
  }

  valueBytes(row: Row): number {
    return this.#rows.valueBytes(row);
  }

  count(range: TextRange): number {
    return this.#order.count(range);
  }

  /** At most `max` keys, from the start of the range or, reversed, from its end. */
  keys(range: TextRange, reverse: boolean, max: number): string[] {
    return reverse ? this.#order.keysReversed(range, max) : this.#order.keys(range, max);
  }

  /** The last event of the key that history may know; 0 for none. */
  lastEvent(text: string): EventNumber {
    const row = this.#rowOf.find(text);
    return row === undefined ? this.#history.goneAt(text) : this.#rows.lastEvent(row);
  }

  /** What stood under the key right before the event `boundary`, of whichever key that is. */
  readBefore(boundary: EventNumber, text: string, key: Bytes): KvRecord | null {
    const row = this.#rowOf.find(text);
    const last = row === undefined ? this.#history.goneAt(text) : this.#rows.lastEvent(row);
    const { events } = this.#history;
    if (last >= boundary) return events.before(events.earliest(last, boundary), key);
    return row === undefined ? null : this.#rows.read(row, key);
  }

  /** The first put of a life creates; each further one is a new version. `row` is what `find` gave for the key. */
  put(
    text: string,
    row: Row | undefined,
    key: Bytes,
    value: Bytes,
    revision: Revision,
    lease: bigint = NO_LEASE,
  ): void {
    const modRevision = revision;
    if (row === undefined) {
      this.#insert(text, { key, value, createRevision: revision, modRevision, version: 1, lease });
      return;
    }
    const createRevision = this.#rows.createRevision(row);
    const version = this.#rows.version(row) + 1;
    const record = { key, value, createRevision, modRevision, version, lease };
    const hash = this.#hasher.hash(record);
    this.digest.subtract(this.#rows.hash(row));
    this.digest.add(hash);
    const event = this.#history.events.replaced(this.#rows, row, revision, hash);
    this.#moveLease(text, this.#rows.lease(row), lease);
    this.#rows.write(row, record, hash, event);
  }

  #moveLease(text: string, from: bigint, to: bigint): void {
    if (from === to) return;
    this.#leases.detach(from, text);
    this.#leases.attach(to, text);
  }

  #insert(text: string, record: KvRecord): void {
    const hash = this.#hasher.hash(record);
    this.digest.add(hash);
    const previous = this.#history.takeGone(text);
    const event = this.#history.events.created(text, record.modRevision, previous, hash);
    this.#leases.attach(record.lease, text);
    this.#rows.write(this.#allocate(text), record, hash, event);
  }

  #allocate(text: string): Row {
    const row = this.#rows.allocate(text);
    this.#rowOf.set(text, row);
    this.#order.insert(text);
    return row;
  }

  remove(text: string, row: Row, revision: Revision): void {
    this.#order.remove(text);
    this.#removed(text, row, revision);
  }

  /** Removes every record of the range, in key order, and says how many there were. */
  removeRange(range: TextRange, revision: Revision): number {
    const removed = this.#order.removeRange(range);
    for (const text of removed) this.#removed(text, this.rowOf(text), revision);
    return removed.length;
  }

  #removed(text: string, row: Row, revision: Revision): void {
    const hash = this.#hasher.hashRemoval(this.#rows.hash(row), revision);
    const event = this.#history.events.replaced(this.#rows, row, revision, hash);
    this.#history.setGone(text, event);
    this.#forget(text, row);
  }

  #forget(text: string, row: Row): void {
    this.#rowOf.delete(text);
    this.#leases.detach(this.#rows.lease(row), text);
    this.digest.subtract(this.#rows.hash(row));
    this.#rows.release(row);
  }

  /** Undoes, last first, every event since the savepoint. */
  takeBack({ next, total }: Savepoint): void {
    const { events } = this.#history;
    while (events.next > next) {
      this.#undo(events.next - 1);
      events.takeBack();
    }
    events.total.set(total);
  }

  #undo(event: EventNumber): void {
    const { events } = this.#history;
    const text = events.text(event);
    const previous = events.previous(event);
    const before = events.before(event, textBytes(text));
    const row = this.#rowOf.find(text);
    if (before === null) {
      this.#order.remove(text);
      this.#forget(text, this.rowOf(text));
      if (previous !== 0) this.#history.setGone(text, previous);
      return;
    }
    if (row === undefined) this.#history.takeGone(text);
    else this.digest.subtract(this.#rows.hash(row));
    this.#moveLease(text, row === undefined ? NO_LEASE : this.#rows.lease(row), before.lease);
    const hash = events.hashBefore(event);
    this.digest.add(hash);
    this.#rows.write(row ?? this.#allocate(text), before, hash, previous);
  }
}
