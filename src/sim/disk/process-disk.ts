/**
 * The disk as one process sees it, from its start to its end. Everything that it asks for ends in an event of the
 * kernel; when the process is gone, nothing ends any more.
 */
import type {
  Disk,
  EngineBatch,
  EngineRecord,
  FileEngine,
  KeyValueEngine,
  LogFolder,
  OpenEngineOptions,
  Place,
} from '../../storage/index.ts';
import { LOG_FOLDER } from '../../storage/folder.ts';
import { corrupt, ioFailed, locked } from '../../storage/refusals.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { crash, type Flying, type ProcessEnd } from './crash.ts';
import type { Device, Fate } from './device.ts';
import { systemError } from './faults.ts';
import type { Change } from './image.ts';

type Done = (error: Error | null) => void;

/** Something that becomes durable, and how far it is: the places where a crash makes a difference. */
export interface DurableStep {
  readonly operation: Change['kind'];
  /** A batch that takes records out: the log is cut. */
  readonly isCut: boolean;
  readonly moment:
    | 'begins'
    /** A crash now leaves what the lottery says. */
    | 'flies'
    /** Durable, and nobody has been told. */
    | 'lands';
}

export class ProcessDisk implements Disk {
  /** A crash may be made of any step: `detach` in here is heeded at once. */
  onStep: (step: DurableStep) => void = () => {};
  readonly #device: Device;
  readonly #kernel: Kernel;
  /** In the order in which they began. */
  readonly #flying = new Set<Flying>();
  #isGone = false;

  constructor(device: Device, kernel: Kernel) {
    this.#device = device;
    this.#kernel = kernel;
  }

  at(path: string): Place {
    return new SimulatedPlace(this, this.#device, path);
  }

  /** The process ends: it hears of nothing any more, and its lock is free. Harmless afterwards. */
  detach(how: ProcessEnd): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#device.lockedBy === this) this.#device.lockedBy = null;
    const flying = [...this.#flying];
    this.#flying.clear();
    crash(this.#device, flying, how);
  }

  /** Makes a change durable, or fails to. */
  change(change: Change, fate: Fate, done: Done): void {
    if (!this.#lives(change, 'begins')) return;
    const flying: Flying = { change, fate };
    this.#flying.add(flying);
    if (!this.#lives(change, 'flies')) return;
    this.#kernel.schedule(this.#device.syncMs(), () => this.#land(flying, done));
  }

  /** The same as a promise. */
  changed(change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      this.change(change, this.#device.drawFate(change), (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** After a while: what `look` returns then, or throws. */
  after<T>(delayMs: number, look: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isGone) return;
      this.#kernel.schedule(delayMs, () => {
        if (this.#isGone) return;
        this.#kernel.promised();
        try {
          resolve(look());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #land(flying: Flying, done: Done): void {
    if (this.#isGone) return;
    const again = (): void => {
      this.#kernel.schedule(0, () => this.#land(flying, done));
    };
    if (this.#device.holds(again)) return;
    this.#flying.delete(flying);
    const error = this.#device.perform(flying.change, flying.fate);
    if (!this.#lives(flying.change, 'lands')) return;
    // Whoever waits for it may well be a promise.
    this.#kernel.promised();
    done(error);
  }

  /** Says where things stand; false when that was the end of the process. */
  #lives(change: Change, moment: DurableStep['moment']): boolean {
    const isCut = change.kind === 'batch' && change.deletes.length > 0;
    if (!this.#isGone) this.onStep({ operation: change.kind, isCut, moment });
    return !this.#isGone;
  }
}

class SimulatedPlace implements Place {
  readonly path: string;
  readonly files: FileEngine;
  readonly #process: ProcessDisk;
  readonly #device: Device;

  constructor(process: ProcessDisk, device: Device, path: string) {
    this.path = path;
    this.files = new SimulatedFiles(process, device);
    this.#process = process;
    this.#device = device;
  }

  list(): Promise<readonly string[] | null> {
    const { image } = this.#device;
    return this.#process.after(this.#device.readMs(), () =>
      image.made ? [...(image.hasLog ? [LOG_FOLDER] : []), ...image.files.keys()] : null,
    );
  }

  inspectLog(): Promise<LogFolder> {
    const { image } = this.#device;
    return this.#process.after(this.#device.readMs(), () => ({
      kind: image.records.size > 0 ? 'records' : 'empty',
    }));
  }

  async make(): Promise<void> {
    const isThere = await this.#process.after(this.#device.readMs(), () => this.#device.image.made);
    if (!isThere) await this.#process.changed({ kind: 'folder', folder: 'directory', there: true });
  }

  closeToOthers(): Promise<readonly string[]> {
    return this.#process.after(this.#device.readMs(), () => []);
  }

  /** LevelDB writes whatever it found anew when it opens, so an opening is a sync, and fails where one would. */
  async openLog({ createIfMissing }: OpenEngineOptions): Promise<KeyValueEngine> {
    const device = this.#device;
    await this.#process.after(device.readMs(), () => {
      if (device.lockedBy !== null) throw locked(this.path);
      if (!createIfMissing && !device.image.hasLog) {
        throw corrupt(`the log of ${this.path} is missing or has lost its file CURRENT`);
      }
      device.lockedBy = this.#process;
    });
    try {
      await this.#process.changed({ kind: 'folder', folder: 'log', there: true });
    } catch (error) {
      device.lockedBy = null;
      throw error;
    }
    return new SimulatedEngine(this.#process, device);
  }

  close(): void {
    // Nothing is held open.
  }
}

class SimulatedFiles implements FileEngine {
  readonly #process: ProcessDisk;
  readonly #device: Device;

  constructor(process: ProcessDisk, device: Device) {
    this.#process = process;
    this.#device = device;
  }

  read(name: string): Promise<Uint8Array | null> {
    return this.#process.after(this.#device.readMs(), () => {
      const failure = this.#device.drawReadError();
      if (failure !== null) throw failure;
      return this.#device.image.files.get(name)?.slice() ?? null;
    });
  }

  replace(name: string, content: Uint8Array): Promise<void> {
    return this.#process.changed({ kind: 'replace', name, content: content.slice() });
  }

  /** Holds the caller's bytes until they land, not a copy, just as the operating system does. */
  overwrite(name: string, offset: number, content: Uint8Array, done: Done): void {
    const change: Change = { kind: 'overwrite', name, offset, content };
    const isThere = this.#device.image.files.has(name);
    this.#process.change(change, this.#device.drawFate(change), (error) => {
      done(isThere ? error : systemError('ENOENT', 'open'));
    });
  }
}

class SimulatedEngine implements KeyValueEngine {
  readonly #process: ProcessDisk;
  readonly #device: Device;
  #isWriting = false;
  #isClosed = false;
  /**
   * LevelDB after a failed write (reliability.md 0): when a sync failed, it fails all that follow; when a record was
   * written in part for lack of space, it acknowledges all that follow, and reads none of them again.
   */
  #failed: 'write error' | 'no space' | null = null;

