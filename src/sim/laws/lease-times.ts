/**
 * A lease ends in time (SPEC 4): at most its time to live, one failover and one second after its last renewal. Judged
 * from the committed log and the true moments at which its entries were committed. Only calm time counts, as an end has
 * to go through the same slow disks as everything else; and of that, not what had no leader that could commit: between
 * two commits of different terms, or between two that lie so far apart that no leader can have been at work, since one
 * that holds leases marks the time several times a second.
 *
 *   committed at      1,000          1,250     1,500 │ 2,300 │ 2,550        3,400
 *                     renewed, 1 s   mark      mark  │ new   │ mark         expired
 *                                                    └ 800 ─┘               2,400 − 800 − 1,000: 600 ms late
 */
import type { LeaseOperation, Operation } from '../../kv/operation.ts';
import type { CommittedEntry } from '../linearizability/index.ts';
import { LeaseReplay } from '../linearizability/witness/lease-replay.ts';
import { LawBroken } from './law.ts';

/** An entry of the log, when somebody first applied it. */
export interface TimedEntry extends CommittedEntry {
  readonly atMs: number;
}

export interface LeaseTimes {
  /** Those that ended because nobody renewed them. */
  readonly ended: number;
  /** The latest of them, beyond its time to live and beyond time in which no leader could commit. */
  readonly lateMsMax: number;
}

export const LATE_MS_MAX = 1_000;
/** The leader's mark, its look at the clock, and a sync and a round trip. */
const QUIET_MS_MAX = 400;

/** A lease since it was granted or renewed last. */
interface Renewed {
  readonly ttlMs: number;
  readonly atMs: number;
  readonly ledMs: number;
}

/**
 * `calmMs`: how much of the time in between nothing failed; `behindMs`: by how much leaders' clocks may have fallen
 * behind in it. @throws LawBroken
 */
export function checkLeaseTimes(
  log: readonly TimedEntry[],
  calmMs: (fromMs: number, toMs: number) => number,
  behindMs: (fromMs: number, toMs: number) => number,
): LeaseTimes {
  const leases = new LeaseReplay();
  const renewed = new Map<bigint, Renewed>();
  const led = new LedTime(calmMs);
  const lateMs: number[] = [];
  for (const entry of log) {
    led.committed(entry);
    leases.entryBegins(entry.clusterTimeMs);
    for (const [ordinal, { operation }] of entry.requests.entries()) {
      if (!isLeaseOperation(operation)) continue;
      const ended = leases.apply(operation, { ...entry, ordinal });
      for (const id of namedBy(operation, entry, ordinal)) {
        const ttlMs = operation.type === 'leaseGrant' ? operation.ttlMs : renewed.get(id)?.ttlMs;
        if (ttlMs !== undefined) renewed.set(id, { ttlMs, atMs: entry.atMs, ledMs: led.ms });
      }
      for (const id of ended) {
        const since = renewed.get(id);
        renewed.delete(id);
        if (operation.type !== 'leaseExpire' || since === undefined) continue;
        const late = led.ms - since.ledMs - since.ttlMs - behindMs(since.atMs, entry.atMs);
        checkLateness(id, since.ttlMs, late, entry.atMs);
        lateMs.push(late);
      }
    }
  }
  return { ended: lateMs.length, lateMsMax: lateMs.reduce((most, each) => Math.max(most, each), 0) };
}

function checkLateness(id: bigint, ttlMs: number, lateMs: number, nowMs: number): void {
  if (lateMs <= LATE_MS_MAX) return;
  const sentence = `lease ${id} of ${ttlMs} ms ended ${lateMs.toFixed(1)} ms late, while there was a leader`;
  throw new LawBroken('a lease ends in time', null, nowMs, sentence);
}

function isLeaseOperation(operation: Operation): operation is LeaseOperation {
  return operation.type.startsWith('lease');
}

/** Those that it grants or renews. */
function namedBy(operation: LeaseOperation, { index }: TimedEntry, ordinal: number): readonly bigint[] {
  if (operation.type === 'leaseRenew') return operation.ids;
  if (operation.type !== 'leaseGrant') return [];
  return [operation.id === 0n ? (BigInt(index) << 20n) + BigInt(ordinal) : operation.id];
}

/** The time in which a leader could commit, as far as the log shows. */
class LedTime {
  readonly #calmMs: (fromMs: number, toMs: number) => number;
  #ms = 0;
  #last: TimedEntry | null = null;

  constructor(calmMs: (fromMs: number, toMs: number) => number) {
    this.#calmMs = calmMs;
  }

  get ms(): number {
    return this.#ms;
  }

  committed(entry: TimedEntry): void {
    const last = this.#last;
    this.#last = entry;
    if (last?.term !== entry.term || entry.atMs - last.atMs > QUIET_MS_MAX) return;
    this.#ms += this.#calmMs(last.atMs, entry.atMs);
  }
}
