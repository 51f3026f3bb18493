/**
 * The latest changes of an image, newest last, each with the way back. A crash takes back what was not synced; a disk
 * that loses acknowledged data takes back what was.
 */
import type { Change, DiskImage } from './image.ts';

export type Footing =
  /** On the platter. */
  | 'synced'
  /** In a cache: found by the next process, and lost with the power. */
  | 'unsynced'
  /** Acknowledged, and not where anybody will find it: gone with the process that wrote it. */
  | 'doomed';

interface Entry {
  readonly change: Change;
  inverse: Change;
  footing: Footing;
}

/** Changes that can be taken back. What a cache has not written by then, it writes. */
const CHANGES_MAX = 64;

export class Journal {
  readonly #image: DiskImage;
  #entries: Entry[] = [];

  constructor(image: DiskImage) {
    this.#image = image;
  }

  /** The changes that can be taken back, oldest first. */
  get entries(): readonly Readonly<Entry>[] {
    return this.#entries;
  }

  apply(change: Change, footing: Footing): void {
    this.#entries.push({ change, inverse: this.#image.apply(change), footing });
    while (this.#entries.length > CHANGES_MAX && this.#entries[0]?.footing !== 'doomed')
      this.#entries.shift();
  }

  /** One honest sync writes all that a cache holds: file systems commit their journal as a whole. */
  sync(): void {
    for (const entry of this.#entries) if (entry.footing === 'unsynced') entry.footing = 'synced';
  }

  /** Takes back every change that is not kept, however it lies between others. Returns how many those are. */
  keep(isKept: (entry: Readonly<Entry>) => boolean): number {
    const entries = this.#entries;
    const kept = entries.filter(isKept);
    if (kept.length === entries.length) return 0;
    for (const { inverse } of entries.toReversed()) this.#image.apply(inverse);
    for (const entry of kept) entry.inverse = this.#image.apply(entry.change);
    this.#entries = kept;
    return entries.length - kept.length;
  }

  /** The image was replaced: there is no way back. */
  forget(): void {
    this.#entries = [];
  }
}
