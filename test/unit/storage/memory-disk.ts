import type {
  EngineBatch,
  EngineRecord,
  FileEngine,
  KeyValueEngine,
} from '../../../src/storage/interfaces.ts';

type Done = (error: Error | null) => void;

interface Pending {
  readonly kind: 'batch' | 'file';
  /** Makes it durable; what a crash may leave of a file's write is its own affair. */
  readonly apply: () => void;
  readonly done: Done;
}

/**
 * What is durable, and what is still on its way to it: a test decides when each operation ends, and what a crash does
 * to those that have not.
 */
export class MemoryDisk {
  readonly records = new Map<string, EngineRecord>();
  readonly files = new Map<string, Uint8Array>();
  readonly pending: Pending[] = [];
  /** Operations become durable at once and call back a moment later. */
  instant = false;

  readonly engine: KeyValueEngine = {
    write: (batch, done) => this.#start({ kind: 'batch', apply: () => this.#apply(batch), done }),
    range: (gte, lte, limit, reverse) => {
      const inside = [...this.records.values()]
        .filter(({ key }) => Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lte) <= 0)
        .toSorted((a, b) => Buffer.compare(a.key, b.key) * (reverse ? -1 : 1));
      return Promise.resolve(inside.slice(0, limit));
    },
    close: () => Promise.resolve(),
  };

  readonly fileEngine: FileEngine = {
    read: (name) => Promise.resolve(this.files.get(name) ?? null),
    replace: (name, content) => {
      this.files.set(name, content);
      return Promise.resolve();
    },
    overwrite: (name, offset, content, done) => {
      this.#start({ kind: 'file', apply: () => this.overwriteNow(name, offset, content), done });
    },
  };

  complete(kind: Pending['kind'], error: Error | null = null): boolean {
    const at = this.pending.findIndex((each) => each.kind === kind);
    const [operation] = at < 0 ? [] : this.pending.splice(at, 1);
    if (operation === undefined) return false;
    if (error === null) operation.apply();
    operation.done(error);
    return true;
  }

  /** A copy that shares nothing, in which no operation is pending. */
  clone(): MemoryDisk {
    const disk = new MemoryDisk();
    disk.instant = true;
    for (const { key, value } of this.records.values()) disk.put(key, value);
    for (const [name, content] of this.files) disk.files.set(name, Uint8Array.from(content));
    return disk;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    const record = { key: Uint8Array.from(key), value: Uint8Array.from(value) };
    this.records.set(Buffer.from(key).toString('hex'), record);
  }

  delete(key: Uint8Array): void {
    this.records.delete(Buffer.from(key).toString('hex'));
  }

  overwriteNow(name: string, offset: number, content: Uint8Array): void {
    const file = Uint8Array.from(this.files.get(name) ?? new Uint8Array(0));
    file.set(content, offset);
    this.files.set(name, file);
  }

  #start(operation: Pending): void {
    if (!this.instant) {
      this.pending.push(operation);
      return;
    }
    operation.apply();
    setImmediate(() => operation.done(null));
  }

  #apply(batch: EngineBatch): void {
    for (const key of batch.deletes) this.delete(key);
    for (const { key, value } of batch.puts) this.put(key, value);
  }
}

/** Lets what is queued for this turn of the loop run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
