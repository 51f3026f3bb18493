import { invariant } from './assert.ts';
import type { Entry } from './entry.ts';
import type { LogIndex } from './types.ts';

/** What an entry weighs beside its payload, so that empty entries are not free. */
export const ENTRY_OVERHEAD_BYTES = 32;

export function entryBytes(entry: Entry): number {
  return ENTRY_OVERHEAD_BYTES + (entry.kind === 'command' ? entry.data.length : 0);
}

/** Dead slots that are tolerated at the head before the array is moved down. */
const HEAD_SLACK = 1024;

/**
 * The newest entries, in memory: a deque with `first` at its head. Entries leave at the head when memory is short
 * and at the end when the log is truncated.
 */
export class EntryTail {
  #entries: Entry[] = [];
  /** Slots of the array before the first live entry. */
  #head = 0;
  #first: LogIndex;
  #bytes = 0;

  constructor(first: LogIndex) {
    this.#first = first;
  }

  /** The first index in memory; one beyond the log's last when nothing is. */
  get first(): LogIndex {
    return this.#first;
  }

  get end(): LogIndex {
    return this.#first + this.#entries.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(index: LogIndex): Entry {
    const entry = this.#entries[this.#head + index - this.#first];
    invariant(entry !== undefined && index >= this.#first, 'the entry is in memory');
    return entry;
  }

  push(entry: Entry): void {
    invariant(entry.index === this.end, 'entries in memory have no gap');
    this.#entries.push(entry);
    this.#bytes += entryBytes(entry);
  }

  /** Entries [from, to], ending after the one that would exceed `bytesMax`; at least one. */
  slice(from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[] {
    invariant(from >= this.#first && from <= to && to < this.end, 'the range is in memory');
    const slice: Entry[] = [];
    let bytes = 0;
    for (let index = from; index <= to; index += 1) {
      const entry = this.get(index);
      bytes += entryBytes(entry);
      if (slice.length > 0 && bytes > bytesMax) break;
      slice.push(entry);
    }
    return slice;
  }

  truncateFrom(index: LogIndex): void {
    while (this.end > Math.max(index, this.#first)) {
      const entry = this.#entries.pop();
      invariant(entry !== undefined, 'an entry is there to pop');
      this.#bytes -= entryBytes(entry);
    }
    if (index < this.#first) this.#first = index;
  }

  /** Lets entries up to `through` go, oldest first, until at most `bytesMax` remain. */
  evict(through: LogIndex, bytesMax: number): void {
    while (this.#bytes > bytesMax && this.#first <= through && this.#first < this.end) {
      this.#bytes -= entryBytes(this.get(this.#first));
      this.#head += 1;
      this.#first += 1;
    }
    if (this.#head < HEAD_SLACK || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
