/**
 * Records in key order: a sorted array. A log appends at its end, or one before it, where an insertion moves next to
 * nothing; keys are compared as strings of their bytes, which V8 does faster than comparing arrays.
 */
import type { EngineRecord } from '../../storage/interfaces.ts';

/** A key as a string with one character a byte: the order of the strings is the order of the bytes. */
export type KeyText = string;

interface Row {
  readonly text: KeyText;
  readonly record: EngineRecord;
}

export function keyText(key: Uint8Array): KeyText {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

export class OrderedRecords {
  readonly #rows: Row[];

  constructor(rows: readonly Row[] = []) {
    this.#rows = [...rows];
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Shares records with this one, and they never change: a new value is a new record. */
  copy(): OrderedRecords {
    return new OrderedRecords(this.#rows);
  }

  at(position: number): EngineRecord | undefined {
    return this.#rows[position]?.record;
  }

  get(text: KeyText): EngineRecord | undefined {
    const row = this.#rows[this.#lowerBound(text)];
    return row?.text === text ? row.record : undefined;
  }

  set(text: KeyText, record: EngineRecord): void {
    const position = this.#lowerBound(text);
    const replaced = this.#rows[position]?.text === text ? 1 : 0;
    this.#rows.splice(position, replaced, { text, record });
  }

  delete(text: KeyText): void {
    const position = this.#lowerBound(text);
    if (this.#rows[position]?.text === text) this.#rows.splice(position, 1);
  }

  /** In [gte, lte], at most `limit`; from the end when reversed. */
  range(gte: Uint8Array, lte: Uint8Array, limit: number, reverse: boolean): readonly EngineRecord[] {
    const from = this.#lowerBound(keyText(gte));
    const top = keyText(lte);
    const position = this.#lowerBound(top);
    const to = this.#rows[position]?.text === top ? position + 1 : position;
    const rows = reverse
      ? this.#rows.slice(Math.max(from, to - limit), to).toReversed()
      : this.#rows.slice(from, Math.min(to, from + limit));
    return rows.map((row) => row.record);
  }

  /** The position of the first key that is not below `text`. */
  #lowerBound(text: KeyText): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = this.#rows[middle];
      if (row !== undefined && row.text < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
