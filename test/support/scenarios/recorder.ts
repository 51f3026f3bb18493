/**
 * The history of a run, on one clock. An operation stands in it from before it is sent, with its outcome unknown; what
 * is heard later replaces that. So a recorder that dies has lost no operation that may have taken effect.
 */
import type { Operation, Query, Reply, Revision } from '../../../src/kv/operation.ts';
import type { Answer, ClientOperation, History, Outcome } from '../../../src/sim/linearizability/index.ts';
import type { ReadLevel } from '../../../src/wire/client-protocol.ts';

export type Asked =
  | { readonly type: 'write'; readonly operation: Operation }
  | {
      readonly type: 'read';
      readonly query: Query;
      readonly level: ReadLevel;
      readonly minRevision: Revision;
    };

/** Beside the history: what judges of liveness ask for. */
export interface Recorded {
  readonly operation: ClientOperation;
  /** The only node that was asked; null when the client chose. */
  readonly pinnedTo: string | null;
  /** When something was heard, an error included; null while nothing was. */
  readonly settledMs: number | null;
  /** The error's code; null for an answer, or while nothing was heard. */
  readonly code: string | null;
}

export type Heard =
  | { readonly type: 'written'; readonly reply: Reply }
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'error'; readonly code: string; readonly applied: 'no' | 'unknown' };

export class Recorder {
  readonly #recorded: Recorded[] = [];

  begin(client: string, pinnedTo: string | null, asked: Asked): number {
    const callId = this.#recorded.length;
    const interval = { client, callId, callMs: performance.now(), returnMs: Infinity };
    const operation: ClientOperation = { ...interval, ...asked, outcome: { type: 'unknown' } };
    this.#recorded.push({ operation, pinnedTo, settledMs: null, code: null });
    return callId;
  }

  end(callId: number, heard: Heard): void {
    const now = performance.now();
    const begun = this.#recorded[callId];
    if (begun === undefined) throw new Error(`call ${callId} never began`);
    const operation = settled(begun.operation, heard, now);
    const code = heard.type === 'error' ? heard.code : null;
    this.#recorded[callId] = { ...begun, operation, settledMs: now, code };
  }

  get recorded(): readonly Recorded[] {
    return this.#recorded;
  }

  history(): History {
    return this.#recorded.map(({ operation }) => operation);
  }
}

export function isAnswered({ operation }: Recorded): boolean {
  return operation.outcome.type === 'ok';
}

export function isAcknowledgedWrite({ operation }: Recorded): boolean {
  return (
    operation.type === 'write' &&
    operation.outcome.type === 'ok' &&
    operation.outcome.output.type !== 'failure'
  );
}

function settled(operation: ClientOperation, heard: Heard, now: number): ClientOperation {
  if (heard.type === 'error') {
    // A read that failed saw nothing and changed nothing, whatever the error says.
    const harmless = heard.applied === 'no' || operation.type === 'read';
    return harmless ? { ...operation, returnMs: now, outcome: { type: 'failed' } } : operation;
  }
  if (operation.type === 'write' && heard.type === 'written') {
    const outcome: Outcome<Reply> = { type: 'ok', output: heard.reply };
    return { ...operation, returnMs: now, outcome };
  }
  if (operation.type === 'read' && heard.type === 'answer') {
    const outcome: Outcome<Answer> = { type: 'ok', output: heard.answer };
    return { ...operation, returnMs: now, outcome };
  }
  throw new Error(`a ${operation.type} was answered by ${heard.type}`);
}
