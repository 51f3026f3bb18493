/** How many of the records found the next page must have, and whether more follow. */
import type { KvRecord, ScanQuery } from '../../../src/kv/operation.ts';
import type { PageLimits } from '../../../src/kv/state-machine.ts';

export interface Page {
  readonly records: readonly KvRecord[];
  readonly more: boolean;
}

export function pageOf(
  found: readonly KvRecord[],
  { limit, reverse, keysOnly }: Pick<ScanQuery, 'limit' | 'reverse' | 'keysOnly'>,
  { pageRecordsMax, pageBytesMax }: PageLimits,
): Page {
  const all = reverse ? found.toReversed() : found;
  const shown = all.map((record) => (keysOnly ? { ...record, value: new Uint8Array(0) } : record));
  let bytes = 0;
  const fitting = shown.findIndex((record, i) => {
    bytes += record.key.length + record.value.length;
    const beyondLimit = limit > 0 && i >= limit;
    return i > 0 && (beyondLimit || i >= pageRecordsMax || bytes > pageBytesMax);
  });
  const length = fitting < 0 ? shown.length : fitting;
  return { records: shown.slice(0, length), more: length < shown.length };
}
