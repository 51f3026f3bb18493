/**
 * What is stored of one data directory: the log's records and the small files beside it. Every change says how it is
 * taken back, so that what happened last can be unhappened in any part.
 */
import type { EngineRecord } from '../../storage/interfaces.ts';
import { keyText, OrderedRecords } from './ordered-records.ts';

export type Change =
  | {
      readonly kind: 'batch';
      readonly deletes: readonly Uint8Array[];
      readonly puts: readonly EngineRecord[];
    }
  | {
      readonly kind: 'overwrite';
      readonly name: string;
      readonly offset: number;
      readonly content: Uint8Array;
    }
  /** null: there is no such file. */
  | { readonly kind: 'replace'; readonly name: string; readonly content: Uint8Array | null }
  | { readonly kind: 'folder'; readonly folder: 'directory' | 'log'; readonly there: boolean };

/** Changes nothing. */
const NOTHING: Change = { kind: 'batch', deletes: [], puts: [] };

export class DiskImage {
  /** The directory has been made. */
  made = false;
  /** The log's database has been made. */
  hasLog = false;
  records = new OrderedRecords();
  readonly files = new Map<string, Uint8Array>();

  /** Shares nothing that can change. */
  copy(): DiskImage {
    const copy = new DiskImage();
    copy.become(this);
    return copy;
  }

  become(other: DiskImage): void {
    this.made = other.made;
    this.files.clear();
    for (const [name, content] of other.files) this.files.set(name, content.slice());
    this.becomeLogOf(other);
  }

  /** The log of the other one beside files of one's own. */
  becomeLogOf(other: DiskImage): void {
    this.hasLog = other.hasLog;
    this.records = other.records.copy();
  }

  /** Returns the change that takes this one back. What has no folder any more to lie in goes nowhere. */
  apply(change: Change): Change {
    switch (change.kind) {
      case 'folder':
        return this.#setFolder(change.folder, change.there);
      case 'batch':
        return this.hasLog ? this.#applyBatch(change.deletes, change.puts) : NOTHING;
      case 'overwrite':
        return this.#overwrite(change.name, change.offset, change.content);
      case 'replace': {
        if (!this.made) return NOTHING;
        const content = this.files.get(change.name) ?? null;
        if (change.content === null) this.files.delete(change.name);
        else this.files.set(change.name, change.content.slice());
        return { kind: 'replace', name: change.name, content };
      }
    }
  }

  /** Bits are counted through the key, then through the value. */
  flipRecordBit(position: number, bit: number): void {
    const record = this.records.at(position);
    if (record === undefined) throw new RangeError(`there is no record ${position}`);
    const bytes = Buffer.concat([record.key, record.value]);
    flip(bytes, bit);
    const key = bytes.subarray(0, record.key.length);
    this.records.delete(keyText(record.key));
    this.records.set(keyText(key), { key, value: bytes.subarray(key.length) });
  }

  flipFileBit(name: string, bit: number): void {
    const file = this.files.get(name);
    if (file === undefined) throw new RangeError(`there is no file ${name}`);
    flip(file, bit);
  }

  #setFolder(folder: 'directory' | 'log', there: boolean): Change {
    const was = folder === 'log' ? this.hasLog : this.made;
    if (folder === 'log') this.hasLog = there;
    else this.made = there;
    return { kind: 'folder', folder, there: was };
  }

  #applyBatch(deletes: readonly Uint8Array[], puts: readonly EngineRecord[]): Change {
    const before = new Map<string, { readonly key: Uint8Array; readonly old: EngineRecord | undefined }>();
    const keep = (key: Uint8Array): string => {
      const text = keyText(key);
      if (!before.has(text)) before.set(text, { key, old: this.records.get(text) });
      return text;
    };
    for (const key of deletes) this.records.delete(keep(key));
    for (const record of puts) this.records.set(keep(record.key), record);
    const touched = [...before.values()];
    return {
      kind: 'batch',
      deletes: touched.flatMap(({ key, old }) => (old === undefined ? [key] : [])),
      puts: touched.flatMap(({ old }) => (old === undefined ? [] : [old])),
    };
  }

  #overwrite(name: string, offset: number, content: Uint8Array): Change {
    const file = this.files.get(name);
    if (file === undefined) return NOTHING;
    const end = offset + content.length;
    if (end > file.length) {
      const longer = new Uint8Array(end);
      longer.set(file);
      longer.set(content, offset);
      this.files.set(name, longer);
      return { kind: 'replace', name, content: file };
    }
    const old = file.slice(offset, end);
    file.set(content, offset);
    return { kind: 'overwrite', name, offset, content: old };
  }
}

function flip(bytes: Uint8Array, bit: number): void {
  const at = bit >> 3;
  if (at >= bytes.length) throw new RangeError(`there is no bit ${bit}`);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
}
