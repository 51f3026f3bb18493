/**
 * A scan as an async iterable: pages are fetched while they are consumed, one ahead at most. Each page is one
 * snapshot; a later page never shows an older state than the one before it, but it may show a newer one.
 */
import type { KeyRange, Query } from '../wire/client-protocol.ts';
import type { ReadTerms, ScanTerms } from './checked-options.ts';
import type { Call } from './driver.ts';
import { Entry } from './entry.ts';
import { answerOf } from './replies.ts';

export interface ScanPlan {
  readonly range: KeyRange;
  readonly terms: ReadTerms & ScanTerms;
  /** Asks for one page. */
  readonly fetch: (query: Query, minRevision: number) => Call;
}

/** `plan` is made when the first entry is asked for, so that what is wrong with the arguments is told there. */
export async function* scanPages(plan: () => ScanPlan): AsyncGenerator<Entry, void, undefined> {
  const { range, terms, fetch } = plan();
  const { limit, minRevision } = terms;
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let page: Call | null = fetch(pageQuery(range, terms, left), minRevision);
  try {
    while (page !== null) {
      const { result, revision } = answerOf('scan', await page.answer);
      const { records, more } = result;
      const last = records.at(-1);
      left -= records.length;
      page = null;
      if (more && last !== undefined && left > 0) {
        const rest = afterKey(range, last.key, terms.reverse);
        page = fetch(pageQuery(rest, terms, left), Math.max(minRevision, revision));
        // It may fail while the caller is busy with this page; the failure is told when its turn comes.
        page.answer.catch(() => {});
      }
      for (const record of records) yield new Entry(record);
    }
  } finally {
    page?.cancel('the scan was left early');
  }
}

function pageQuery(range: KeyRange, { reverse, keysOnly }: ScanTerms, left: number): Query {
  const limit = Number.isFinite(left) ? left : 0;
  return { type: 'scan', range, limit, reverse, keysOnly, countOnly: false };
}

/** What remains behind (reverse: before) the last key seen. The next key after `k` is `k` and a zero byte. */
function afterKey(range: KeyRange, key: Uint8Array, reverse: boolean): KeyRange {
  if (reverse) return { start: range.start, end: new Uint8Array(key) };
  const start = new Uint8Array(key.length + 1);
  start.set(key);
  return { start, end: range.end };
}
