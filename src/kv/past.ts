/**
 * Reads of a past state. Keys that are gone today stand in a list of their own, so that reads of the present never
 * meet them; here the two are merged.
 */
import { getAll } from './answer-size.ts';
import type { EventNumber } from './event-ring.ts';
import type { History } from './history.ts';
import { keyText, textBytes, textRange } from './key-text.ts';
import type { Failure, KvRecord, PastQuery, PastResult, Revision, ScanQuery } from './operation.ts';
import type { RecordTable } from './record-table.ts';
import type { PageLimits } from './state-machine.ts';

/** A page looks at this many times as many keys as it may hold: most of them may not have been there then. */
const LOOKS_PER_RECORD = 4;

interface UnreadableResult {
  readonly type: 'failure';
  readonly failure: Failure;
}

export interface Past {
  readonly records: RecordTable;
  readonly history: History;
  /** The present. */
  readonly revision: Revision;
}

export function answerPast(past: Past, query: PastQuery, limits: PageLimits): PastResult | UnreadableResult {
  const failure = unreadable(past, query.revision);
  if (failure !== null) return { type: 'failure', failure };
  const boundary = past.history.events.firstAfter(query.revision);
  const { read } = query;
  if (read.type === 'scan') return scan(past, boundary, read, limits);
  const result = getAll(read.keys, (key) => past.records.readBefore(boundary, keyText(key), key));
  return result.type === 'failure' ? result : { type: 'past', result, resume: null };
}

/** Why the state at the revision cannot be read; null when it can. */
export function unreadable({ history, revision }: Past, wanted: Revision): Failure | null {
  if (wanted > revision) return { code: 'FUTURE_REVISION', revision };
  return wanted < history.floor ? { code: 'COMPACTED', floor: history.floor } : null;
}

function scan(past: Past, boundary: EventNumber, query: ScanQuery, limits: PageLimits): PastResult {
  const { limit, keysOnly, countOnly } = query;
  const texts = keysOf(past, query, limits.pageRecordsMax * LOOKS_PER_RECORD + 1);
  const looksMax = limits.pageRecordsMax * LOOKS_PER_RECORD;
  const recordsMax = limit === 0 ? limits.pageRecordsMax : Math.min(limit, limits.pageRecordsMax);
  const found: KvRecord[] = [];
  let count = 0;
  let bytes = 0;
  let looks = 0;
  for (const text of texts) {
    if (looks === looksMax) break;
    const record = past.records.readBefore(boundary, text, textBytes(text));
    if (record !== null && !countOnly) {
      bytes += text.length + (keysOnly ? 0 : record.value.length);
      if (count === recordsMax || (count > 0 && bytes > limits.pageBytesMax)) break;
      found.push(keysOnly ? { ...record, value: new Uint8Array(0) } : record);
    }
    if (record !== null) count += 1;
    looks += 1;
  }
  const more = looks < texts.length;
  const resume = more ? textBytes(texts[looks - 1] ?? '') : null;
  return { type: 'past', result: { type: 'scan', records: found, count, more }, resume };
}

/** The first `max` keys of the range (reversed: the last ones) that are there or were. */
function keysOf({ records, history }: Past, { range, reverse }: ScanQuery, max: number): string[] {
  const within = textRange(range);
  const present = records.keys(within, reverse, max);
  const gone = history.goneKeys(within, reverse, max);
  if (gone.length === 0) return present;
  const all = [...present, ...gone].toSorted(reverse ? descending : ascending);
  return all.slice(0, max);
}

function ascending(left: string, right: string): number {
  return left < right ? -1 : 1;
}

function descending(left: string, right: string): number {
  return left < right ? 1 : -1;
}
