/**
 * One node's data directory, in virtual time and with faults. It outlives the processes that open it:
 *
 *   disk = new SimulatedDisk('n1', random)
 *   process = disk.attach(kernel)       openDataDirectory({ …, disk: process })
 *   process.detach('power cut')         disk.damage(…), disk.restore(…)
 *   process = disk.attach(kernel)       …
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomSource } from '../kernel/random.ts';
import { type Damage, endsInPromise, endsInUnrecordedEntries, inflict } from './damage.ts';
import { Device } from './device.ts';
import type { DiskFaults, FaultCounts } from './faults.ts';
import type { DiskImage } from './image.ts';
import { ProcessDisk } from './process-disk.ts';

export class SimulatedDisk {
  readonly #device: Device;

  /** `name` tells this disk's random streams from those of others. */
  constructor(name: string, random: RandomSource) {
    this.#device = new Device(name, random);
  }

  /** For a process that starts now. Two at a time may be attached; one of them can have the log open. */
  attach(kernel: Kernel): ProcessDisk {
    return new ProcessDisk(this.#device, kernel);
  }

  get faults(): DiskFaults {
    return this.#device.faults;
  }

  /** From now on; operations in flight keep their fate, except that stuck ones go on when nothing is stuck any more. */
  setFaults(faults: Partial<DiskFaults>): void {
    this.#device.setFaults(faults);
  }

  /** What has really happened so far. */
  get injected(): FaultCounts {
    return this.#device.counts;
  }

  /** Something goes wrong with bytes at rest; false when there was nothing for it to happen to. */
  damage(damage: Damage): boolean {
    return inflict(this.#device, damage);
  }

  /** What a process would find now ends in a term or a vote that the watermark vouches for. */
  get endsInPromise(): boolean {
    return endsInPromise(this.#device);
  }

  /** It ends in entries that the watermark does not vouch for yet. */
  get endsInUnrecordedEntries(): boolean {
    return endsInUnrecordedEntries(this.#device);
  }

  /** A copy of all that a process would find now: a backup, or a clone for another node's disk. */
  snapshot(): DiskImage {
    return this.#device.image.copy();
  }

  /** Puts a copy in place of what is there, or only its log under the files that are there. */
  restore(image: DiskImage, part: 'all' | 'log' = 'all'): void {
    const { image: own, journal, counts, lockedBy } = this.#device;
    if (lockedBy !== null) throw new Error('a process has the directory open');
    if (part === 'all') own.become(image);
    else own.becomeLogOf(image);
    journal.forget();
    counts.count(part === 'all' ? 'restored' : 'restored log');
  }
}
