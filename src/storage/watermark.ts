/**
 * Keeps the watermark file a step behind the log, never ahead of it, at no cost in latency: what is durable already is
 * recorded while the next batch is being synced, or after a short rest.
 *
 *   batch       ── N ──┐── N+1 ──┐── N+2 ──┐   rest
 *   watermark   ─ N-1 ─┘─── N ───┘── N+1 ──┘···── N+2
 *
 * A batch waits only while two before it are not recorded, which takes a watermark slower than a batch. Before a
 * truncation it is lowered first, or a crash in between would read as a loss.
 */
import assert from 'node:assert/strict';
import type { ChainPoint } from './chain.ts';
import type { FileEngine } from './interfaces.ts';
import { encodeSlot, slotOffset, WATERMARK_FILE, type Watermark } from './watermark-slots.ts';

/** How long a durable batch may go unrecorded while nothing else is written. */
export const REST_MS = 10;

/** A crash leaves at most the batch in flight and these above the watermark. */
const UNRECORDED_MAX = 2;

/** Calls `fn` once, about `delayMs` from now. The clock is the caller's. */
export type Schedule = (delayMs: number, fn: () => void) => void;

export interface WatermarkOptions {
  readonly files: FileEngine;
  readonly schedule: Schedule;
  /** What the file says now. */
  readonly written: Watermark;
  /** Called before whoever waited goes on. A failed sync is as final as a failed batch. */
  readonly onFailure: (error: Error) => void;
}

export class DurableWatermark {
  readonly #files: FileEngine;
  readonly #schedule: Schedule;
  readonly #onFailure: (error: Error) => void;
  /** The newest slot on disk. */
  #written: Watermark;
  #writing: Watermark | null = null;
  /** What may be recorded: durable in the log. */
  #durable: Pick<Watermark, 'writes' | 'end'>;
  #afterWriting: (() => void) | null = null;
  #restScheduled = false;
  #stopped = false;

  constructor(options: WatermarkOptions) {
    this.#files = options.files;
    this.#schedule = options.schedule;
    this.#onFailure = options.onFailure;
    this.#written = options.written;
    this.#durable = options.written;
  }

  /** Calls `start` once a batch may begin: at once, unless two before it are not recorded yet. */
  admit(start: () => void): void {
    const unrecorded = this.#durable.writes - this.#written.writes;
    if (unrecorded >= UNRECORDED_MAX && this.#writing !== null) this.#whenIdle(start);
    else start();
  }

  /** A batch has been handed to the engine: what was durable before it is recorded beside it. */
  recordDurable(): void {
    if (this.#writing === null && this.#isBehind()) this.#sync(() => {});
  }

  /** The batch is durable and the log ends here. */
  batchDurable(writes: number, end: ChainPoint): void {
    this.#durable = { writes, end };
    this.#rest();
  }

  /** Before a truncation down to `end`, whose batch comes next: durably claims no more than that. */
  lower(end: ChainPoint, done: () => void): void {
    this.#durable = { writes: this.#durable.writes, end };
    this.#whenIdle(() => this.#sync(done));
  }

  /** Records everything durable, while no batch is in flight. */
  flush(done: () => void): void {
    this.#whenIdle(() => {
      if (this.#isBehind()) this.#sync(done);
      else done();
    });
  }

  /** Nothing is written from here on; a timer that is still out does nothing. */
  stop(): void {
    this.#stopped = true;
  }

  #isBehind(): boolean {
    return this.#written.writes !== this.#durable.writes;
  }

  #rest(): void {
    if (this.#restScheduled) return;
    this.#restScheduled = true;
    this.#schedule(REST_MS, () => {
      this.#restScheduled = false;
      if (!this.#stopped) this.recordDurable();
    });
  }

  #whenIdle(fn: () => void): void {
    if (this.#writing === null) {
      fn();
      return;
    }
    assert.equal(this.#afterWriting, null, 'one batch or close at a time waits for the watermark');
    this.#afterWriting = fn;
  }

  #sync(done: () => void): void {
    assert.equal(this.#writing, null, 'one watermark is written at a time');
    const next: Watermark = { sequence: this.#written.sequence + 1, ...this.#durable };
    this.#writing = next;
    this.#files.overwrite(WATERMARK_FILE, slotOffset(next), encodeSlot(next), (error) => {
      this.#writing = null;
      if (error === null) this.#written = next;
      else this.#onFailure(error);
      const after = this.#afterWriting;
      this.#afterWriting = null;
      done();
      after?.();
      // What became durable while this was written may be the last for long, and its rest may be over already.
      if (this.#isBehind()) this.#rest();
    });
  }
}
