/**
 * Reads of a past state. Keys that are gone today stand in a list of their own, so that reads of the present never
 * meet them; here the two are merged.
 */
import { getAll } from './answer-size.ts';
import type { History } from './history.ts';
import { keyText, textBytes, textRange } from './key-text.ts';
import type {
  Failure,
  KvRecord,
  PastQuery,
  PastResult,
  Revision,
  RevisionFilter,
  ScanQuery,
} from './operation.ts';
import type { RecordTable } from './record-table.ts';
import type { PageLimits } from './state-machine.ts';

/** A page looks at this many times as many keys as it may hold: most of them may not have been there then. */
const LOOKS_PER_RECORD = 4;

/** Of a query. */
const PRESENT: Revision = 0;

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
  const { read, filter, revision } = query;
  const failure = revision === PRESENT ? null : unreadable(past, revision);
  if (failure !== null) return { type: 'failure', failure };
  const { events } = past.history;
  const boundary = revision === PRESENT ? events.next : events.firstAfter(revision);
  const find: Find = (text) => {
    const record = past.records.readBefore(boundary, text, textBytes(text));
    return record !== null && lets(filter, record) ? record : null;
  };
  if (read.type === 'scan') return scan(keysOf(past, read, looksMax(limits) + 1), find, read, limits);
  const result = getAll(read.keys, (key) => find(keyText(key)));
  return result.type === 'failure' ? result : { type: 'past', result, resume: null };
}

/** What stood under a key, if it is asked for. */
type Find = (text: string) => KvRecord | null;

function lets(filter: RevisionFilter | undefined, { modRevision, createRevision }: KvRecord): boolean {
  if (filter === undefined) return true;
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = filter;
  return (
    isWithin(modRevision, minModRevision, maxModRevision) &&
    isWithin(createRevision, minCreateRevision, maxCreateRevision)
  );
}

function isWithin(revision: Revision, min: Revision, max: Revision): boolean {
  return revision >= min && (max === 0 || revision <= max);
}

/** Why the state at the revision cannot be read; null when it can. */
export function unreadable({ history, revision }: Past, wanted: Revision): Failure | null {
  if (wanted > revision) return { code: 'FUTURE_REVISION', revision };
  return wanted < history.floor ? { code: 'COMPACTED', floor: history.floor } : null;
}

function looksMax({ pageRecordsMax }: PageLimits): number {
  return pageRecordsMax * LOOKS_PER_RECORD;
}

function scan(texts: readonly string[], find: Find, query: ScanQuery, limits: PageLimits): PastResult {
  const { limit, keysOnly, countOnly } = query;
  const recordsMax = limit === 0 ? limits.pageRecordsMax : Math.min(limit, limits.pageRecordsMax);
  const found: KvRecord[] = [];
  let count = 0;
  let bytes = 0;
  let looks = 0;
  for (const text of texts) {
    if (looks === looksMax(limits)) break;
    const record = find(text);
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
