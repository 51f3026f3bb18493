/** Reads. None takes longer than its page. */
import { getAll } from './answer-size.ts';
import { invariant } from './assert.ts';
import { keyText, textBytes, textRange } from './key-text.ts';
import type { Bytes, KvRecord, QueryResult, Read, ScanQuery, ScanResult, TxnReply } from './operation.ts';
import { answerPast, type Past } from './past.ts';
import type { RecordTable } from './record-table.ts';
import type { PageLimits } from './state-machine.ts';

/** Reads alone; transactions are made of them. */
export function answerRead(state: Past, query: Read, limits: PageLimits): Exclude<QueryResult, TxnReply> {
  const { records } = state;
  if (query.type === 'past') return answerPast(state, query, limits);
  if (query.type === 'get') return getAll(query.keys, (key) => get(records, key));
  if (!query.countOnly) return page(records, query, limits);
  return { type: 'scan', records: [], count: records.count(textRange(query.range)), more: false };
}

function get(records: RecordTable, key: Bytes): KvRecord | null {
  const row = records.find(keyText(key));
  return row === undefined ? null : records.read(row, key);
}

/** At least one record if there is one, whatever its size; then as many as the page holds. */
function page(records: RecordTable, query: ScanQuery, limits: PageLimits): ScanResult {
  invariant(limits.pageRecordsMax >= 1, 'a page holds a record, so that paging comes to an end');
  const { pageRecordsMax, pageBytesMax } = limits;
  const recordsMax = query.limit === 0 ? pageRecordsMax : Math.min(query.limit, pageRecordsMax);
  // One key more than the page holds tells whether the range goes on.
  const texts = records.keys(textRange(query.range), query.reverse, recordsMax + 1);
  const found: KvRecord[] = [];
  let bytes = 0;
  for (const text of texts) {
    const row = records.rowOf(text);
    bytes += text.length + (query.keysOnly ? 0 : records.valueBytes(row));
    if (found.length === recordsMax || (found.length > 0 && bytes > pageBytesMax)) break;
    const key = textBytes(text);
    found.push(query.keysOnly ? records.readWithoutValue(row, key) : records.read(row, key));
  }
  return { type: 'scan', records: found, count: found.length, more: found.length < texts.length };
}
