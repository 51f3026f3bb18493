/**
 * What storage needs from below, as narrow as it can be, so that the simulator can stand in for LevelDB and files
 * with torn, lost and late writes; and what it offers above.
 */
import type { Entry } from '../raft/entry.ts';
import type { DurableState, Write } from '../raft/io.ts';
import type { LogIndex } from '../raft/types.ts';

/** Below: an ordered byte store. Callbacks, not promises: completions are events of the node's loop. */
export interface KeyValueEngine {
  /** One atomic batch, durable when `done` is called without an error. At most one is in flight. */
  write(batch: EngineBatch, done: (error: Error | null) => void): void;
  /** Values in key order in [gte, lte], at most `limit`. Rejects with IO_FAILED, or CORRUPT when what is there is broken. */
  range(gte: Uint8Array, lte: Uint8Array, limit: number, reverse: boolean): Promise<readonly EngineRecord[]>;
  close(): Promise<void>;
}

export interface EngineBatch {
  /** Done before the puts. */
  readonly deletes: readonly Uint8Array[];
  readonly puts: readonly EngineRecord[];
}

export interface EngineRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Below: small files outside the store, for identity and watermark. */
export interface FileEngine {
  /** null when absent. */
  read(name: string): Promise<Uint8Array | null>;
  /** Write beside, sync, rename, sync the directory: old or new, never a mixture. */
  replace(name: string, content: Uint8Array): Promise<void>;
  /** Overwrites part of an existing file in place and syncs its data. */
  overwrite(name: string, offset: number, content: Uint8Array, done: (error: Error | null) => void): void;
}

/** Below: where data directories lie. The machine's own one is `LOCAL_DISK` (local-disk.ts). */
export interface Disk {
  /** Touches nothing yet. */
  at(path: string): Place;
}

/** Below: the place of one data directory, which may not be there yet, or be somebody else's. */
export interface Place {
  /** As it stands in sentences. */
  readonly path: string;
  readonly files: FileEngine;
  /** Names of all that lies in it; null when there is no such folder. Rejects when it may not be read and written. */
  list(): Promise<readonly string[] | null>;
  /** Looks at the folder of the log without changing it. */
  inspectLog(): Promise<LogFolder>;
  /** Makes it, parents too, durably; nothing when it is there. */
  make(): Promise<void>;
  /** Takes every permission away from other users, and says so if they had any. */
  closeToOthers(): Promise<readonly string[]>;
  /** Takes the lock of the directory. Rejects with DATA_LOCKED, CORRUPT or the disk's own error. */
  openLog(options: OpenEngineOptions): Promise<KeyValueEngine>;
  /** Lets go of the files that it holds open; the log has a `close` of its own. */
  close(): void;
}

export type LogFolder =
  /** Nothing there, or a database without a record. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'records' }
  /** Something of somebody else, by name. */
  | { readonly kind: 'foreign'; readonly name: string };

export interface OpenEngineOptions {
  /** Only at bootstrap: an existing log that lost its CURRENT file would otherwise be replaced by an empty one. */
  readonly createIfMissing: boolean;
}

/** Above: the durable log as the node's loop sees it. */
export interface LogStore {
  /** What was found at open. */
  readonly recovered: DurableState;
  /** The highest cluster time stamped in any stored command entry; 0 for none. */
  readonly clusterTimeMs: number;
  /** Starts one write; the caller waits for `done` before the next. An error is final: the process must end. */
  write(write: Write, done: (error: Error | null) => void): void;
  /**
   * Entries [from, to], ending early after the one that reaches `bytesMax`; at least one. None only when the log does
   * not reach `from` any more, because a write truncated it meanwhile: that fetch has no answer.
   */
  read(
    from: LogIndex,
    to: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void;
  close(): Promise<void>;
}
