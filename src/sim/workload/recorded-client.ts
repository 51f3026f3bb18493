/** A client that does one thing after another, over the few keys that everybody works on. */
import { isLeaseResult } from '../../kv/lease-operation.ts';
import type { Driver } from '../../client/driver.ts';
import type { Answer } from '../../client/engine/request.ts';
import type { RandomStream } from '../kernel/random.ts';
import { Memory } from './memory.ts';
import { drawOperation } from './operations.ts';
import type { Habit } from './operations.ts';
import { RecordedCaller } from './recorded-caller.ts';
import type { Recording } from './recorded-caller.ts';

export interface Pace {
  /** Between an answer and the next question. */
  readonly thinkMsMax: number;
  readonly timeoutsMs: readonly number[];
}

export interface Caller {
  readonly driver: Driver;
  readonly habit: Habit;
}

export class RecordedClient {
  readonly #name: string;
  readonly #caller: RecordedCaller;
  readonly #habit: Habit;
  readonly #draws: RandomStream;
  readonly #recording: Recording;
  readonly #memory = new Memory();
  #pace: Pace;
  #working = false;
  #questions = 0;

  constructor(
    name: string,
    { driver, habit }: Caller,
    draws: RandomStream,
    pace: Pace,
    recording: Recording,
  ) {
    this.#name = name;
    this.#caller = new RecordedCaller(name, driver, recording);
    this.#habit = habit;
    this.#draws = draws;
    this.#pace = pace;
    this.#recording = recording;
  }

  /** Questions without an answer yet: 0 or 1. */
  get open(): number {
    return this.#caller.open;
  }

  set pace(pace: Pace) {
    this.#pace = pace;
  }

  work(): void {
    if (this.#working) return;
    this.#working = true;
    this.#thinkThenAsk();
  }

  /** No new question; the open one is still answered. */
  rest(): void {
    this.#working = false;
  }

  #thinkThenAsk(): void {
    const thinkMs = this.#draws.below(this.#pace.thinkMsMax * 1_000) / 1_000;
    this.#recording.kernel.schedule(thinkMs, () => {
      this.#recording.kernel.promised();
      if (this.#working && this.open === 0) this.#ask();
    });
  }

  #ask(): void {
    this.#questions += 1;
    const unique = `${this.#name}.${this.#questions}`;
    const asked = drawOperation(this.#draws, this.#memory, unique, this.#habit);
    this.#caller
      .ask(asked, this.#draws.pick(this.#pace.timeoutsMs))
      .then((answer) => this.#remember(answer))
      .catch((error: unknown) => this.#recording.broken(error))
      .finally(() => {
        if (this.#working) this.#thinkThenAsk();
      });
  }

  #remember(answer: Answer | null): void {
    if (answer?.type === 'written') this.#memory.told(answer.reply);
    if (answer?.type === 'answer' && !isLeaseResult(answer.result)) {
      this.#memory.shown(answer.revision, answer.result);
    }
  }
}
