import { invariant } from './assert.ts';
import type { Core } from './core.ts';
import type { Entry } from './entry.ts';
import type { Fetch } from './io.ts';

/**
 * Hands committed entries to the state machine: contiguous, each once, and only what is durable here too, so that a
 * restarted node never has applied what it does not hold (raft-core.md 1.3).
 */
export function takeApply(core: Core, fetches: Fetch[]): readonly Entry[] {
  const ready = handOut(core);
  if (core.handedOut === readyThrough(core)) return ready;
  orderApply(core, fetches);
  return ready;
}

function readyThrough(core: Core): number {
  return Math.min(core.committed, core.writes.durable.index);
}

/** First what was fetched, then what follows it in memory. */
function handOut(core: Core): readonly Entry[] {
  const fetched = core.fetches.applyEntries;
  core.fetches.applyEntries = [];
  core.handedOut += fetched.length;
  const from = core.handedOut + 1;
  const through = readyThrough(core);
  if (from < core.log.tailFirst || from > through) return fetched;
  core.handedOut = through;
  const inMemory = core.log.slice(from, through, Infinity);
  return fetched.length === 0 ? inMemory : [...fetched, ...inMemory];
}

/** One range at a time, and the next one only when the last is applied: a replay needs little memory. */
function orderApply(core: Core, fetches: Fetch[]): void {
  const from = core.handedOut + 1;
  if (from >= core.log.tailFirst || core.fetches.applyFetch !== null || core.applied < core.handedOut) return;
  core.fetches.lastId += 1;
  core.fetches.applyFetch = core.fetches.lastId;
  fetches.push({
    fetch: core.fetches.lastId,
    from,
    to: Math.min(readyThrough(core), core.log.tailFirst - 1),
    bytesMax: core.options.appendBytesMax,
  });
}

/** Committed entries never change, so no fence is needed beyond the order's number. */
export function onApplyFetched(core: Core, entries: readonly Entry[]): void {
  core.fetches.applyFetch = null;
  core.fetches.applyEntries = entries;
  const last = entries[entries.length - 1];
  if (last === undefined) return;
  invariant(entries[0]?.index === core.handedOut + 1, 'storage answers from where it was asked');
  invariant(last.index === core.handedOut + entries.length, 'storage answers without a gap');
  invariant(last.index <= readyThrough(core), 'storage answers with what was asked');
}
