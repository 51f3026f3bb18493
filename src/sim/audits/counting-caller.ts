/**
 * Somebody who increments one counter, until what became of each increment is known: one that was not done is asked for
 * again, of one that nobody knows it is asked what became of it, for as long as it takes (SPEC 3).
 */
import type { Driver } from '../../client/driver.ts';
import type { Answer, Work } from '../../client/engine/request.ts';
import { sequenceOf } from '../../client/resolve.ts';
import type { Reply } from '../../kv/operation.ts';
import { QuorateError } from '../../wire/errors.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { Kernel } from '../kernel/kernel.ts';

export const COUNTER: Uint8Array = Buffer.from('counter');
/** Some give up before the SDK has tried a second time. */
const TIMEOUTS_MS = [300, 1_500, 5_000] as const;
const RESOLVE_MS = 5_000;
const PAUSE_MS = 50;

export interface Counts {
  /** What increments were answered. */
  readonly values: bigint[];
  /** Of unknown outcome at first. */
  resolved: number;
  /** Were not done, and were asked for once more. */
  again: number;
  /** What became of them nobody can tell any more. */
  readonly lost: string[];
}

type Outcome = { readonly type: 'done'; readonly value: bigint } | { readonly type: 'not done' | 'lost' };

export class CountingCaller {
  readonly #driver: Driver;
  readonly #draws: RandomStream;
  readonly #kernel: Kernel;
  readonly #counts: Counts;

  constructor(driver: Driver, draws: RandomStream, kernel: Kernel, counts: Counts) {
    this.#driver = driver;
    this.#draws = draws;
    this.#kernel = kernel;
    this.#counts = counts;
  }

  /** `next` says whether there is one more to be done. */
  async countWhile(next: () => boolean): Promise<void> {
    while (next()) await this.#countOne();
  }

  async #countOne(): Promise<void> {
    for (;;) {
      const outcome = await this.#increment();
      if (outcome.type === 'done') this.#counts.values.push(outcome.value);
      if (outcome.type !== 'not done') return;
      this.#counts.again += 1;
      await this.#pause();
    }
  }

  async #increment(): Promise<Outcome> {
    const operation = encodeOperation({ type: 'increment', key: COUNTER, by: 1n });
    const answer = await this.#ask({ kind: 'write', operation }, this.#draws.pick(TIMEOUTS_MS));
    if (!QuorateError.is(answer)) return this.#outcomeOf(replyIn(answer));
    if (answer.outcome !== 'unknown') return { type: 'not done' };
    const name = answer.details.operation;
    return name === undefined ? this.#lost(answer.message) : await this.#resolve(name);
  }

  async #resolve(name: string): Promise<Outcome> {
    const { session, sequence } = sequenceOf(name);
    const operation = encodeOperation({ type: 'resolve', session, sequence });
    for (;;) {
      const answer = await this.#ask({ kind: 'repeat', operation }, RESOLVE_MS);
      if (QuorateError.is(answer)) {
        await this.#pause();
        continue;
      }
      const reply = replyIn(answer);
      if (reply.type !== 'resolve') return this.#outcomeOf(reply);
      this.#driver.resolved(session, sequence);
      this.#counts.resolved += 1;
      const { resolution } = reply;
      return resolution.type === 'never' ? { type: 'not done' } : this.#outcomeOf(resolution.reply);
    }
  }

  #outcomeOf(reply: Reply): Outcome {
    if (reply.type === 'increment') return { type: 'done', value: reply.value };
    return this.#lost(reply.type === 'failure' ? reply.failure.code : reply.type);
  }

  #lost(why: string): Outcome {
    this.#counts.lost.push(why);
    return { type: 'lost' };
  }

  async #ask(work: Work, timeoutMs: number): Promise<Answer | QuorateError> {
    try {
      return await this.#driver.call(work, { timeoutMs, signal: undefined });
    } catch (error) {
      if (QuorateError.is(error)) return error;
      throw error;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#kernel.schedule(PAUSE_MS, () => {
        this.#kernel.promised();
        resolve();
      });
    });
  }
}

function replyIn(answer: Answer): Reply {
  if (answer.type !== 'written') throw new Error(`a write was answered by ${answer.type}`);
  return answer.reply;
}
