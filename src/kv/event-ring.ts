/**
 * History as an undo log: for each change of a key, what stood there before. A ring of packed rows in the order of
 * (revision, ordinal); the front is dropped, and the back is taken back when a transaction fails.
 *
 *   byte  0  what stood before    64 bytes, see record-layout.ts; modRevision 0: nothing did. Its last event is
 *                                 the event before this one of the same key.
 *        64  revision             float64, of the change
 *        72  a far earlier event  float64, see below
 *        80  digest               4 × int32, of all events through this one
 *
 * So the present stays as small and as quick as it would be without history: a put appends here and touches nothing
 * else, no ordered index least of all. A past state is found from the present, back along the events of one key. One
 * event in 64, by the hash of its number, also points to the last such event of its key: a key changed a million
 * times is read at its oldest revision in some 16,000 steps, and that costs no put more than a step.
 *
 * Events are numbered from 1, and no number comes again but one that was taken back. Numbers below the front are
 * gone: pointers to them mean "nothing that history still knows".
 */
import { invariant } from './assert.ts';
import type { Bytes, KvRecord, Revision } from './operation.ts';
import {
  HASH,
  LAST_EVENT,
  MOD_REVISION,
  NO_BUFFER,
  readLanes,
  readRecord,
  readValue,
  ROW_BYTES,
  writeLanes,
} from './record-layout.ts';
import type { RecordRows, Row } from './record-rows.ts';
import { SetDigest } from './set-digest.ts';
import type { Lanes } from './murmur128.ts';

export type EventNumber = number;

interface Page {
  readonly fields: DataView;
  readonly texts: string[];
  readonly buffers: ArrayBufferLike[];
}

const PAGE_BITS = 12;
const PAGE_EVENTS = 1 << PAGE_BITS;
const REVISION = ROW_BYTES;
const FAR = 72;
const DIGEST = 80;
const EVENT_BYTES = 96;

const GOLDEN_RATIO = 0x9e3779b1;
const FAR_BITS = 6;

export class EventRing {
  /** Of all events ever. What lies between two of them is the difference of their digests. */
  readonly total = new SetDigest();
  readonly #pages: Page[] = [];
  /** The number that the first place of the first page has. */
  #base: EventNumber = 1;
  #front: EventNumber = 1;
  #next: EventNumber = 1;
  /** The page dropped last: in the long run as many go as come, and new memory costs more than old. */
  #spare: Page | null = null;
  #lastRevision: Revision = 0;
  #ordinal = 0;

  /** The first event that is still there; `next` when there is none. */
  get front(): EventNumber {
    return this.#front;
  }

  get next(): EventNumber {
    return this.#next;
  }

  /** A key appears. `previous`: the event by which it disappeared before, 0 when history knows none. */
  created(text: string, revision: Revision, previous: EventNumber, hash: Lanes): EventNumber {
    const { fields, texts } = this.#append(revision, previous, hash);
    const slot = this.#slot(this.#next - 1);
    fields.setFloat64(slot * EVENT_BYTES + MOD_REVISION, 0, true);
    fields.setFloat64(slot * EVENT_BYTES + LAST_EVENT, previous, true);
    texts[slot] = text;
    return this.#next - 1;
  }

  /** The record in the row is about to be replaced or removed. */
  replaced(rows: RecordRows, row: Row, revision: Revision, hash: Lanes): EventNumber {
    const { fields, texts, buffers } = this.#append(revision, rows.lastEvent(row), hash);
    const slot = this.#slot(this.#next - 1);
    buffers[slot] = rows.copy(row, fields, slot * EVENT_BYTES);
    texts[slot] = rows.text(row);
    return this.#next - 1;
  }

