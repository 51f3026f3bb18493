import type { Core, ServedPull } from './core.ts';
import { leaderIsFresh } from './election.ts';
import type { Entry } from './entry.ts';
import type { Fetch } from './io.ts';
import type { Pull } from './message.ts';
import type { Millis, NodeId, Position } from './types.ts';

/**
 * The other side of catch-up.ts: whoever refused a vote for the log lets the asker have what it lacks. It promises
 * nothing, durable or not, and changes nothing here. While a leader is heard it is the leader who brings entries.
 */
export function onPull(core: Core, message: Pull, now: Millis): void {
  if (leaderIsFresh(core, message.from, now)) return;
  const asked = message.after;
  // The asked place itself when our log has it; else the last one where the logs can meet, as for an append (C19).
  const prev = core.log.lastWithTermAtMost(asked.index, asked.term);
  if (prev.index === core.log.lastIndex) return answer(core, message.from, asked, prev, []);
  if (prev.index + 1 < core.log.tailFirst) {
    core.serving = { to: message.from, asked, prev, fetch: null };
    return;
  }
  const entries = core.log.slice(prev.index + 1, core.log.lastIndex, core.options.appendBytesMax);
  answer(core, message.from, asked, prev, entries);
}

/** At drain: entries that left memory are read from storage, one range at a time. */
export function orderPulled(core: Core, fetches: Fetch[]): void {
  const { serving } = core;
  if (serving === null || serving.fetch !== null) return;
  const from = serving.prev.index + 1;
  const to = core.log.tailFirst - 1;
  if (from > to) {
    core.serving = null; // Cut away since.
    return;
  }
  core.fetches.lastId += 1;
  serving.fetch = core.fetches.lastId;
  fetches.push({ fetch: serving.fetch, from, to, bytesMax: core.options.appendBytesMax });
}

/** The log may have been rewritten meanwhile: what was read is passed on only if it is still what stands there. */
export function onPullFetched(core: Core, serving: ServedPull, entries: readonly Entry[]): void {
  core.serving = null;
  const { to, asked, prev } = serving;
  const holds = (place: Position): boolean => core.log.termAt(place.index) === place.term;
  if (holds(prev) && entries.every(holds)) answer(core, to, asked, prev, entries);
}

function answer(core: Core, to: NodeId, asked: Position, prev: Position, entries: readonly Entry[]): void {
  core.outbox.push({ type: 'pullReply', from: core.id, to, term: core.term, asked, prev, entries });
}
