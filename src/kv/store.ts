import { RecordHasher, SetDigest } from './digest.ts';
import type { RecordHash } from './digest.ts';
import { keyBytes, keyText } from './key-text.ts';
import type { Bytes, KeyRange, KvRecord, Revision } from './operation.ts';
import { OrderedKeys } from './ordered-keys.ts';
import type { TextRange } from './ordered-keys.ts';

/** What is kept of a record; its key is the map's. `value` is the slice of the entry that it arrived in. */
interface StoredRecord {
  readonly value: Bytes;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  readonly version: number;
  readonly lease: bigint;
  /** So that replacing a record need not hash the old value again. */
  readonly hash: RecordHash;
}

/** The records: a hash map for points, ordered keys for ranges, and the digest of all of them. */
export class RecordStore {
  readonly #records = new Map<string, StoredRecord>();
  readonly #keys = new OrderedKeys();
  readonly #digest = new SetDigest();

  get size(): number {
    return this.#keys.size;
  }

  get(key: Bytes): KvRecord | null {
    const stored = this.#records.get(keyText(key));
    return stored === undefined ? null : toRecord(key, stored);
  }

  /** Writes a value at `revision`; a lease is kept only if it is given again (SPEC 2). */
  put(key: Bytes, value: Bytes, revision: Revision): void {
    const text = keyText(key);
    const before = this.#records.get(text);
    if (before === undefined) this.#keys.insert(text);
    else this.#digest.subtract(before.hash);
    const createRevision = before?.createRevision ?? revision;
    const version = (before?.version ?? 0) + 1;
    const lease = 0n;
    const hash = hashRecord(text, value, createRevision, revision, version, lease);
    this.#records.set(text, { value, createRevision, modRevision: revision, version, lease, hash });
    this.#digest.add(hash);
  }

  /** Removes the key, or every key of the range, and returns what stood there, in key order. */
  delete(target: KeyRange): readonly KvRecord[] {
    const texts =
      target.end === null ? this.#removeOne(target.start) : this.#keys.removeRange(toText(target));
    return texts.map((text) => {
      const stored = this.#records.get(text);
      if (stored === undefined) throw new Error('the ordered keys hold a key without a record');
      this.#records.delete(text);
      this.#digest.subtract(stored.hash);
      return toRecord(keyBytes(text), stored);
    });
  }

  #removeOne(key: Bytes): readonly string[] {
    const text = keyText(key);
    if (!this.#records.has(text)) return [];
    this.#keys.remove(text);
    return [text];
  }

  count(range: KeyRange): number {
    return range.end === null
      ? Number(this.#records.has(keyText(range.start)))
      : this.#keys.count(toText(range));
  }

  /** The records of a range, in key order or against it. */
  *scan(range: KeyRange, reverse: boolean): Generator<KvRecord, void> {
    if (range.end === null) {
      const record = this.get(range.start);
      if (record !== null) yield record;
      return;
    }
    const text = toText(range);
    for (const key of reverse ? this.#keys.descending(text) : this.#keys.ascending(text)) {
      const stored = this.#records.get(key);
      if (stored === undefined) throw new Error('the ordered keys hold a key without a record');
      yield toRecord(keyBytes(key), stored);
    }
  }

  digest(scalars: readonly number[]): string {
    return this.#digest.print(scalars);
  }
}

function toRecord(key: Bytes, stored: StoredRecord): KvRecord {
  const { value, createRevision, modRevision, version, lease } = stored;
  return { key, value, createRevision, modRevision, version, lease };
}

/** An empty `end` means "to the last key". */
function toText(range: KeyRange): TextRange {
  const end = range.end === null || range.end.length === 0 ? null : keyText(range.end);
  return { start: keyText(range.start), end };
}

function hashRecord(
  key: string,
  value: Bytes,
  createRevision: Revision,
  modRevision: Revision,
  version: number,
  lease: bigint,
): RecordHash {
  const hasher = new RecordHasher();
  hasher.text(key);
  hasher.bytes(value);
  hasher.number(createRevision);
  hasher.number(modRevision);
  hasher.number(version);
  hasher.bigint(lease);
  return hasher.finish();
}
