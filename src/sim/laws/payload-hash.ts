import type { Entry, Membership } from '../../raft/index.ts';

/**
 * A 32-bit fingerprint of what an entry says, position left out (MurmurHash3 x86_32, Appleby, public domain). Bugs do
 * not search for collisions, so 32 bits are plenty. The Entry object that was last seen in a slot is not hashed again:
 * a leader hands the same one to its disk, to each peer and to its machine, within a few indexes. (A WeakMap of all of
 * them costs more than the hashing.)
 */
export class PayloadHashes {
  readonly #seen: (Entry | undefined)[] = [];
  readonly #hashes: number[] = [];

  of(entry: Entry): number {
    const slot = entry.index & (SLOTS - 1);
    const known = this.#hashes[slot];
    if (known !== undefined && this.#seen[slot] === entry) return known;
    const hash = hashOf(entry);
    this.#seen[slot] = entry;
    this.#hashes[slot] = hash;
    return hash;
  }
}

/** A power of two. */
const SLOTS = 1_024;

const SEED = { command: 0x636f6d6d, noop: 0x6e6f6f70, membership: 0x6d656d62 } as const;

function hashOf(entry: Entry): number {
  switch (entry.kind) {
    case 'command':
      return murmur(entry.data, SEED.command);
    case 'noop':
      return SEED.noop;
    case 'membership':
      return murmur(new TextEncoder().encode(textOf(entry.membership)), SEED.membership);
  }
}

function textOf({ voters, outgoing, learners }: Membership): string {
  return `${voters.join(',')};${outgoing.join(',')};${learners.join(',')}`;
}

function murmur(bytes: Uint8Array, seed: number): number {
  const end = bytes.length;
  const tail = end & ~3;
  let hash = seed;
  for (let at = 0; at < tail; at += 4) hash = mix(hash, wordAt(bytes, at));
  if (tail < end) hash = mix(hash, wordAt(bytes, tail));
  hash ^= end;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  const rotated = ((hash ^ mixed) << 13) | ((hash ^ mixed) >>> 19);
  return (Math.imul(rotated, 5) + 0xe6546b64) | 0;
}

/** Little-endian; bytes past the end count as zero. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
