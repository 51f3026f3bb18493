/**
 * A scan as an async iterable: pages are fetched while they are consumed, one ahead at most. The first page fixes the
 * revision that all others show: a scan is one snapshot, however long it takes.
 */
import type { Bytes, KeyRange, Query } from '../wire/client-protocol.ts';
import type { ReadTerms, ScanTerms } from './checked-options.ts';
import type { Call } from './driver.ts';
import { Entry } from './entry.ts';
import { asOf, pageOf } from './past.ts';
import type { Page } from './past.ts';

export interface ScanPlan {
  readonly range: KeyRange;
  readonly terms: ReadTerms & ScanTerms;
  /** Asks for one page. */
  readonly fetch: (query: Query, minRevision: number) => Call;
}

interface Fetch {
  readonly call: Call;
  readonly at: number | null;
}

/** `plan` is made when the first entry is asked for, so that what is wrong with the arguments is told there. */
export async function* scanPages(plan: () => ScanPlan): AsyncGenerator<Entry, void, undefined> {
  const { range, terms, fetch } = plan();
  const { limit, minRevision, atRevision } = terms;
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let next: Fetch | null = {
    call: fetch(pageQuery(range, terms, left, atRevision), minRevision),
    at: atRevision,
  };
  try {
    while (next !== null) {
      const page: Page = pageOf(await next.call.answer, next.at);
      left -= page.records.length;
      next = null;
      if (page.resume !== null && left > 0) {
        const rest = beyond(range, page.resume, terms.reverse);
        const query = pageQuery(rest, terms, left, page.revision);
        // A node that has not come so far yet waits until it has.
        next = { call: fetch(query, Math.max(minRevision, page.revision)), at: page.revision };
        // It may fail while the caller is busy with this page; the failure is told when its turn comes.
        next.call.answer.catch(() => {});
      }
      for (const record of page.records) yield new Entry(record);
    }
  } finally {
    next?.call.cancel('the scan was left early');
  }
}

/** Counts a range page by page: a page of the past, or with a filter, looks at a bounded number of keys. */
export async function countPages({ range, terms, fetch }: ScanPlan): Promise<number> {
  const { minRevision, atRevision } = terms;
  let at = atRevision;
  let count = 0;
  let rest: KeyRange | null = range;
  while (rest !== null) {
    const query = asOf(at, { type: 'scan', range: rest, ...COUNT }, terms.filter);
    const page = pageOf(await fetch(query, Math.max(minRevision, at ?? 0)).answer, at);
    count += page.count;
    at = page.revision;
    rest = page.resume === null ? null : beyond(rest, page.resume, false);
  }
  return count;
}

const COUNT = { limit: 0, reverse: false, keysOnly: true, countOnly: true } as const;

function pageQuery(
  range: KeyRange,
  { reverse, keysOnly, filter }: ScanTerms,
  left: number,
  atRevision: number | null,
): Query {
  const limit = Number.isFinite(left) ? left : 0;
  return asOf(atRevision, { type: 'scan', range, limit, reverse, keysOnly, countOnly: false }, filter);
}

/** What remains behind (reverse: before) a key. The next key after `k` is `k` and a zero byte. */
function beyond(range: KeyRange, key: Bytes, reverse: boolean): KeyRange {
  if (reverse) return { start: range.start, end: new Uint8Array(key) };
  const start = new Uint8Array(key.length + 1);
  start.set(key);
  return { start, end: range.end };
}
