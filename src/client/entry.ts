import type { KvRecord } from '../wire/client-protocol.ts';
import { keyText } from './keys.ts';

const decoder = new TextDecoder();

/** A record as it stood at the revision at which it was read. Its bytes are its own: keeping it keeps nothing else. */
export class Entry {
  /**
   * The key as text. A key that is not UTF-8 has a lone surrogate (U+DC80 to U+DCFF) in place of each byte that is
   * not; handed back to any call it addresses the same key. `keyBytes` has the exact bytes.
   */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  /** Empty when only keys were asked for. */
  readonly value: Uint8Array;
  /** The revision that created the key; a delete ends its life and the next put begins another. */
  readonly createRevision: number;
  /** The revision of the last put: what `ifRevision` is compared with. */
  readonly modRevision: number;
  /** Puts since the key was created; the first is 1. */
  readonly version: number;
  /** The lease that the key ends with; 0n without one. */
  readonly lease: bigint;

  constructor(record: KvRecord) {
    this.key = keyText(record.key);
    this.keyBytes = new Uint8Array(record.key);
    this.value = new Uint8Array(record.value);
    this.createRevision = record.createRevision;
    this.modRevision = record.modRevision;
    this.version = record.version;
    this.lease = record.lease;
  }

  /** The value as UTF-8. */
  text(): string {
    return decoder.decode(this.value);
  }

  /** The value as JSON; throws a SyntaxError when it is none. `T` is the caller's word, nothing checks it. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- that is what the sentence above says
  json<T = unknown>(): T {
    return JSON.parse(this.text());
  }
}

export function toEntry(record: KvRecord | null | undefined): Entry | undefined {
  return record === null || record === undefined ? undefined : new Entry(record);
}
