/** Answers of nodes as callers get them. */
import type { AnyQueryResult, ReadLevel, Reply } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { fromFailure } from '../wire/failures.ts';
import type { Answer, ReadAnswer } from './engine/request.ts';
import { Entry, toEntry } from './entry.ts';

export interface PutResult {
  /** The revision that this write made. */
  readonly revision: number;
  /** The record that it replaced; undefined when there was none, or when `returnPrevious` was not asked for. */
  readonly previous: Entry | undefined;
}

export interface DeleteResult {
  /** How many keys there were to delete. */
  readonly deleted: number;
  /** The revision of the deletion, or the current one when there was nothing to delete. */
  readonly revision: number;
  /** The deleted records, in key order; empty unless `returnPrevious` was asked for. */
  readonly previous: readonly Entry[];
}

export interface IncrementResult {
  /** The counter after this increment. */
  readonly value: bigint;
  readonly revision: number;
}

export interface CompactResult {
  /** The oldest revision that can be read from now on. */
  readonly floor: number;
  /** The present one. */
  readonly revision: number;
}

/** What a read says of itself. */
export interface ReadFacts {
  /** The revision of the state that was read: `atRevision`, if there was one. */
  readonly revision: number;
  /** The term in which the answering node was. */
  readonly term: number;
  /** The level that was given. */
  readonly level: ReadLevel;
  /** How old the state read was at most, in milliseconds; 0 when linearizable, undefined when nobody knows. */
  readonly ageMs: number | undefined;
}

export interface ReadResult extends ReadFacts {
  readonly entry: Entry | undefined;
}

/** The state machine's reply of the kind that the operation has; its refusal becomes an error. */
export function replyOf<T extends Reply['type']>(type: T, answer: Answer): Extract<Reply, { type: T }> {
  if (answer.type !== 'written') throw foreign(type);
  const { reply } = answer;
  if (reply.type === 'failure') throw fromFailure(reply.failure);
  if (isReply(type, reply)) return reply;
  throw foreign(type);
}

function isReply<T extends Reply['type']>(type: T, reply: Reply): reply is Extract<Reply, { type: T }> {
  return reply.type === type;
}

type AnyType = AnyQueryResult['type'];

export type AnswerWith<T extends AnyType> = ReadAnswer & {
  readonly result: Extract<AnyQueryResult, { type: T }>;
};

export function answerOf<T extends AnyType>(type: T, answer: Answer): AnswerWith<T> {
  if (answer.type === 'answer' && answer.result.type === 'failure') throw fromFailure(answer.result.failure);
  if (answer.type === 'answer' && isAnswerWith(type, answer)) return answer;
  throw foreign(type);
}

function isAnswerWith<T extends AnyType>(type: T, answer: ReadAnswer): answer is AnswerWith<T> {
  return answer.result.type === type;
}

/** It was applied, but as what, only the node knows. */
export function foreign(type: string): QuorateError {
  return new QuorateError('FRAME_INVALID', `the answer to ${type} is the answer to something else`);
}

export function factsOf({ revision, term, level, ageMs }: ReadAnswer): ReadFacts {
  return { revision, term, level, ageMs: ageMs < 0 ? undefined : ageMs };
}

export function putResult(reply: Extract<Reply, { type: 'put' }>): PutResult {
  return { revision: reply.revision, previous: toEntry(reply.previous) };
}

export function deleteResult(reply: Extract<Reply, { type: 'delete' }>): DeleteResult {
  const { deleted, revision, previous } = reply;
  return { deleted, revision, previous: previous.map((record) => new Entry(record)) };
}
