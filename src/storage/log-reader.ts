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
import type { KeyValueEngine } from './interfaces.ts';
import { blockKey, FIRST_BLOCK_KEY, firstIndexOf } from './keys.ts';
import { corrupt, unsupported } from './refusals.ts';

export class LogReader {
  readonly #engine: KeyValueEngine;
  readonly #cacheBytesMax: number;
  /** Least recently used first. */
  #cache: Block[] = [];
  #cacheBytes = 0;
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
      const block: Block | null = await this.blockAt(next);
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
    const cached = this.#cache.find((block) => holds(block, index));
    if (cached !== undefined) {
      this.#touch(cached);
      return cached;
    }
    const truncations = this.#truncations;
    const [record] = await this.#engine.range(FIRST_BLOCK_KEY, blockKey(index), 1, true);
    if (record === undefined) return null;
    const decoded = decodeBlock(record.value);
    if (decoded.kind === 'unsupported')
      throw unsupported('a block of the log', decoded.version, BLOCK_VERSION);
    if (decoded.kind === 'damaged' || decoded.block.previous.index + 1 !== firstIndexOf(record.key)) {
      throw corrupt(`the block of the log that should hold index ${index} fails its checks`);
    }
    if (!holds(decoded.block, index)) return null;
    if (this.#truncations === truncations) this.#touch(decoded.block);
    return decoded.block;
  }

  /** Everything at or above `from` has just been taken out of the log. */
  truncated(from: LogIndex): void {
    this.#truncations += 1;
    this.#cache = this.#cache.filter((block) => block.end.index < from);
    this.#cacheBytes = this.#cache.reduce((bytes, block) => bytes + block.value.length, 0);
  }

  /** Makes it the most recent one, and drops the oldest beyond the limit. */
  #touch(block: Block): void {
    const at = this.#cache.findIndex((each) => each.end.index === block.end.index);
    if (at >= 0) this.#cache.splice(at, 1);
    else this.#cacheBytes += block.value.length;
    this.#cache.push(block);
    while (this.#cacheBytes > this.#cacheBytesMax) {
      const oldest = this.#cache.shift();
      if (oldest === undefined) return;
      this.#cacheBytes -= oldest.value.length;
    }
  }
}

function holds(block: Block, index: LogIndex): boolean {
  return block.previous.index < index && index <= block.end.index;
}
