/** What became of a write whose outcome is unknown. */
import type { Reply } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { fromFailure } from '../wire/failures.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import type { CallLimits, Driver } from './driver.ts';
import { deleteResult, putResult, replyOf } from './replies.ts';
import type { DeleteResult, IncrementResult, PutResult } from './replies.ts';

export type ResolvedWrite =
  /** It was applied. `result` is what it would have returned, where it was a put, a delete or an increment. */
  | {
      readonly outcome: 'applied';
      readonly revision: number;
      readonly result: PutResult | DeleteResult | IncrementResult | undefined;
    }
  /** It was not, and never will be. `error`: why, where it was refused. */
  | { readonly outcome: 'not-applied'; readonly error: QuorateError | undefined };

export interface SequenceOf {
  readonly session: bigint;
  readonly sequence: number;
}

/** Of a failed call, or its `details.operation`. */
export function sequenceOf(operation: unknown): SequenceOf {
  const text = QuorateError.is(operation) ? operation.details.operation : operation;
  const match = typeof text === 'string' ? /^(\d{1,19})\/(\d{1,15})$/.exec(text) : null;
  if (match !== null) return { session: BigInt(match[1] ?? ''), sequence: Number(match[2]) };
  const message =
    'only a write of unknown outcome in a session can be resolved: its error has details.operation';
  throw new QuorateError('INVALID_ARGUMENT', message);
}

/** The cluster need not keep the reply any longer. */
export async function resolveWrite(
  driver: Driver,
  { session, sequence }: SequenceOf,
  limits: CallLimits,
): Promise<ResolvedWrite> {
  const operation = encodeOperation({ type: 'resolve', session, sequence });
  const answer = await driver.call({ kind: 'repeat', operation }, limits);
  const resolved = resolvedWrite(replyOf('resolve', answer));
  driver.resolved(session, sequence);
  return resolved;
}

function resolvedWrite({ resolution }: Extract<Reply, { type: 'resolve' }>): ResolvedWrite {
  if (resolution.type === 'never') return { outcome: 'not-applied', error: undefined };
  const { reply } = resolution;
  if (reply.type === 'failure') return { outcome: 'not-applied', error: fromFailure(reply.failure) };
  return { outcome: 'applied', revision: reply.revision, result: resultOf(reply) };
}

function resultOf(reply: Reply): PutResult | DeleteResult | IncrementResult | undefined {
  if (reply.type === 'put') return putResult(reply);
  if (reply.type === 'delete') return deleteResult(reply);
  if (reply.type === 'increment') return { value: reply.value, revision: reply.revision };
  return undefined;
}
