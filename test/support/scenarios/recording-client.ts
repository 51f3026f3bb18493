/**
 * One client that asks one thing at a time and records it. After an operation of unknown outcome it goes on under
 * another name: what it asked may still be under way.
 */
import { isLeaseResult } from '../../../src/kv/lease-operation.ts';
import { Driver } from '../../../src/client/driver.ts';
import type { Answer } from '../../../src/client/engine/request.ts';
import { sequenceOf } from '../../../src/client/resolve.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import type { FaultNode } from '../faults/vocabulary.ts';
import { nodePlatform } from './node-platform.ts';
import type { Asked, Heard, Recorder } from './recorder.ts';

export interface RecordingClientOptions {
  readonly name: string;
  readonly nodes: readonly FaultNode[];
  /** Speaks to this one alone. */
  readonly pinnedTo: FaultNode | null;
  readonly timeoutMs: number;
  /** Writes go into a session, as the SDK has it by default. @default false */
  readonly sessions?: boolean;
  /** Asks what became of a write until somebody can tell. @default false */
  readonly resolves?: boolean;
  /** HOST:PORT to go by instead of the nodes' own. */
  readonly by?: readonly string[];
}

/** Nobody knows any more what became of the write. */
const FORGOTTEN: ReadonlySet<string> = new Set(['SESSION_EXPIRED', 'SEQUENCE_ACKNOWLEDGED']);
/** Beyond it a session is gone, and nobody can tell any more. */
const RESOLVE_PATIENCE_MS = 50_000;

export class RecordingClient {
  readonly #options: RecordingClientOptions;
  readonly #driver: Driver;
  readonly #recorder: Recorder;
  #lives = 0;

  constructor(options: RecordingClientOptions, recorder: Recorder) {
    const { nodes, pinnedTo, name, by, sessions = false } = options;
    this.#options = options;
    this.#recorder = recorder;
    this.#driver = new Driver(nodePlatform, {
      seeds: by ?? (pinnedTo === null ? nodes : [pinnedTo]).map(({ client }) => client),
      // Only the addresses that faults go by are known to reach a node from here.
      discover: false,
      clusterId: null,
      sessions,
      clientName: name,
      retry: true,
    });
  }

  async ask(asked: Asked): Promise<Heard> {
    const { name, pinnedTo } = this.#options;
    const callId = this.#recorder.begin(`${name}.${this.#lives}`, pinnedTo?.id ?? null, asked);
    const heard = await this.#hear(asked);
    this.#recorder.end(callId, heard);
    if (heard.type === 'error' && heard.applied === 'unknown' && asked.type === 'write') this.#lives += 1;
    return heard;
  }

  async close(): Promise<void> {
    await this.#driver.close();
  }

  async #hear(asked: Asked): Promise<Heard> {
    const limits = { timeoutMs: this.#options.timeoutMs, signal: undefined };
    try {
      if (asked.type === 'write') {
        const operation = encodeOperation(asked.operation);
        return heardFrom(await this.#driver.call({ kind: 'write', operation }, limits));
      }
      const { level, minRevision, query } = asked;
      return heardFrom(await this.#driver.call({ kind: 'read', level, minRevision, query }, limits));
    } catch (error) {
      if (!QuorateError.is(error)) throw error;
      const { operation } = error.details;
      if (this.#options.resolves === true && error.outcome === 'unknown' && operation !== undefined) {
        return await this.#resolve(operation);
      }
      const applied = error.outcome === 'not-applied' ? 'no' : 'unknown';
      return { type: 'error', code: error.code, applied };
    }
  }

  async #resolve(operation: string): Promise<Heard> {
    const { session, sequence } = sequenceOf(operation);
    const work = {
      kind: 'repeat',
      operation: encodeOperation({ type: 'resolve', session, sequence }),
    } as const;
    const untilMs = performance.now() + RESOLVE_PATIENCE_MS;
    for (;;) {
      try {
        const answer = await this.#driver.call(work, { timeoutMs: RESOLVE_PATIENCE_MS, signal: undefined });
        if (answer.type !== 'written' || answer.reply.type !== 'resolve') return heardFrom(answer);
        this.#driver.resolved(session, sequence);
        const { resolution } = answer.reply;
        if (resolution.type === 'never') return { type: 'error', code: 'RESOLVED_NEVER', applied: 'no' };
        return { type: 'written', reply: resolution.reply };
      } catch (error) {
        if (!QuorateError.is(error)) throw error;
        const applied = 'unknown';
        if (performance.now() > untilMs) return { type: 'error', code: error.code, applied };
      }
    }
  }
}

function heardFrom(answer: Answer): Heard {
  switch (answer.type) {
    case 'written':
      if (answer.reply.type === 'failure' && FORGOTTEN.has(answer.reply.failure.code)) {
        return { type: 'error', code: answer.reply.failure.code, applied: 'unknown' };
      }
      return { type: 'written', reply: answer.reply };
    case 'answer':
      if (isLeaseResult(answer.result)) throw new Error('nobody asked for leases');
      return {
        type: 'answer',
        answer: { revision: answer.revision, level: answer.level, result: answer.result },
      };
    case 'greeted':
      throw new Error('nobody asked for a greeting');
  }
}
