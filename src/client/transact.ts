/**
 * A transaction as a function: reads what it wants, says what to write, and is run again when others wrote meanwhile
 * what it had read. Nothing is locked; what is written goes as one transaction that compares what was read.
 *
 *   run ─► reads at one revision, writes kept here ─► when (all as read) do (the writes) ─► done
 *    ▲                                                             └─ not as read any more ─┐
 *    └─────────────────────────────────── again, until attempts or time are used up ◄───────┘
 */
import { QuorateError } from '../wire/errors.ts';
import { int64 } from './checked-options.ts';
import { Entry } from './entry.ts';
import { keyBytes, keyText } from './keys.ts';
import type { Key } from './keys.ts';
import type { TxnCompare, TxnStep } from './txn-types.ts';
import { valueBytes } from './values.ts';
import type { Value } from './values.ts';

/** How a transaction reads: at the revision given, or at the present, which it then names. */
type ReadAt = (
  keys: readonly Key[],
  atRevision: number | undefined,
) => Promise<{ readonly revision: number; readonly entries: readonly (Entry | undefined)[] }>;

/** What `transact` asks of the cluster, within the time that it has. */
export interface Requests {
  readonly read: ReadAt;
  /** False: a compare did not hold, and nothing was done. */
  readonly commit: (txn: Commit) => Promise<boolean>;
}

export interface Commit {
  readonly when: readonly TxnCompare[];
  readonly do: readonly TxnStep[];
}

export type Body<Result> = (tx: Transaction) => Result | Promise<Result>;

export async function transact<Result>(
  body: Body<Result>,
  attemptsMax: number,
  requests: Requests,
): Promise<Result> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const done = await tried(body, requests);
    if (done !== null) return done.result;
  }
  const message = `others changed what the transaction had read, ${attemptsMax} times in a row`;
  throw new QuorateError('CONFLICT', message);
}

/** Null when others were faster. */
async function tried<Result>(
  body: Body<Result>,
  { read, commit }: Requests,
): Promise<{ readonly result: Result } | null> {
  const tx = new Transaction(read);
  try {
    const result = await body(tx);
    const txn = tx.end();
    return txn === null || (await commit(txn)) ? { result } : null;
  } catch (error) {
    if (tx.isOvertaken) return null;
    throw error;
  } finally {
    tx.end();
  }
}

type Write =
  | { readonly type: 'put'; readonly value: Uint8Array }
  | { readonly type: 'delete' }
  | { readonly type: 'increment'; readonly by: bigint };

/**
 * What the function of `transact` gets: all it reads is of one revision, all it writes is done at once or not at all.
 * Every key it read is compared when it commits, keys that were absent too. Of use only while the function runs.
 */
export class Transaction {
  readonly #readAt: ReadAt;
  readonly #read = new Map<string, number>();
  readonly #writes = new Map<string, Write>();
  #snapshot: Promise<number> | null = null;
  #isOver = false;
  #isOvertaken = false;

  /** Programs get one from `transact`. */
  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
  }

  /** The record under a key as it was when the transaction began, or as the transaction has put it since. */
  async get(key: Key): Promise<Entry | undefined> {
    const [entry] = await this.getMany([key]);
    return entry;
  }

  /** One place for each key, in the order asked. What the transaction itself has put has no revision yet: 0. */
  async getMany(keys: readonly Key[]): Promise<readonly (Entry | undefined)[]> {
    this.#checkOpen();
    const texts = keys.map((key) => keyText(keyBytes(key, undefined)));
    const missing = [...new Set(texts.filter((text) => !this.#writes.has(text)))];
    const found = new Map<string, Entry | undefined>();
    if (missing.length > 0) {
      const entries = await this.#fetch(missing);
      missing.forEach((text, place) => {
        found.set(text, entries[place]);
        this.#read.set(text, entries[place]?.modRevision ?? 0);
      });
    }
    return texts.map((text) => {
      const write = this.#writes.get(text);
      return write === undefined || found.has(text) ? found.get(text) : written(text, write);
    });
  }

  put(key: Key, value: Value): void {
    // Copied: it is sent only when the function is done.
    this.#write(key, { type: 'put', value: new Uint8Array(valueBytes(value, undefined)) });
  }

  delete(key: Key): void {
    this.#write(key, { type: 'delete' });
  }

  /** Adds to a counter without reading it, so that others may count meanwhile. */
  increment(key: Key, by: bigint = 1n): void {
    const earlier = this.#writes.get(keyText(keyBytes(key, undefined)));
    if (earlier !== undefined && earlier.type !== 'increment') throw mixed(key);
    this.#write(key, { type: 'increment', by: int64('by', int64('by', by) + (earlier?.by ?? 0n)) });
  }

  #write(key: Key, write: Write): void {
    this.#checkOpen();
    const text = keyText(keyBytes(key, undefined));
    if (write.type !== 'increment' && this.#writes.get(text)?.type === 'increment') throw mixed(key);
    this.#writes.set(text, write);
  }

  /** The first read says which revision all others are of; those that begin beside it wait for its word. */
  async #fetch(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    if (this.#snapshot === null) {
      const first = this.#readAt(keys, undefined);
      this.#snapshot = first.then(({ revision }) => revision);
      // Whoever asked hears of it through `first`.
      this.#snapshot.catch(() => {});
      return (await first).entries;
    }
    const atRevision = await this.#snapshot;
    try {
      return (await this.#readAt(keys, atRevision)).entries;
    } catch (error) {
      if (QuorateError.is(error) && error.code === 'COMPACTED') this.#isOvertaken = true;
      throw error;
    }
  }

  #checkOpen(): void {
    if (this.#isOver)
      throw new QuorateError('INVALID_ARGUMENT', 'the function of this transaction has returned');
  }

  /** The revision that it read was compacted before it had read all: its function is run again. */
  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  /** From here on nothing can be read or written. Null: it wrote nothing, and all that it read was true at once. */
  end(): Commit | null {
    this.#isOver = true;
    if (this.#writes.size === 0) return null;
    return {
      when: [...this.#read].map(([key, modRevision]) => ({ key, modRevision })),
      do: [...this.#writes].map(([key, write]) => step(key, write)),
    };
  }
}

function step(key: string, write: Write): TxnStep {
  switch (write.type) {
    case 'put':
      return { put: key, value: write.value };
    case 'delete':
      return { delete: key };
    case 'increment':
      return { increment: key, by: write.by };
  }
}

function written(key: string, write: Write): Entry | undefined {
  if (write.type === 'delete') return undefined;
  if (write.type === 'increment') {
    throw new QuorateError('INVALID_ARGUMENT', `"${key}" was incremented here: read it before that`);
  }
  const unwritten = { createRevision: 0, modRevision: 0, version: 0, lease: 0n };
  return new Entry({ key: keyBytes(key, undefined), value: write.value, ...unwritten });
}

function mixed(key: Key): QuorateError {
  const shown = typeof key === 'string' ? key : keyText(key);
  return new QuorateError('INVALID_ARGUMENT', `"${shown}" is both set and incremented in one transaction`);
}
