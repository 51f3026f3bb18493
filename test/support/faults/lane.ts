/**
 * One direction of one link, and what the network does to it at the moment. Every connection over the link asks its
 * lane what to do with each chunk of bytes, and the lane counts.
 *
 * TCP never loses bytes in the middle of a stream, so neither does a lane. What a network drops, TCP sends again:
 *
 *   condition   meanwhile                       after it
 *   pass        delivered at once
 *   hold        kept, the sender's FIN as well   delivered in order, as TCP's repeats would be
 *   drop        gone for ever                    the connection is reset, since its stream has a hole
 *   delay       delivered ms ± jitter later      goes on in order
 *   lose        a lost chunk comes one or more   goes on in order
 *               repeats later; what follows waits
 *   throttle    so many bytes a second           goes on in order
 *   snap        a chunk may be the last: it is lost, and the connection is reset with it
 */
export type Condition =
  | { readonly kind: 'pass' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs: number }
  | { readonly kind: 'lose'; readonly percent: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  | { readonly kind: 'snap'; readonly percent: number };

export const PASS: Condition = { kind: 'pass' };
export const HOLD: Condition = { kind: 'hold' };
export const DROP: Condition = { kind: 'drop' };

/** A TCP segment's payload over Ethernet. */
const SEGMENT_BYTES = 1_448;
/**
 * When a lost segment comes again: what is sent behind it (a heartbeat, every 50 ms) tells that it was lost (RACK,
 * RFC 8985 §7.2). A lost repeat waits twice as long, as retransmission timeouts do (RFC 6298 §5.5).
 */
const REPEAT_MS = 50;
/** The fifth in a row is taken as arrived: 1.5 s, when both sides have given the connection up. */
const REPEATS_MAX = 5;
/** What a connection attempt weighs that does not get through. */
const SYN_BYTES = 40;

export interface LaneCounters {
  readonly passedBytes: number;
  readonly stoppedBytes: number;
  readonly slowedBytes: number;
  readonly cuts: number;
}

export class Lane {
  readonly from: string;
  readonly to: string;
  readonly #random: () => number;
  #condition: Condition = PASS;
  #listeners = new Set<() => void>();
  #counters = { passedBytes: 0, stoppedBytes: 0, slowedBytes: 0, cuts: 0 };

  constructor(from: string, to: string, random: () => number = Math.random) {
    this.from = from;
    this.to = to;
    this.#random = random;
  }

  get condition(): Condition {
    return this.#condition;
  }

  get counters(): LaneCounters {
    return { ...this.#counters };
  }

  /** Nothing gets through now. */
  get closed(): boolean {
    return this.#condition.kind === 'hold' || this.#condition.kind === 'drop';
  }

  become(condition: Condition): void {
    this.#condition = condition;
    for (const listener of this.#listeners) listener();
  }

  /** Called after each change; gives the end of it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How much later than now, and than what is already on its way, the chunk arrives. */
  latenessMs(bytes: number): { readonly afterNowMs: number; readonly afterPreviousMs: number } {
    const condition = this.#condition;
    switch (condition.kind) {
      case 'pass':
      case 'hold':
      case 'drop':
      case 'snap':
        return ON_TIME;
      case 'delay':
        this.#counters.slowedBytes += bytes;
        return {
          afterNowMs: condition.ms + (this.#random() * 2 - 1) * condition.jitterMs,
          afterPreviousMs: 0,
        };
      case 'lose':
        return { afterNowMs: this.#repeatsMs(bytes, condition.percent), afterPreviousMs: 0 };
      case 'throttle':
        this.#counters.slowedBytes += bytes;
        return { afterNowMs: 0, afterPreviousMs: (bytes * 1_000) / condition.bytesPerSecond };
    }
  }

  /** Whether the next chunk is the last of its connection. */
  snaps(): boolean {
    return this.#condition.kind === 'snap' && this.#random() * 100 < this.#condition.percent;
  }

  passed(bytes: number): void {
    this.#counters.passedBytes += bytes;
  }

  stopped(bytes: number): void {
    this.#counters.stoppedBytes += bytes;
  }

  /** Somebody tried to connect while nothing gets through here. */
  refusedAttempt(): void {
    this.#counters.stoppedBytes += SYN_BYTES;
  }

  wasCut(): void {
    this.#counters.cuts += 1;
  }

  /** Each segment is lost with the same chance, and so is each repeat of it. */
  #repeatsMs(bytes: number, percent: number): number {
    let latestMs = 0;
    for (let at = 0; at < bytes; at += SEGMENT_BYTES) {
      let lateMs = 0;
      for (let repeat = 0; repeat < REPEATS_MAX && this.#random() * 100 < percent; repeat += 1) {
        lateMs += REPEAT_MS * 2 ** repeat;
      }
      latestMs = Math.max(latestMs, lateMs);
    }
    if (latestMs > 0) this.#counters.slowedBytes += bytes;
    return latestMs;
  }
}

const ON_TIME = { afterNowMs: 0, afterPreviousMs: 0 };
