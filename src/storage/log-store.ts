/**
 * The durable log: every raft write is one atomic, synced batch, one in flight; the caller's next write gathers what
 * arrived meanwhile, which is the group commit (DESIGN 3).
 */
import assert from 'node:assert/strict';
import { callbackify } from 'node:util';
import type { Entry } from '../raft/entry.ts';
import type { DurableState, Write } from '../raft/io.ts';
import type { LogIndex } from '../raft/types.ts';
import { encodeBlock, packBlocks } from './block-codec.ts';
import type { ChainPoint } from './chain.ts';
import type { EngineRecord, KeyValueEngine, LogStore } from './interfaces.ts';
import { blockKey, firstIndexOf, LAST_BLOCK_KEY, STATE_KEY } from './keys.ts';
import { LogReader } from './log-reader.ts';
import { corrupt, ioFailed } from './refusals.ts';
import { encodeState, type StateRecord } from './state-record.ts';
import type { DurableWatermark } from './watermark.ts';

/** A block is read and checked as a whole: small enough for one append message, large enough for a busy turn. */
export const BLOCK_BYTES_MAX = 256 * 1024;
/** Blocks kept for followers that lag; a handful of append messages. */
export const CACHE_BYTES_MAX = 4 * 1024 * 1024;
/** Keys collected at a time when a tail is taken out. */
const PAGE_BLOCKS = 64;

export interface DurableLogOptions {
  readonly engine: KeyValueEngine;
  readonly recovered: DurableState;
  readonly clusterTimeMs: number;
  readonly state: StateRecord;
  readonly blockBytesMax: number;
  readonly cacheBytesMax: number;
  /** Made with this log's `fail` as its `onFailure`. */
  readonly watermark: (onFailure: (error: Error) => void) => DurableWatermark;
}

type Done = (error: Error | null) => void;

/** What a truncation changes before anything is appended. */
interface Cut {
  readonly end: ChainPoint;
  readonly deletes: readonly Uint8Array[];
  readonly puts: readonly EngineRecord[];
}

export class DurableLog implements LogStore {
  readonly recovered: DurableState;
  readonly clusterTimeMs: number;
  readonly #engine: KeyValueEngine;
  readonly #reader: LogReader;
  readonly #watermark: DurableWatermark;
  readonly #blockBytesMax: number;
  /** Durable, and so is everything before its `end`. */
  #state: StateRecord;
  #busy = false;
  #failure: Error | null = null;
  #closed = false;
  #onIdle: (() => void) | null = null;

  constructor(options: DurableLogOptions) {
    this.recovered = options.recovered;
    this.clusterTimeMs = options.clusterTimeMs;
    this.#engine = options.engine;
    this.#reader = new LogReader(options.engine, options.cacheBytesMax);
    this.#watermark = options.watermark((error) => this.#fail(error));
    this.#blockBytesMax = options.blockBytesMax;
    this.#state = options.state;
  }

