/**
 * What an opening makes of what it found: one table, first rule that holds.
 *
 * Two witnesses vouch for the log besides the log itself: the watermark, outside LevelDB and up to two batches behind,
 * and the state record, inside LevelDB and exact, since it rides in every batch. Neither is ever ahead of what was
 * durable, so whatever one of them saw and the log no longer shows is a loss, and the node does not start: a vote or an
 * acknowledgement of its could otherwise count twice (DESIGN 3; edge case H57). Only a tail that neither of them
 * vouches for may be cut as torn.
 *
 *   entries    1 ─────────────── watermark ── state record ······ tail
 *   if bad     refuse            refuse       refuse              cut
 */
import type { QuorateError } from '../wire/errors.ts';
import { type ChainPoint, samePoint } from './chain.ts';
import type { LogScan } from './log-scan.ts';
import { corrupt, recovering } from './refusals.ts';
import type { DecodedState, StateRecord } from './state-record.ts';
import type { ReadSlots, Watermark } from './watermark-slots.ts';

export interface Evidence {
  /** null: the watermark file is gone. */
  readonly slots: ReadSlots | null;
  readonly state: DecodedState;
  readonly scan: LogScan;
}

export type Verdict =
  | { readonly kind: 'sound' }
  /** Keep what is sound, cut what lies behind it. */
  | { readonly kind: 'cut'; readonly after: ChainPoint; readonly detail: string }
  | { readonly kind: 'refuse'; readonly error: QuorateError };

interface Facts extends Evidence {
  /** Nothing was ever written, when a witness is missing. */
  readonly watermark: Watermark | null;
  readonly record: StateRecord | null;
  readonly vouched: number;
}

interface Rule {
  readonly holds: (facts: Facts) => boolean;
  readonly verdict: (facts: Facts) => Verdict;
}

const RULES: readonly Rule[] = [
  {
    holds: ({ watermark }) => watermark === null,
    verdict: ({ slots }) => {
      const why =
        slots === null ? 'the watermark file is missing' : 'both slots of the watermark file are unreadable';
      return refuse(recovering(why));
    },
  },
  {
    holds: ({ state }) => state.kind === 'damaged',
    verdict: () => refuse(corrupt('the record of term and vote fails its checks')),
  },
  {
    // LevelDB lost whole batches, a vote perhaps.
    holds: ({ watermark, record }) => (record?.writes ?? 0) < (watermark?.writes ?? 0),
    verdict: ({ watermark, record }) =>
      refuse(
        recovering(`the log's database is at write ${record?.writes ?? 0} of at least ${watermark?.writes}`),
      ),
  },
  {
    // Every block came with a state record.
    holds: ({ state, scan }) => state.kind === 'absent' && (scan.end.index > 0 || scan.stop.kind !== 'end'),
    verdict: () => refuse(recovering('the record of term and vote is missing')),
  },
  {
    holds: ({ scan, vouched }) => scan.end.index < vouched && scan.stop.kind === 'damaged',
    verdict: ({ scan }) => refuse(corrupt(`the log is damaged: ${detailOf(scan)}`)),
  },
  {
    holds: ({ scan, vouched }) => scan.end.index < vouched,
    verdict: ({ scan, vouched }) =>
      refuse(recovering(`the log ends at index ${scan.end.index} of at least ${vouched}${gapOf(scan)}`)),
  },
  {
    holds: ({ scan, watermark, record }) => !isOnChain(scan, watermark?.end) || !isOnChain(scan, record?.end),
    verdict: ({ vouched }) =>
      refuse(corrupt(`the log up to index ${vouched} is not the one that was written here`)),
  },
  {
    holds: ({ scan, record }) => scan.end.term > (record?.hardState.term ?? 0),
    verdict: ({ scan, record }) =>
      refuse(
        corrupt(`the log has entries of term ${scan.end.term}, above the term ${record?.hardState.term}`),
      ),
  },
  {
    holds: ({ scan }) => scan.stop.kind !== 'end',
    verdict: ({ scan }) => ({ kind: 'cut', after: scan.end, detail: detailOf(scan) }),
  },
];

export function judge(evidence: Evidence): Verdict {
  const watermark = evidence.slots?.newest ?? null;
  const record = evidence.state.kind === 'sound' ? evidence.state.state : null;
  const vouched = Math.max(watermark?.end.index ?? 0, record?.end.index ?? 0);
  const facts: Facts = { ...evidence, watermark, record, vouched };
  return RULES.find((rule) => rule.holds(facts))?.verdict(facts) ?? { kind: 'sound' };
}

function refuse(error: QuorateError): Verdict {
  return { kind: 'refuse', error };
}

function isOnChain(scan: LogScan, point: ChainPoint | undefined): boolean {
  if (point === undefined) return true;
  const found = scan.points.get(point.index);
  return found !== undefined && samePoint(found, point);
}

function detailOf(scan: LogScan): string {
  return scan.stop.kind === 'end' ? 'nothing' : scan.stop.detail;
}

function gapOf(scan: LogScan): string {
  return scan.stop.kind === 'gap' ? ` (${scan.stop.detail})` : '';
}
