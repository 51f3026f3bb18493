/**
 * Entries by index: one lookup for the block that holds the first one, then blocks in order. Blocks are checked again
 * at every read, because LevelDB returns a flipped bit as data (reference/reliability.md 0); a few recent ones are
 * kept, since a follower that lags asks for consecutive ranges.
 */
import type { Entry } from '../raft/entry.ts';
import type { LogIndex } from '../raft/types.ts';
import { encodedEntryBytes } from '../wire/entry-codec.ts';
import { BLOCK_VERSION, type Block, decodeBlock } from './block-codec.ts';
import { samePoint } from './chain.ts';
import type { EngineRecord, KeyValueEngine } from './interfaces.ts';
import { blockKey, FIRST_BLOCK_KEY, firstIndexOf, LAST_BLOCK_KEY } from './keys.ts';
import { corrupt, unsupported } from './refusals.ts';

/** Fetched together when blocks follow each other: with small writes a block is one entry, and a trip each is too many. */
const PAGE_BLOCKS = 16;

export class LogReader {
  readonly #engine: KeyValueEngine;
  readonly #cacheBytesMax: number;
  /** By first index; least recently used first. */
  readonly #cache = new Map<LogIndex, Block>();
  #cacheBytes = 0;
  #latest: Block | null = null;
  /** Grows with each truncation: a lookup that began before one proves nothing after it. */
  #truncations = 0;

  constructor(engine: KeyValueEngine, cacheBytesMax: number) {
    this.#engine = engine;
    this.#cacheBytesMax = cacheBytesMax;
  }

  /** At least one entry, unless a truncation took `from` away while this was reading. */
  async read(from: LogIndex, to: LogIndex, bytesMax: number): Promise<readonly Entry[]> {
    const truncations = this.#truncations;
    const entries: Entry[] = [];
    let bytes = 0;
    let last: Block | null = null;
    for (let next = from; next <= to && (last === null || bytes < bytesMax); ) {
      const block: Block | null = last === null ? await this.blockAt(next) : await this.#blockFrom(next);
      const continues = block !== null && (last === null || samePoint(block.previous, last.end));
      if (!continues) {
        if (this.#truncations !== truncations) return entries;
        throw corrupt(`the block with index ${next} is gone from the log`);
      }
      for (const entry of block.entries) {
        if (entry.index < next) continue;
        if (entry.index > to || (entries.length > 0 && bytes >= bytesMax)) break;
        entries.push(entry);
        bytes += encodedEntryBytes(entry);
      }
      last = block;
      next = block.end.index + 1;
    }
    return entries;
  }

  /** null when no block holds the index. */
  async blockAt(index: LogIndex): Promise<Block | null> {
    const cached = this.#cached(index);
    if (cached !== null) return cached;
    const truncations = this.#truncations;
    const [record] = await this.#engine.range(FIRST_BLOCK_KEY, blockKey(index), 1, true);
    if (record === undefined) return null;
    const block = checkedBlock(record, index);
    if (!holds(block, index)) return null;
    if (this.#truncations === truncations) this.#keep(block);
    return block;
  }

  /** The block that begins there, and into the cache the ones behind it; null when none does. */
  async #blockFrom(first: LogIndex): Promise<Block | null> {
    const cached = this.#cached(first);
    if (cached !== null) return cached;
    const truncations = this.#truncations;
    const [record, ...behind] = await this.#engine.range(blockKey(first), LAST_BLOCK_KEY, PAGE_BLOCKS, false);
    if (record === undefined || firstIndexOf(record.key) !== first) return null;
    const block = checkedBlock(record, first);
    if (this.#truncations !== truncations) return block;
    // The one that was asked for is kept longest. Of the others, whoever asks for a bad one will hear of it.
    for (const each of behind) {
      const decoded = decodeBlock(each.value);
      if (decoded.kind === 'sound' && startsAt(decoded.block, each)) this.#keep(decoded.block);
    }
    this.#keep(block);
    return block;
  }

  /** Everything at or above `from` has just been taken out of the log. */
  truncated(from: LogIndex): void {
    this.#truncations += 1;
    for (const block of this.#cache.values()) if (block.end.index >= from) this.#drop(block);
  }

  /** Readers go from block to block: the one that begins at the index, or else the one that was read last. */
  #cached(index: LogIndex): Block | null {
    const beginning = this.#cache.get(index);
    const found = beginning ?? (this.#latest !== null && holds(this.#latest, index) ? this.#latest : null);
    if (found !== null) this.#keep(found);
    return found;
  }

  /** Makes it the most recent one, and drops the oldest beyond the limit. */
  #keep(block: Block): void {
    this.#drop(block);
    this.#cache.set(block.previous.index + 1, block);
    this.#cacheBytes += block.value.length;
    this.#latest = block;
    for (const oldest of this.#cache.values()) {
      if (this.#cacheBytes <= this.#cacheBytesMax) return;
      this.#drop(oldest);
    }
  }

  #drop(block: Block): void {
    const first = block.previous.index + 1;
    const known = this.#cache.get(first);
    if (known === undefined) return;
    this.#cache.delete(first);
    this.#cacheBytes -= known.value.length;
    if (this.#latest === known) this.#latest = null;
  }
}

function checkedBlock(record: EngineRecord, index: LogIndex): Block {
  const decoded = decodeBlock(record.value);
  if (decoded.kind === 'unsupported') throw unsupported('a block of the log', decoded.version, BLOCK_VERSION);
  if (decoded.kind === 'damaged' || !startsAt(decoded.block, record)) {
    throw corrupt(`the block of the log that should hold index ${index} fails its checks`);
  }
  return decoded.block;
}

function startsAt(block: Block, { key }: EngineRecord): boolean {
  return block.previous.index + 1 === firstIndexOf(key);
}

function holds(block: Block, index: LogIndex): boolean {
  return block.previous.index < index && index <= block.end.index;
}
