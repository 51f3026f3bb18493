/** The records: a hash map for points, ordered keys for ranges, rows for what stands under a key, and their digest. */
import { invariant } from './assert.ts';
import { KeyDirectory } from './key-directory.ts';
import { textBytes, type TextRange } from './key-text.ts';
import type { Bytes, KvRecord, Revision } from './operation.ts';
import { OrderedKeys } from './ordered-keys.ts';
import { RecordRows, type Row } from './record-rows.ts';
import { SetDigest } from './set-digest.ts';
import { RecordHasher } from './state-hash.ts';

const NO_LEASE = 0n;

export class RecordTable {
  /** Of every record; kept while records change, so that reading it costs nothing. */
  readonly digest = new SetDigest();
  readonly #rowOf = new KeyDirectory();
  readonly #order = new OrderedKeys();
  readonly #rows = new RecordRows();
  readonly #hasher = new RecordHasher();

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

  /** The first put of a life creates; each further one is a new version. `row` is what `find` gave for the key. */
  put(text: string, row: Row | undefined, key: Bytes, value: Bytes, revision: Revision): void {
    const modRevision = revision;
    const lease = NO_LEASE;
    if (row === undefined) {
      this.#insert(text, { key, value, createRevision: revision, modRevision, version: 1, lease });
      return;
    }
    const createRevision = this.#rows.createRevision(row);
    const version = this.#rows.version(row) + 1;
    this.digest.subtract(this.#rows.hash(row));
    this.#write(row, { key, value, createRevision, modRevision, version, lease });
  }

  #insert(text: string, record: KvRecord): void {
    const row = this.#rows.allocate();
    this.#rowOf.set(text, row);
    this.#order.insert(text);
    this.#write(row, record);
  }

  #write(row: Row, record: KvRecord): void {
    const hash = this.#hasher.hash(record);
    this.#rows.write(row, record, hash);
    this.digest.add(hash);
  }

  remove(text: string, row: Row): void {
    this.#order.remove(text);
    this.#forget(text, row);
  }

  /** Removes every record of the range and says how many there were. */
  removeRange(range: TextRange): number {
    const removed = this.#order.removeRange(range);
    for (const text of removed) this.#forget(text, this.rowOf(text));
    return removed.length;
  }

  #forget(text: string, row: Row): void {
    this.#rowOf.delete(text);
    this.digest.subtract(this.#rows.hash(row));
    this.#rows.release(row);
  }

  /** The records of a range, all of them, in key order. */
  readRange(range: TextRange): KvRecord[] {
    const texts = this.#order.keys(range, Number.POSITIVE_INFINITY);
    return texts.map((text) => this.read(this.rowOf(text), textBytes(text)));
  }
}
