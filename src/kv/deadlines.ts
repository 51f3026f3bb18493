/**
 * Who is due first: a binary heap in the order of (deadline, id). A deadline that is moved leaves its old entry
 * behind, which is skipped when it comes up and swept out when such entries are more than half: renewals, which are
 * many, cost one push. What is answered depends on the deadlines alone, never on how they came about.
 */
import { invariant } from './assert.ts';

interface Entry {
  readonly deadlineMs: number;
  readonly id: bigint;
}

const SWEPT_AT_LEAST = 64;

export class Deadlines {
  /** The children of the entry at i stand at 2i + 1 and 2i + 2, and neither is before it. */
  #heap: Entry[] = [];
  readonly #deadlineOf = new Map<bigint, number>();

  get size(): number {
    return this.#deadlineOf.size;
  }

  set(id: bigint, deadlineMs: number): void {
    if (this.#deadlineOf.get(id) === deadlineMs) return;
    this.#deadlineOf.set(id, deadlineMs);
    this.#push({ deadlineMs, id });
    if (this.#heap.length > 2 * this.#deadlineOf.size + SWEPT_AT_LEAST) this.#sweep();
  }

  delete(id: bigint): void {
    this.#deadlineOf.delete(id);
  }

  /** The one with the oldest deadline; of equals, the least id. */
  first(): bigint | null {
    for (;;) {
      const entry = this.#heap[0];
      if (entry === undefined) return null;
      if (this.#holds(entry)) return entry.id;
      this.#pop();
    }
  }

  /** At most `max` ids whose deadline has come, those due first before the others. */
  due(timeMs: number, max: number): bigint[] {
    const found = new Map<bigint, Entry>();
    for (;;) {
      const id = this.first();
      const entry = this.#heap[0];
      if (id === null || entry === undefined || entry.deadlineMs > timeMs || found.size === max) break;
      // A deadline that was left and taken up again stands in the heap twice.
      found.set(id, entry);
      this.#pop();
    }
    for (const entry of found.values()) this.#push(entry);
    return [...found.keys()];
  }

  #holds({ id, deadlineMs }: Entry): boolean {
    return this.#deadlineOf.get(id) === deadlineMs;
  }

  #sweep(): void {
    const entries = [...this.#deadlineOf].map(([id, deadlineMs]) => ({ id, deadlineMs }));
    // What is sorted is a heap.
    this.#heap = entries.toSorted((left, right) => (isBefore(left, right) ? -1 : 1));
  }

  #push(entry: Entry): void {
    let at = this.#heap.push(entry) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >>> 1;
      const parent = this.#at(parentAt);
      if (!isBefore(entry, parent)) break;
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = entry;
  }

  /** Takes the first entry out; there is one. */
  #pop(): void {
    const entry = this.#heap.pop();
    const { length } = this.#heap;
    if (entry === undefined || length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= length) break;
      if (childAt + 1 < length && isBefore(this.#at(childAt + 1), this.#at(childAt))) childAt += 1;
      const child = this.#at(childAt);
      if (!isBefore(child, entry)) break;
      this.#heap[at] = child;
      at = childAt;
    }
    this.#heap[at] = entry;
  }

  #at(at: number): Entry {
    const entry = this.#heap[at];
    invariant(entry !== undefined, 'the heap has no holes');
    return entry;
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.deadlineMs < right.deadlineMs || (left.deadlineMs === right.deadlineMs && left.id < right.id);
}
