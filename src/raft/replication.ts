import type { Core, Leader } from './core.ts';
import type { Entry } from './entry.ts';
import { entryBytes } from './entry-tail.ts';
import type { Fetch } from './io.ts';
import type { Progress } from './progress.ts';
import type { LogIndex, Millis } from './types.ts';

/** The newest slice of the log, shared by all peers that stand at the same place, so that it is encoded once. */
interface Slice {
  readonly from: LogIndex;
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

/**
 * Replication is pulled at drain from what each peer lacks, so that any number of proposals become one append, and
 * the batch grows with the load by itself (raft-core.md 1.4).
 */
export class Replication {
  readonly #core: Core;
  readonly #leader: Leader;
  readonly #now: Millis;
  readonly #fetches: Fetch[];
  #slice: Slice | null = null;

  constructor(core: Core, leader: Leader, now: Millis, fetches: Fetch[]) {
    this.#core = core;
    this.#leader = leader;
    this.#now = now;
    this.#fetches = fetches;
  }

  toAll(): void {
    for (const peer of this.#leader.peers.values()) {
      if (!this.#sendEntries(peer) && this.#mustSpeak(peer)) this.#send(peer, [], 0);
    }
    this.#leader.reads.seal();
  }

  #sendEntries(peer: Progress): boolean {
    let sent = false;
    while (peer.canSendEntries && peer.next <= this.#core.log.lastIndex) {
      const slice = this.#take(peer);
      if (slice === null) break;
      this.#send(peer, slice.entries, slice.bytes);
      sent = true;
    }
    return sent;
  }

  /** An append without entries is heartbeat, commit index and read barrier; a lost window is found out by it too. */
  #mustSpeak(peer: Progress): boolean {
    if (this.#now - peer.sentAt >= this.#core.options.heartbeatMs) return true;
    if (this.#leader.reads.latest > peer.readSeqSent) return true;
    return peer.state === 'replicate' ? this.#core.committed > peer.commitSent : peer.canSendEntries;
  }

  #send(peer: Progress, entries: readonly Entry[], bytes: number): void {
    const { log, committed, id, term } = this.#core;
    const prev = log.positionAt(peer.next - 1);
    this.#core.outbox.push({
      type: 'append',
      from: id,
      to: peer.id,
      term,
      prev,
      entries,
      commit: committed,
      readSeq: this.#leader.reads.latest,
      sentAt: this.#now,
    });
    peer.sent(prev.index + entries.length, bytes);
    peer.sentAt = this.#now;
    peer.readSeqSent = this.#leader.reads.latest;
    peer.commitSent = committed;
  }

  /** The next entries for a peer: from memory, or fetched earlier, or ordered from storage now (`null`). */
  #take(peer: Progress): Slice | null {
    const { log, options } = this.#core;
    const { next, fetched } = peer;
    peer.fetched = null;
    if (fetched?.[0]?.index === next) return sliceOf(fetched);
    if (next < log.tailFirst) {
      // A probe is likely to miss, so it does not trouble the disk; it goes out empty.
      if (peer.state === 'replicate' && peer.fetch === null) this.#order(peer);
      return null;
    }
    if (this.#slice?.from !== next) {
      this.#slice = sliceOf(log.slice(next, log.lastIndex, options.appendBytesMax));
    }
    return this.#slice;
  }

  #order(peer: Progress): void {
    const { fetches, log, options } = this.#core;
    fetches.lastId += 1;
    peer.fetch = fetches.lastId;
    this.#fetches.push({
      fetch: fetches.lastId,
      from: peer.next,
      to: log.tailFirst - 1,
      bytesMax: options.appendBytesMax,
    });
  }
}

function sliceOf(entries: readonly Entry[]): Slice {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return { from: entries[0]?.index ?? 0, entries, bytes };
}

/**
 * A range that storage read for a peer. It is used only if this leadership still lasts and the peer's next entry is
 * still its first: a step-down voids all orders with the role, a probe voids the peer's (raft-core.md 1.4).
 */
export function onPeerFetched(core: Core, fetch: number, entries: readonly Entry[]): void {
  if (core.role.kind !== 'leader') return;
  for (const peer of core.role.peers.values()) {
    if (peer.fetch !== fetch) continue;
    peer.fetch = null;
    peer.fetched = entries;
  }
}