  #append(revision: Revision, previous: EventNumber, hash: Lanes): Page {
    const number = this.#next;
    if (number - this.#base === this.#pages.length * PAGE_EVENTS) this.#addPage();
    this.#next += 1;
    this.#ordinal = revision === this.#lastRevision ? this.#ordinal + 1 : 0;
    this.#lastRevision = revision;
    this.total.addWeighted(hash, this.#ordinal);
    const page = this.#page(number);
    const at = this.#slot(number) * EVENT_BYTES;
    page.fields.setFloat64(at + REVISION, revision, true);
    page.fields.setFloat64(at + FAR, isFar(number) ? this.#lastFar(previous) : 0, true);
    writeLanes(page.fields, at + DIGEST, this.total);
    return page;
  }

  #addPage(): void {
    this.#pages.push(this.#spare ?? emptyPage());
    this.#spare = null;
  }

  #lastFar(previous: EventNumber): EventNumber {
    let number = previous;
    while (number >= this.#front && !isFar(number)) number = this.previous(number);
    return number >= this.#front ? number : 0;
  }

  revision(number: EventNumber): Revision {
    return this.#float(number, REVISION);
  }

  /** The event before of the same key; 0 or below the front: none that is known. */
  previous(number: EventNumber): EventNumber {
    return this.#float(number, LAST_EVENT);
  }

  text(number: EventNumber): string {
    return this.#page(number).texts[this.#slot(number)] ?? '';
  }

  /** What stood under the key before the event; null: nothing did. */
  before(number: EventNumber, key: Bytes): KvRecord | null {
    if (this.#float(number, MOD_REVISION) === 0) return null;
    const { fields, buffers } = this.#page(number);
    const slot = this.#slot(number);
    const value = readValue(fields, slot * EVENT_BYTES, buffers[slot] ?? NO_BUFFER);
    return readRecord(fields, slot * EVENT_BYTES, key, value);
  }

  hashBefore(number: EventNumber): Lanes {
    return readLanes(this.#page(number).fields, this.#slot(number) * EVENT_BYTES + HASH);
  }

  /** Digest of all events through this one. */
  digest(number: EventNumber): Lanes {
    return readLanes(this.#page(number).fields, this.#slot(number) * EVENT_BYTES + DIGEST);
  }

  /** The first event after the revision; `next` when there is none. */
  firstAfter(revision: Revision): EventNumber {
    let low = this.#front;
    let high = this.#next;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      if (this.revision(middle) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The earliest event of a key that is not before `boundary`, found back from `last`, which is not before it. */
  earliest(last: EventNumber, boundary: EventNumber): EventNumber {
    let number = last;
    for (;;) {
      const far = this.#float(number, FAR);
      const back = far >= boundary ? far : this.previous(number);
      if (back < boundary) return number;
      number = back;
    }
  }

  dropFront(): void {
    invariant(this.#front < this.#next, 'only what is there is dropped');
    this.#front += 1;
    if (this.#front - this.#base < PAGE_EVENTS) return;
    const page = this.#pages.shift();
    this.#base += PAGE_EVENTS;
    page?.buffers.fill(NO_BUFFER);
    page?.texts.fill('');
    this.#spare = page ?? null;
  }

  /** Takes back the last event. After the last one of a revision, `total` is set to what it was before that. */
  takeBack(): void {
    invariant(this.#front < this.#next, 'only what is there is taken back');
    this.#next -= 1;
    this.#lastRevision = 0;
    this.#page(this.#next).buffers[this.#slot(this.#next)] = NO_BUFFER;
  }

  #float(number: EventNumber, field: number): number {
    return this.#page(number).fields.getFloat64(this.#slot(number) * EVENT_BYTES + field, true);
  }

  #slot(number: EventNumber): number {
    return (number - this.#base) & (PAGE_EVENTS - 1);
  }

  #page(number: EventNumber): Page {
    const page = this.#pages[(number - this.#base) >>> PAGE_BITS];
    invariant(page !== undefined, 'an event that history knows is on a page');
    return page;
  }
}

function isFar(number: EventNumber): boolean {
  return Math.imul(number, GOLDEN_RATIO) >>> (32 - FAR_BITS) === 0;
}

function emptyPage(): Page {
  return {
    fields: new DataView(new ArrayBuffer(PAGE_EVENTS * EVENT_BYTES)),
    texts: Array.from<string>({ length: PAGE_EVENTS }).fill(''),
    buffers: Array.from<ArrayBufferLike>({ length: PAGE_EVENTS }).fill(NO_BUFFER),
  };
}
