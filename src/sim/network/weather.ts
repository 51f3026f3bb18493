/**
 * What the network does to whoever uses it, by directed pair of hosts. Data only, so that a schedule of faults can
 * change it at any time; `network.ts` obeys it.
 *
 *   blocked    nothing arrives; what was sent is held, as TCP would send it again, and arrives after the healing
 *   clogged    everything arrives, but not before that time
 *   late       everything takes longer, and ever longer up to so much, as when a queue fills: no frame is far behind the
 *              one before it, so that the connection lives on
 *   delay      drawn for each frame, from least to least + spread, mostly near the least
 *   loss       percent of frames that TCP must send again: they, and what is behind them, arrive later
 *   answers    percent of frames from nodes to their clients that get lost on a connection that lives on, as in a proxy
 *   copies     of writes in sessions that come again, percent of them, up to so much after their answer
 *   messages   what happens to raft messages inside frames that do arrive: the core expects nothing of a network
 */
import type { RandomSource, RandomStream } from '../kernel/random.ts';

export type Host = string;

export interface DirectedPair {
  readonly from: Host;
  readonly to: Host;
}

export interface LatePair extends DirectedPair {
  readonly lateMs: number;
  /** When it began; from there it grows as time passes. */
  readonly sinceMs: number;
}

export interface Climate {
  readonly delayLeastMs: number;
  readonly delaySpreadMs: number;
  readonly lossPercent: number;
  readonly messages: MessageFaults;
}

export interface CopyRate {
  readonly percent: number;
  readonly lateMs: number;
}

/** Percent of raft messages. */
export interface MessageFaults {
  readonly dropped: number;
  readonly doubled: number;
  /** Overtaken by what is sent within the next tenth of a second. */
  readonly delayed: number;
  /** Delivered again seconds later, over whatever link there is then, restarts of either side notwithstanding. */
  readonly replayed: number;
}

export const CALM: Climate = {
  delayLeastMs: 0.3,
  delaySpreadMs: 0.5,
  lossPercent: 0,
  messages: { dropped: 0, doubled: 0, delayed: 0, replayed: 0 },
};

/** Linux's least retransmission timeout. */
const RETRANSMIT_MS = 200;

export class Weather {
  readonly #random: RandomSource;
  readonly #streams = new Map<Host, Map<Host, RandomStream>>();
  #blocked: ReadonlySet<string> = new Set();
  readonly #clogged = new Map<string, number>();
  #late: ReadonlyMap<string, LatePair> = new Map();
  readonly #watchers: (() => void)[] = [];
  #climate: Climate = CALM;
  answersLostPercent = 0;
  lateCopies: CopyRate | null = null;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  get climate(): Climate {
    return this.#climate;
  }

  set climate(climate: Climate) {
    this.#climate = climate;
  }

  isBlocked(from: Host, to: Host): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(pair(from, to));
  }

  /** From now on exactly these directed pairs. */
  setBlocked(pairs: readonly DirectedPair[]): void {
    const before = this.#blocked;
    this.#blocked = new Set(pairs.map(({ from, to }) => pair(from, to)));
    if ([...before].every((each) => this.#blocked.has(each))) return;
    for (const watcher of this.#watchers) watcher();
  }

  clog(from: Host, to: Host, untilMs: number): void {
    this.#clogged.set(pair(from, to), untilMs);
  }

  unclog(): void {
    this.#clogged.clear();
  }

  /** From now on exactly these; of a pair that is named twice, the last. */
  setLate(pairs: readonly LatePair[]): void {
    this.#late = new Map(pairs.map((late) => [pair(late.from, late.to), late]));
  }

  /** Called whenever something is not blocked any more. */
  onChange(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  /** How long what is sent now is on its way. */
  delayMs(from: Host, to: Host, nowMs: number): number {
    const { delayLeastMs, delaySpreadMs, lossPercent } = this.#climate;
    const draws = this.streamOf(from, to);
    // Of three draws the least: most frames are quick, a few are not.
    const share = Math.min(draws.below(1_000), draws.below(1_000), draws.below(1_000)) / 1_000;
    const lost = lossPercent > 0 && draws.chance(lossPercent) ? RETRANSMIT_MS : 0;
    return (
      delayLeastMs +
      delaySpreadMs * share +
      lost +
      this.#lateMs(from, to, nowMs) +
      this.#cloggedMs(from, to, nowMs)
    );
  }

  /** The draws of one directed pair. */
  streamOf(from: Host, to: Host): RandomStream {
    let streams = this.#streams.get(from);
    if (streams === undefined) {
      streams = new Map();
      this.#streams.set(from, streams);
    }
    let stream = streams.get(to);
    if (stream === undefined) {
      stream = this.#random.stream(`network ${pair(from, to)}`);
      streams.set(to, stream);
    }
    return stream;
  }

  #lateMs(from: Host, to: Host, nowMs: number): number {
    if (this.#late.size === 0) return 0;
    const late = this.#late.get(pair(from, to));
    return late === undefined ? 0 : Math.min(late.lateMs, nowMs - late.sinceMs);
  }

  #cloggedMs(from: Host, to: Host, nowMs: number): number {
    if (this.#clogged.size === 0) return 0;
    return Math.max(0, (this.#clogged.get(pair(from, to)) ?? 0) - nowMs);
  }
}

function pair(from: Host, to: Host): string {
  return `${from} → ${to}`;
}