  write(write: Write, done: Done): void {
    assert(!this.#busy, 'one write is in flight at a time');
    assert(!this.#closed, 'the log is closed');
    assertContinues(write, this.#state);
    this.#busy = true;
    const from = write.truncateFrom;
    if (this.#failure !== null) queueMicrotask(() => this.#finish(done));
    else if (from !== null && from <= this.#state.end.index) this.#truncateAndCommit(from, write, done);
    else this.#watermark.admit(() => this.#commit(write, null, done));
  }

  read(
    from: LogIndex,
    to: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void {
    const last = Math.min(to, this.#state.end.index);
    callbackify(() => this.#reader.read(from, last, bytesMax))((error: Error | null, entries) => {
      done(error, error === null ? entries : []);
    });
  }

  /** Waits for the write in flight and records the watermark; the engine stays open, it belongs to the directory. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await new Promise<void>((resolve) => {
      if (this.#busy) this.#onIdle = resolve;
      else resolve();
    });
    if (this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#watermark.flush(resolve);
      });
      if (this.#failure !== null) throw this.#failure;
    }
    this.#watermark.stop();
  }

  #commit(write: Write, cut: Cut | null, done: Done): void {
    if (this.#failure !== null) {
      this.#finish(done);
      return;
    }
    const start = cut?.end ?? this.#state.end;
    const blocks = packBlocks(start, write.append, this.#blockBytesMax);
    const state: StateRecord = {
      writes: this.#state.writes + 1,
      hardState: write.hardState ?? this.#state.hardState,
      commitHint: write.commitHint,
      end: blocks.at(-1)?.end ?? start,
    };
    const puts = [
      ...(cut?.puts ?? []),
      ...blocks.map((block) => ({ key: blockKey(block.previous.index + 1), value: block.value })),
      { key: STATE_KEY, value: encodeState(state) },
    ];
    this.#engine.write({ deletes: cut?.deletes ?? [], puts }, (error) => {
      if (error === null) this.#durable(state, cut);
      else this.#fail(error);
      this.#finish(done);
    });
    this.#watermark.recordDurable();
  }

  #durable(state: StateRecord, cut: Cut | null): void {
    this.#state = state;
    if (cut !== null) this.#reader.truncated(cut.end.index + 1);
    this.#watermark.batchDurable(state.writes, state.end);
  }

  /** The watermark may not claim what is about to go: it is lowered, durably, to the last block that stays whole. */
  #truncateAndCommit(from: LogIndex, write: Write, done: Done): void {
    callbackify(() => this.#planCut(from))((error: Error | null, plan) => {
      if (error === null) {
        this.#watermark.lower(plan.whole, () => this.#commit(write, plan.cut, done));
      } else {
        this.#fail(error);
        this.#finish(done);
      }
    });
  }

  /** A block that the cut goes through is rewritten with what stays of it, under its own key. */
  async #planCut(from: LogIndex): Promise<{ readonly cut: Cut; readonly whole: ChainPoint }> {
    const block = await this.#reader.blockAt(from);
    if (block === null) throw corrupt(`the block with index ${from} is gone from the log`);
    const whole = block.previous;
    const kept = block.entries.filter((entry) => entry.index < from);
    const deletes = await blockKeysFrom(this.#engine, block.previous.index + 1);
    if (kept.length === 0) return { cut: { end: whole, deletes, puts: [] }, whole };
    const rest = encodeBlock(whole, kept);
    const puts = [{ key: blockKey(whole.index + 1), value: rest.value }];
    return { cut: { end: rest.end, deletes, puts }, whole };
  }

  /** Final: LevelDB goes on to acknowledge what it will lose, so nothing is written after it. */
  #fail(error: Error): void {
    this.#failure ??= ioFailed('the log could not be written', error);
    this.#watermark.stop();
  }

  #finish(done: Done): void {
    this.#busy = false;
    done(this.#failure);
    this.#onIdle?.();
  }
}

/** What an opening would refuse is not written. */
function assertContinues({ truncateFrom, append, hardState }: Write, state: StateRecord): void {
  const end = Math.min(state.end.index, (truncateFrom ?? Infinity) - 1);
  assert.equal(append[0]?.index ?? end + 1, end + 1, 'an append continues the log');
  const term = (hardState ?? state.hardState).term;
  assert((append.at(-1)?.term ?? 0) <= term, 'no entry is from a term above the current one');
}

/** Keys of every block at or above `first`. */
export async function blockKeysFrom(engine: KeyValueEngine, first: LogIndex): Promise<readonly Uint8Array[]> {
  const keys: Uint8Array[] = [];
  for (let from = first; ; ) {
    const page = await engine.range(blockKey(from), LAST_BLOCK_KEY, PAGE_BLOCKS, false);
    keys.push(...page.map((record) => record.key));
    const last = page.at(-1);
    if (page.length < PAGE_BLOCKS || last === undefined) return keys;
    from = firstIndexOf(last.key) + 1;
  }
}
