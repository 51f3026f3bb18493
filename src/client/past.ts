/** Reads of the past: the query around a query, and what its answer holds. */
import type { Bytes, GetQuery, KvRecord, Query, ScanQuery } from '../wire/client-protocol.ts';
import type { Answer } from './engine/request.ts';
import { answerOf, foreign } from './replies.ts';

/** Null: the present, whatever that is where the read is answered. */
export function asOf(revision: number | null, read: GetQuery | ScanQuery): Query {
  return revision === null ? read : { type: 'past', revision, read };
}

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

export function pageOf(answer: Answer, revision: number | null): Page {
  if (revision === null) {
    const { result, revision: present } = answerOf('scan', answer);
    const { records, count, more } = result;
    return { records, count, resume: more ? (records.at(-1)?.key ?? null) : null, revision: present };
  }
  const { result, resume } = answerOf('past', answer).result;
  if (result.type !== 'scan') throw foreign('scan');
  return { records: result.records, count: result.count, resume, revision };
}
