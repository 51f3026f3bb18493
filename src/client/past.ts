/** Reads of the past: the query around a query, and what its answer holds. */
import type { Bytes, GetQuery, KvRecord, Query, RevisionFilter, ScanQuery } from '../wire/client-protocol.ts';
import type { Answer } from './engine/request.ts';
import { answerOf, foreign } from './replies.ts';

/** Null: the present, whatever that is where the read is answered. */
export function asOf(revision: number | null, read: GetQuery | ScanQuery, filter?: RevisionFilter): Query {
  if (revision === null && filter === undefined) return read;
  return { type: 'past', revision: revision ?? PRESENT, read, filter };
}

const PRESENT = 0;

/** The records of a get, in the order asked. */
export function recordsOf(answer: Answer, revision: number | null): readonly (KvRecord | null)[] {
  if (revision === null) return answerOf('get', answer).result.records;
  const { result } = answerOf('past', answer).result;
  if (result.type !== 'get') throw foreign('get');
  return result.records;
}

/** A page of a scan. */
export interface Page {
  readonly records: readonly KvRecord[];
  /** Of what was looked at; the records, where they were asked for. */
  readonly count: number;
  /** The range goes on behind (reverse: before) this key; null when it is done. */
  readonly resume: Bytes | null;
  /** The state it shows. */
  readonly revision: number;
}

/** `revision`: the one asked for; null: the present. */
export function pageOf(answer: Answer, revision: number | null): Page {
  if (answer.type === 'answer' && answer.result.type === 'scan') {
    const { records, count, more } = answer.result;
    const resume = more ? (records.at(-1)?.key ?? null) : null;
    return { records, count, resume, revision: answer.revision };
  }
  const { result: past, revision: present } = answerOf('past', answer);
  const { result, resume } = past;
  if (result.type !== 'scan') throw foreign('scan');
  return { records: result.records, count: result.count, resume, revision: revision ?? present };
}
