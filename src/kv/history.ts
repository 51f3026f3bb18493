/**
 * What is known of the past: every event above the floor, the floor itself, and the keys that are gone but were there
 * at some revision that can still be read.
 *
 * Two things that etcd calls compaction are apart here. `compact` moves the floor: it is an operation in the log, the
 * same at the same place everywhere. `cleanUp` frees what nobody may read any more: each node does it when it likes,
 * a bounded piece at a time, and neither an answer nor the digest can tell whether it has.
 *
 *   floor F          what is answered                                         what stays
 *   read below F     COMPACTED                                                nothing
 *   read at F        the state right after revision F, as ever                what each key had at F
 *   events from F    those of revision F too: a deletion at F is still told   all events of F and above
 */
import { EventRing, type EventNumber } from './event-ring.ts';
import { KeyDirectory } from './key-directory.ts';
import { after, type TextRange } from './key-text.ts';
import type { Lanes } from './murmur128.ts';
import type { Revision } from './operation.ts';
import { OrderedKeys } from './ordered-keys.ts';
import { SetDigest } from './set-digest.ts';

/** Where history can be taken back to. */
export interface Savepoint {
  readonly next: EventNumber;
  readonly total: Lanes;
}

/** Nothing is compacted yet. */
const NO_FLOOR: Revision = 0;

export class History {
  readonly events = new EventRing();
  /** A key that is gone, and the event that removed it. Touched only when a key appears or disappears. */
  readonly #gone = new KeyDirectory();
  readonly #goneOrder = new OrderedKeys();
  readonly #totalAtFloor = new SetDigest();
  #floor: Revision = NO_FLOOR;

  /** The oldest revision that can be read. */
  get floor(): Revision {
    return this.#floor;
  }

  /** Of the events above the floor and their order. */
  get digest(): SetDigest {
    const digest = new SetDigest();
    digest.add(this.events.total);
    digest.subtract(this.#totalAtFloor);
    return digest;
  }

  /** The event that removed the key; 0 when history knows of none. */
  goneAt(text: string): EventNumber {
    return this.#gone.find(text) ?? 0;
  }

  /**
   * At most `max` keys that are gone and were there at a revision that can still be read, in order or in reverse. The
   * others wait for clean-up, and whether it has been here no answer may tell.
   */
  goneKeys(range: TextRange, reverse: boolean, max: number): string[] {
    const found: string[] = [];
    let rest = range;
    while (found.length < max) {
      const some = reverse ? this.#goneOrder.keysReversed(rest, max) : this.#goneOrder.keys(rest, max);
      for (const text of some) if (this.events.revision(this.goneAt(text)) > this.#floor) found.push(text);
      const last = some.at(-1);
      if (last === undefined || some.length < max) break;
      rest = reverse ? { start: rest.start, end: last } : { start: after(last), end: rest.end };
    }
    return found.slice(0, max);
  }

  setGone(text: string, event: EventNumber): void {
    this.#gone.set(text, event);
    this.#goneOrder.insert(text);
  }

  /** The key is back. Gives the event that had removed it, or 0. */
  takeGone(text: string): EventNumber {
    if (this.#goneOrder.size === 0) return 0;
    const event = this.goneAt(text);
    if (event !== 0) this.#forgetGone(text);
    return event;
  }

  #forgetGone(text: string): void {
    this.#gone.delete(text);
    this.#goneOrder.remove(text);
  }

  /** `floor` is above the one before and not above the present. Costs a binary search, however much it ends. */
  compact(floor: Revision): void {
    this.#floor = floor;
    const last = this.events.firstAfter(floor) - 1;
    if (last >= this.events.front) this.#totalAtFloor.set(this.events.digest(last));
  }

  /** Frees at most `eventsMax` events that nobody may read any more; gives how many it freed. */
  cleanUp(eventsMax: number): number {
    const { events } = this;
    let freed = 0;
    while (freed < eventsMax && events.front < events.next && events.revision(events.front) < this.#floor) {
      const text = events.text(events.front);
      if (this.goneAt(text) === events.front) this.#forgetGone(text);
      events.dropFront();
      freed += 1;
    }
    return freed;
  }

  savepoint(): Savepoint {
    const { a, b, c, d } = this.events.total;
    return { next: this.events.next, total: { a, b, c, d } };
  }
}
