/** The device itself, which all processes of the node share one after the other: what is stored, and what goes wrong. */
import { unfinishedName } from '../../storage/file-engine.ts';
import type { RandomSource } from '../kernel/random.ts';
import { DiskDice, type DiskFaults, drawMs, FaultCounts, SOUND_DISK, systemError } from './faults.ts';
import { type Change, DiskImage } from './image.ts';
import { Journal } from './journal.ts';
import { keyText } from './ordered-records.ts';

/** What becomes of an operation, drawn when it begins. */
export type Fate =
  | 'stored'
  | 'unsynced'
  | 'lost'
  | 'misdirected'
  | 'write error'
  | 'no space'
  /** By an engine that has failed before. */
  | 'refused';

export class Device {
  readonly image = new DiskImage();
  readonly journal = new Journal(this.image);
  readonly counts = new FaultCounts();
  readonly dice: DiskDice;
  /** The process that has the log open. */
  lockedBy: object | null = null;
  #faults: DiskFaults = SOUND_DISK;
  #held: (() => void)[] = [];

  constructor(name: string, random: RandomSource) {
    this.dice = new DiskDice(random, name);
  }

  get faults(): DiskFaults {
    return this.#faults;
  }

  setFaults(faults: Partial<DiskFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
    if (this.#faults.stuck) return;
    for (const goOn of this.#held.splice(0)) goOn();
  }

  readMs(): number {
    return drawMs(this.dice.latency, this.#faults.readMs);
  }

  syncMs(): number {
    const usualMs = drawMs(this.dice.latency, this.#faults.syncMs);
    const isSlow = this.dice.slow.chance(this.#faults.slowSyncPercent);
    const slowMs = drawMs(this.dice.slow, this.#faults.slowSyncMs);
    if (isSlow) this.counts.count('slow sync');
    return isSlow ? slowMs : usualMs;
  }

  /** True while syncs are stuck: `goOn` is called when they are not any more. */
  holds(goOn: () => void): boolean {
    if (!this.#faults.stuck) return false;
    this.counts.count('stuck sync');
    this.#held.push(goOn);
    return true;
  }

  drawReadError(): Error | null {
    if (!this.dice.readError.chance(this.#faults.readErrorPercent)) return null;
    this.counts.count('read error');
    return systemError('EIO', 'read');
  }

  /** Every fault is drawn for every operation, whichever comes to pass. */
  drawFate(change: Change): Fate {
    const isFailing = this.dice.writeError.chance(this.#faults.writeErrorPercent);
    const isLost = this.dice.lost.chance(this.#faults.lostWritePercent);
    const isMisdirected = this.dice.misdirected.chance(this.#faults.misdirectedWritePercent);
    // Overwriting takes no space.
    if (this.#faults.full && change.kind !== 'overwrite') return 'no space';
    if (isFailing) return 'write error';
    if (change.kind !== 'folder' && isLost) return 'lost';
    if ((change.kind === 'batch' || change.kind === 'overwrite') && isMisdirected) return 'misdirected';
    return this.#faults.lying ? 'unsynced' : 'stored';
  }

  /** What the process is told of it. */
  perform(change: Change, fate: Fate): Error | null {
    switch (fate) {
      case 'stored':
        this.#store(change);
        return null;
      case 'unsynced':
        this.counts.count('lying sync');
        this.#put(change, 'unsynced');
        return null;
      case 'lost':
        this.counts.count('lost write');
        this.#put(change, 'doomed');
        return null;
      case 'misdirected':
        this.#store(this.#misdirect(change));
        return null;
      case 'write error':
        this.counts.count('write error');
        this.journal.apply(unfinished(change), 'unsynced');
        return systemError('EIO', 'fdatasync');
      case 'no space':
        this.counts.count('no space');
        if (change.kind === 'replace') this.journal.apply(unfinished(change), 'unsynced');
        return systemError('ENOSPC', 'write');
      case 'refused':
        return systemError('EIO', 'fdatasync');
    }
  }

  #store(change: Change): void {
    this.#put(change, 'synced');
    this.journal.sync();
  }

  #put(change: Change, footing: 'synced' | 'unsynced' | 'doomed'): void {
    this.journal.apply(change, footing);
    if (change.kind !== 'replace') return;
    const beside = unfinishedName(change.name);
    if (this.image.files.has(beside)) {
      this.journal.apply({ kind: 'replace', name: beside, content: null }, footing);
    }
  }

  /** A put lands on another record, a part of a file elsewhere in it; what should have changed stays as it was. */
  #misdirect(change: Change): Change {
    if (change.kind === 'batch' && change.puts.length > 0 && this.image.records.size > 0) {
      const at = this.dice.target.below(change.puts.length);
      const victim = this.image.records.at(this.dice.target.below(this.image.records.size));
      const lands = change.puts.map((put, i) =>
        i === at && victim !== undefined ? { key: victim.key, value: put.value } : put,
      );
      if (victim !== undefined && keyText(victim.key) !== keyText(change.puts[at]?.key ?? victim.key)) {
        this.counts.count('misdirected write');
        return { ...change, puts: lands };
      }
    }
    if (change.kind === 'overwrite') {
      const sectors = Math.floor((this.image.files.get(change.name)?.length ?? 0) / SECTOR_BYTES);
      const offset = this.dice.target.below(Math.max(1, sectors)) * SECTOR_BYTES;
      if (offset !== change.offset) {
        this.counts.count('misdirected write');
        return { ...change, offset };
      }
    }
    return change;
  }
}

/** The unit in which a disk writes: one is torn never, or is garbage. */
export const SECTOR_BYTES = 512;

/** What lies there when the sync failed: a file is not renamed into its place then. */
function unfinished(change: Change): Change {
  return change.kind === 'replace' ? { ...change, name: unfinishedName(change.name) } : change;
}
