/** How far it is: on a terminal one line that is written over, elsewhere a line now and then. */
import type { Tally } from '../../sim/index.ts';
import type { OutputStream } from '../io.ts';

const LINE_EVERY_MS = 10_000;
const CLEAR_LINE = '\r\u001b[K';

export class Progress {
  readonly #stream: OutputStream;
  readonly #startedAtMs = performance.now();
  #toldAtMs = performance.now();
  #isLineOpen = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** `seed` is about to run, as the so-manyth. */
  begins(seed: number, place: number, { total, tally, breaches }: Standing): void {
    const nowMs = performance.now();
    const isTerminal = this.#stream.isTTY === true;
    if (!isTerminal && nowMs - this.#toldAtMs < LINE_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    const line =
      `seed ${seed}, ${place}${total === null ? '' : ` of ${total}`}: ` +
      `${tally.simulatedHours.toFixed(2)} simulated hours, ${tally.operations} operations, ` +
      `${breaches === 0 ? 'no breach' : `${breaches} broken`}, ${Math.round(this.elapsedMs / 1_000)} s`;
    this.#stream.write(
      isTerminal ? `${CLEAR_LINE}${line.slice(0, (this.#stream.columns ?? 80) - 1)}` : `${line}\n`,
    );
    this.#isLineOpen = isTerminal;
  }

  /** A line that stays. */
  say(line: string): void {
    this.clear();
    this.#stream.write(`${line}\n`);
  }

  clear(): void {
    if (this.#isLineOpen) this.#stream.write(CLEAR_LINE);
    this.#isLineOpen = false;
  }
}

export interface Standing {
  /** null: until the time is over. */
  readonly total: number | null;
  readonly tally: Tally;
  readonly breaches: number;
}
