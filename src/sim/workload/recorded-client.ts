/**
 * A client that does one thing after another and writes down what it saw, in the form that the checkers judge. After an
 * outcome that nobody knows it goes on under a new name: the old one never hears again.
 */
import { isLeaseResult } from '../../kv/lease-operation.ts';
import type { Driver } from '../../client/driver.ts';
import type { Answer } from '../../client/engine/request.ts';
import { sequenceOf } from '../../client/resolve.ts';
import { QuorateError } from '../../wire/errors.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { ClientOperation } from '../linearizability/index.ts';
import { Memory } from './memory.ts';
import { drawOperation } from './operations.ts';
import type { Asked, Habit } from './operations.ts';

export interface Recording {
  readonly kernel: Kernel;
  record(operation: ClientOperation): void;
  nextCallId(): number;
  note(line: () => string): void;
  /** What a client was told that is no answer of a sound system. */
  broken(error: unknown): void;
}

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
  readonly #driver: Driver;
  readonly #habit: Habit;
  readonly #draws: RandomStream;
  readonly #recording: Recording;
  readonly #memory = new Memory();
  #pace: Pace;
  #lives = 0;
  #working = false;
  #open = 0;

  constructor(
    name: string,
    { driver, habit }: Caller,
    draws: RandomStream,
    pace: Pace,
    recording: Recording,
  ) {
    this.#name = name;
    this.#driver = driver;
    this.#habit = habit;
    this.#draws = draws;
    this.#pace = pace;
    this.#recording = recording;
  }

  /** Questions without an answer yet: 0 or 1. */
  get open(): number {
    return this.#open;
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
      if (this.#working && this.#open === 0) this.#ask();
    });
  }

  #ask(): void {
    const callId = this.#recording.nextCallId();
    const asked = drawOperation(this.#draws, this.#memory, `v${callId}`, this.#habit);
    const timeoutMs = this.#draws.pick(this.#pace.timeoutsMs);
    const callMs = this.#recording.kernel.now();
    const client = `${this.#name}.${this.#lives}`;
    this.#recording.note(() => `${client} asks ${callId}: ${textOf(asked)}, within ${timeoutMs} ms`);
    this.#open += 1;
    const work =
      asked.type === 'write'
        ? ({ kind: 'write', operation: encodeOperation(asked.operation) } as const)
        : ({ kind: 'read', level: asked.level, minRevision: asked.minRevision, query: asked.query } as const);
    this.#driver
      .call(work, { timeoutMs, signal: undefined })
      .then(
        (answer) => this.#answered(asked, { client, callId, callMs }, answer),
        (error: unknown) => this.#failed(asked, { client, callId, callMs }, error),
      )
      .catch((error: unknown) => this.#recording.broken(error))
      .finally(() => {
        this.#open -= 1;
        if (this.#working) this.#thinkThenAsk();
      });
  }

  async #answered(asked: Asked, call: Call, answer: Answer): Promise<void> {
    const returnMs = this.#recording.kernel.now();
    this.#recording.note(() => `${call.client} hears ${call.callId}: ${textOf(answer)}`);
    if (asked.type === 'write' && answer.type === 'written') {
      const output = answer.reply;
      if (output.type === 'failure' && FORGOTTEN.has(output.failure.code))
        return this.#neverHeard(asked, call);
      this.#memory.told(output);
      this.#recording.record({ ...call, returnMs, ...asked, outcome: { type: 'ok', output } });
    } else if (asked.type === 'read' && answer.type === 'answer' && !isLeaseResult(answer.result)) {
      const { revision, level, result } = answer;
      this.#memory.shown(revision, result);
      this.#recording.record({
        ...call,
        returnMs,
        ...asked,
        outcome: { type: 'ok', output: { revision, level, result } },
      });
    } else {
      throw new Error(`a ${asked.type} was answered by ${answer.type}`);
    }
  }

  async #failed(asked: Asked, call: Call, error: unknown): Promise<void> {
    if (!QuorateError.is(error)) throw error;
    this.#recording.note(() => `${call.client} hears ${call.callId}: ${error.code}, ${error.outcome}`);
    if (UNEXPECTED.has(error.code)) throw error;
    if (error.outcome !== 'unknown' || asked.type !== 'write') return this.#didNotHappen(asked, call);
    const { operation } = error.details;
    if (operation === undefined) return this.#neverHeard(asked, call);
    await this.#resolve(asked, call, operation);
  }

  /** What became of it? Now and then nobody can tell in time. */
  async #resolve(asked: Asked, call: Call, operation: string): Promise<void> {
    const limits = { timeoutMs: RESOLVE_MS, signal: undefined };
    const { session, sequence } = sequenceOf(operation);
    const resolve = encodeOperation({ type: 'resolve', session, sequence });
    const answer = await this.#driver
      .call({ kind: 'repeat', operation: resolve }, limits)
      .catch((error: unknown) => {
        if (!QuorateError.is(error)) throw error;
        return null;
      });
    if (answer?.type !== 'written' || answer.reply.type !== 'resolve') return this.#neverHeard(asked, call);
    this.#driver.resolved(session, sequence);
    const { resolution } = answer.reply;
    this.#recording.note(() => `${call.client} resolves ${call.callId}: ${textOf(resolution)}`);
    if (resolution.type === 'never') this.#didNotHappen(asked, call);
    else await this.#answered(asked, call, { ...answer, reply: resolution.reply });
  }

  #didNotHappen(asked: Asked, call: Call): void {
    const returnMs = this.#recording.kernel.now();
    this.#recording.record({ ...call, returnMs, ...asked, outcome: { type: 'failed' } });
  }

  #neverHeard(asked: Asked, call: Call): void {
    this.#recording.record({
      ...call,
      returnMs: Number.POSITIVE_INFINITY,
      ...asked,
      outcome: { type: 'unknown' },
    });
    this.#lives += 1;
  }
}

/** Nobody knows any more what became of the write. */
const FORGOTTEN: ReadonlySet<string> = new Set(['SESSION_EXPIRED', 'SEQUENCE_ACKNOWLEDGED']);
export const RESOLVE_MS = 4_000;

interface Call {
  readonly client: string;
  readonly callId: number;
  readonly callMs: number;
}

/** Nothing that a sound cluster says to a sound client, whatever fails around them. */
const UNEXPECTED: ReadonlySet<string> = new Set([
  'INTERNAL',
  'FRAME_INVALID',
  'INVALID_ARGUMENT',
  'PROTOCOL_MISMATCH',
  'WRONG_CLUSTER',
]);

function textOf(value: object): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return `${each}`;
    if (each instanceof Uint8Array) return Buffer.from(each).toString();
    return isBufferJson(each) ? Buffer.from(each.data).toString() : each;
  });
}

/** A Buffer has turned itself into this before the replacer sees it. */
function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value
  );
}
