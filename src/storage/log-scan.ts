/**
 * Reads the whole log once, a page at a time, and believes nothing: each block's seal, key, place and link. It stops
 * at the first block that does not continue the chain; recovery.ts decides what that means.
 */
import type { Entry } from '../raft/entry.ts';
import type { Membership, MembershipAt } from '../raft/membership.ts';
import type { LogIndex, TermRun } from '../raft/types.ts';
import { BLOCK_VERSION, type Block, decodeBlock } from './block-codec.ts';
import { type ChainPoint, samePoint } from './chain.ts';
import { clusterTimeOf } from './cluster-time.ts';
import type { EngineRecord, KeyValueEngine } from './interfaces.ts';
import { blockKey, firstIndexOf, LAST_BLOCK_KEY } from './keys.ts';
import { unsupported } from './refusals.ts';

const PAGE_BLOCKS = 64;

/** Why the scan went no further. `detail` goes into a sentence for the operator. */
export type ScanStop =
  | { readonly kind: 'end' }
  /** Something lies behind a gap. */
  | { readonly kind: 'gap'; readonly detail: string }
  | { readonly kind: 'damaged'; readonly detail: string };

export interface LogScan {
  /** The last point up to which everything is sound. */
  readonly end: ChainPoint;
  readonly stop: ScanStop;
  /** The points among those asked for at which a block ends. */
  readonly points: ReadonlyMap<LogIndex, ChainPoint>;
  readonly terms: readonly TermRun[];
  readonly memberships: readonly MembershipAt[];
  readonly clusterTimeMs: number;
}

export async function scanLog(
  engine: KeyValueEngine,
  start: ChainPoint,
  genesis: Membership,
  ask: readonly LogIndex[],
): Promise<LogScan> {
  const findings = new Findings(start, genesis, ask);
  let from: LogIndex = start.index + 1;
  for (;;) {
    const page = await engine.range(blockKey(from), LAST_BLOCK_KEY, PAGE_BLOCKS, false);
    for (const record of page) {
      const stop = findings.take(record);
      if (stop !== null) return findings.result(stop);
    }
    if (page.length < PAGE_BLOCKS) return findings.result({ kind: 'end' });
    from = findings.end.index + 1;
  }
}

class Findings {
  end: ChainPoint;
  readonly #ask: ReadonlySet<LogIndex>;
  readonly #points = new Map<LogIndex, ChainPoint>();
  readonly #terms: TermRun[] = [];
  readonly #memberships: MembershipAt[];
  #clusterTimeMs = 0;

  constructor(start: ChainPoint, genesis: Membership, ask: readonly LogIndex[]) {
    this.end = start;
    this.#ask = new Set(ask);
    this.#memberships = [{ index: start.index, membership: genesis }];
    this.#keepPoint();
  }

  take(record: EngineRecord): ScanStop | null {
    const decoded = decodeBlock(record.value);
    const first = firstIndexOf(record.key);
    if (decoded.kind === 'unsupported')
      throw unsupported('a block of the log', decoded.version, BLOCK_VERSION);
    if (decoded.kind === 'damaged') return damaged(`the block at index ${first} fails its checks`);
    const { block } = decoded;
    if (block.previous.index + 1 !== first) return damaged(`the block at index ${first} is out of place`);
    if (first > this.end.index + 1) {
      return { kind: 'gap', detail: `entries ${this.end.index + 1} to ${first - 1} are missing` };
    }
    if (!samePoint(block.previous, this.end)) {
      return damaged(`the block at index ${first} does not continue the log before it`);
    }
    this.#accept(block);
    return null;
  }

  result(stop: ScanStop): LogScan {
    return {
      end: this.end,
      stop,
      points: this.#points,
      terms: this.#terms,
      memberships: this.#memberships,
      clusterTimeMs: this.#clusterTimeMs,
    };
  }

  #accept(block: Block): void {
    for (const entry of block.entries) this.#readEntry(entry);
    this.end = block.end;
    this.#keepPoint();
  }

  #readEntry(entry: Entry): void {
    if (entry.term !== this.#terms.at(-1)?.term) this.#terms.push({ from: entry.index, term: entry.term });
    if (entry.kind === 'membership') {
      this.#memberships.push({ index: entry.index, membership: entry.membership });
    }
    if (entry.kind === 'command') {
      this.#clusterTimeMs = Math.max(this.#clusterTimeMs, clusterTimeOf(entry.data));
    }
  }

  #keepPoint(): void {
    if (this.#ask.has(this.end.index)) this.#points.set(this.end.index, this.end);
  }
}

function damaged(detail: string): ScanStop {
  return { kind: 'damaged', detail };
}
