/**
 * Somebody who asks, and writes down each question with its answer for the checkers. Of a write whose outcome is unknown
 * it asks what became of it (SPEC 3). After one that nobody knows it goes on under a new name: the old one never hears
 * again.
 *
 *   asked ──► answered: recorded
 *         └─► unknown ──► resolved ──► applied: recorded with its reply, or never
 *                                  └─► nobody could tell in time
 */
import { isLeaseResult } from '../../kv/lease-operation.ts';
import type { Driver } from '../../client/driver.ts';
import type { Answer } from '../../client/engine/request.ts';
import { sequenceOf } from '../../client/resolve.ts';
import type { Reply } from '../../kv/operation.ts';
import { QuorateError } from '../../wire/errors.ts';
import { encodeOperation } from '../../wire/operation-codec.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { LawBroken } from '../laws/law.ts';
import type { ClientOperation } from '../linearizability/index.ts';
import { textOf } from './call-text.ts';
import type { Asked } from './operations.ts';

export interface Recording {
  readonly kernel: Kernel;
  record(operation: ClientOperation): void;
  nextCallId(): number;
  note(line: () => string): void;
  /** What a client was told that is no answer of a sound system. */
  broken(error: unknown): void;
}

interface Call {
  readonly client: string;
  readonly callId: number;
  readonly callMs: number;
}

export class RecordedCaller {
  readonly #name: string;
  readonly #driver: Driver;
  readonly #recording: Recording;
  #lives = 0;
  #open = 0;

  constructor(name: string, driver: Driver, recording: Recording) {
    this.#name = name;
    this.#driver = driver;
    this.#recording = recording;
  }

  /** Questions without an answer yet: 0 or 1. */
  get open(): number {
    return this.#open;
  }

  /** What it heard, if only later by asking; null: nothing, or that it did not happen. Rejects when a law is broken. */
  async ask(asked: Asked, timeoutMs: number): Promise<Answer | null> {
    const callId = this.#recording.nextCallId();
    const callMs = this.#recording.kernel.now();
    const call = { client: `${this.#name}.${this.#lives}`, callId, callMs };
    this.#recording.note(() => `${call.client} asks ${callId}: ${textOf(asked)}, within ${timeoutMs} ms`);
    this.#open += 1;
    try {
      return await this.#ask(asked, timeoutMs, call);
    } finally {
      this.#open -= 1;
    }
  }

  async #ask(asked: Asked, timeoutMs: number, call: Call): Promise<Answer | null> {
    const work =
      asked.type === 'write'
        ? ({ kind: 'write', operation: encodeOperation(asked.operation) } as const)
        : ({ kind: 'read', level: asked.level, minRevision: asked.minRevision, query: asked.query } as const);
    let answer: Answer;
    try {
      answer = await this.#driver.call(work, { timeoutMs, signal: undefined });
    } catch (error) {
      return await this.#failed(asked, call, error);
    }
    return this.#answered(asked, call, answer);
  }

  #answered(asked: Asked, call: Call, answer: Answer): Answer | null {
    const returnMs = this.#recording.kernel.now();
    this.#recording.note(() => `${call.client} hears ${call.callId}: ${textOf(answer)}`);
    if (asked.type === 'write' && answer.type === 'written') {
      const output = answer.reply;
      if (output.type === 'failure' && output.failure.code === 'SESSION_EXPIRED')
        return this.#neverHeard(asked, call);
      this.#checkCount(output);
      this.#recording.record({ ...call, returnMs, ...asked, outcome: { type: 'ok', output } });
    } else if (asked.type === 'read' && answer.type === 'answer' && !isLeaseResult(answer.result)) {
      const { revision, level, result } = answer;
      const output = { revision, level, result };
      this.#recording.record({ ...call, returnMs, ...asked, outcome: { type: 'ok', output } });
    } else {
      throw new Error(`a ${asked.type} was answered by ${answer.type}`);
    }
    return answer;
  }

  async #failed(asked: Asked, call: Call, error: unknown): Promise<Answer | null> {
    if (!QuorateError.is(error)) throw error;
    this.#recording.note(() => `${call.client} hears ${call.callId}: ${error.code}, ${error.outcome}`);
    if (UNEXPECTED.has(error.code)) throw error;
    if (error.outcome !== 'unknown' || asked.type !== 'write') return this.#didNotHappen(asked, call);
    const { operation } = error.details;
    if (operation === undefined) return this.#neverHeard(asked, call);
    return await this.#resolve(asked, call, operation);
  }

  /** What became of it? Now and then nobody can tell in time. */
  async #resolve(asked: Asked, call: Call, operation: string): Promise<Answer | null> {
    const limits = { timeoutMs: RESOLVE_MS, signal: undefined };
    const { session, sequence } = sequenceOf(operation);
    const resolve = encodeOperation({ type: 'resolve', session, sequence });
    const answer = await this.#driver
      .call({ kind: 'repeat', operation: resolve }, limits)
      .catch((error: unknown) => {
        if (!QuorateError.is(error)) throw error;
        return null;
      });
    if (answer?.type !== 'written') return this.#neverHeard(asked, call);
    this.#recording.note(() => `${call.client} resolves ${call.callId}: ${textOf(answer.reply)}`);
    this.#checkCount(answer.reply);
    if (answer.reply.type !== 'resolve') return this.#neverHeard(asked, call);
    this.#driver.resolved(session, sequence);
    const { resolution } = answer.reply;
    if (resolution.type === 'never') return this.#didNotHappen(asked, call);
    return this.#answered(asked, call, { ...answer, reply: resolution.reply });
  }

  /** A client lets go of a reply only when it has it, or can never have it: what it still asks for is kept. */
  #checkCount(reply: Reply): void {
    if (reply.type !== 'failure' || !LET_GO.has(reply.failure.code)) return;
    const sentence = `a client asks for a reply that it let go of itself: ${reply.failure.code}`;
    throw new LawBroken(
      'a reply is kept until its client has it',
      null,
      this.#recording.kernel.now(),
      sentence,
    );
  }

  #didNotHappen(asked: Asked, call: Call): null {
    const returnMs = this.#recording.kernel.now();
    this.#recording.record({ ...call, returnMs, ...asked, outcome: { type: 'failed' } });
    return null;
  }

  #neverHeard(asked: Asked, call: Call): null {
    const returnMs = Number.POSITIVE_INFINITY;
    this.#recording.record({ ...call, returnMs, ...asked, outcome: { type: 'unknown' } });
    this.#lives += 1;
    return null;
  }
}

export const RESOLVE_MS = 4_000;

const LET_GO: ReadonlySet<string> = new Set(['SEQUENCE_ACKNOWLEDGED', 'RESOLVED_NEVER']);

/** Nothing that a sound cluster says to a sound client, whatever fails around them. */
const UNEXPECTED: ReadonlySet<string> = new Set([
  'INTERNAL',
  'FRAME_INVALID',
  'INVALID_ARGUMENT',
  'PROTOCOL_MISMATCH',
  'WRONG_CLUSTER',
]);