  constructor(process: ProcessDisk, device: Device) {
    this.#process = process;
    this.#device = device;
  }

  write(batch: EngineBatch, done: Done): void {
    if (this.#isWriting) throw new Error('one batch is in flight at a time');
    if (this.#isClosed) throw new Error('the database is closed');
    this.#isWriting = true;
    const change: Change = {
      kind: 'batch',
      deletes: batch.deletes.map((key) => key.slice()),
      puts: batch.puts.map(({ key, value }) => ({ key: key.slice(), value: value.slice() })),
    };
    const fate = this.#fateOf(change);
    this.#process.change(change, fate, (error) => {
      this.#isWriting = false;
      if (error !== null) this.#failed ??= fate === 'no space' ? 'no space' : 'write error';
      done(error);
    });
  }

  /** A snapshot of the moment of the call, like an iterator of LevelDB. */
  range(gte: Uint8Array, lte: Uint8Array, limit: number, reverse: boolean): Promise<readonly EngineRecord[]> {
    const records = this.#device.image.records.range(gte, lte, limit, reverse);
    return this.#process.after(this.#device.readMs(), () => {
      const failure = this.#device.drawReadError();
      if (failure !== null) throw ioFailed('the database cannot be read', failure);
      return records;
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#process.after(this.#device.readMs(), () => {
      if (this.#device.lockedBy === this.#process) this.#device.lockedBy = null;
    });
  }

  #fateOf(change: Change): Fate {
    const drawn = this.#device.drawFate(change);
    if (this.#failed === 'write error') return 'refused';
    return this.#failed === 'no space' && drawn !== 'no space' ? 'lost' : drawn;
  }
}
