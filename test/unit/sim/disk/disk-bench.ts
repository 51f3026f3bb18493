import { type DiskFaults, type ProcessDisk, SimulatedDisk } from '../../../../src/sim/disk/index.ts';
import { Kernel } from '../../../../src/sim/kernel/kernel.ts';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import type { EngineBatch, FileEngine, KeyValueEngine } from '../../../../src/storage/index.ts';

const FIRST = Uint8Array.of(0);
const LAST = Uint8Array.of(255);

/** One process on one disk, with its database open. */
export interface Bench {
  readonly process: ProcessDisk;
  readonly engine: KeyValueEngine;
  readonly files: FileEngine;
}

/** A disk and its time, without any storage logic above it. */
export class DiskBench {
  readonly kernel = new Kernel();
  readonly disk: SimulatedDisk;
  /** What was heard, in its order: `a stored`, `b EIO`. */
  readonly heard: string[] = [];

  constructor(seed = 1, faults: Partial<DiskFaults> = {}) {
    this.disk = new SimulatedDisk('n1', new RandomSource(seed));
    this.disk.setFaults(faults);
  }

  async open(): Promise<Bench> {
    const process = this.disk.attach(this.kernel);
    const place = process.at('/n1');
    const [engine] = await Promise.all([
      place.make().then(() => place.openLog({ createIfMissing: true })),
      this.pass(1_000),
    ]);
    return { process, engine, files: place.files };
  }

  /** Puts `key`, and waits for nothing. */
  put(engine: KeyValueEngine, key: string, value = key): void {
    engine.write(putOf(key, value), (error) => this.heard.push(`${key} ${wordFor(error)}`));
  }

  overwrite(files: FileEngine, name: string, content: string, offset = 0): void {
    files.overwrite(name, offset, Buffer.from(content), (error) =>
      this.heard.push(`${name} ${wordFor(error)}`),
    );
  }

  pass(milliseconds: number): Promise<void> {
    return this.kernel.run(this.kernel.now() + milliseconds);
  }

  /** `key=value` of every record, as a new process finds them. */
  async records(): Promise<string> {
    const { process, engine } = await this.open();
    const records = await this.recordsOf(engine);
    process.detach('exit');
    return records;
  }

  async recordsOf(engine: KeyValueEngine): Promise<string> {
    const [records] = await Promise.all([engine.range(FIRST, LAST, 1_000, false), this.pass(10)]);
    return records.map(({ key, value }) => `${textOf(key)}=${textOf(value)}`).join(' ');
  }
}

function putOf(key: string, value: string): EngineBatch {
  return { deletes: [], puts: [{ key: Buffer.from(key), value: Buffer.from(value) }] };
}

export function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? 'nothing' : Buffer.from(bytes).toString('latin1');
}

function wordFor(error: Error | null): string {
  return error === null ? 'stored' : error.message.slice(0, error.message.indexOf(':'));
}
