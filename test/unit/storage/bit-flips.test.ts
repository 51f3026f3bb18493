import { describe, expect, it } from 'vitest';
import { decodeIdentity, encodeIdentity, type Identity } from '../../../src/storage/identity.ts';
import { readSlots, SLOT_BYTES, WATERMARK_FILE } from '../../../src/storage/watermark-slots.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import { append, command, commands, wholeLog, written } from './log-calls.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { freshDisk, openOn } from './memory-log.ts';

/** Small, with every kind of entry, several blocks, a rewritten one, and its watermark at the end. */
async function smallLog(): Promise<MemoryDisk> {
  const disk = freshDisk();
  const log = await openOn(disk);
  await written(log, append([{ kind: 'noop', index: 1, term: 1 }, command(2, 1, 'a')]));
  await written(log, append(commands(3, 5, 1), { commitHint: 2 }));
  await written(log, append([command(5, 2, 'b')], { truncateFrom: 5 }));
  await log.close();
  return disk;
}

/** All that a node could act on. */
async function readAll(disk: MemoryDisk): Promise<unknown> {
  const log = await openOn(disk);
  return { ...log.recovered, entries: await wholeLog(log, log.recovered.last.index) };
}

async function outcome(disk: MemoryDisk, sound: unknown): Promise<string> {
  try {
    expect(await readAll(disk)).toEqual(sound);
    return 'same';
  } catch (error) {
    if (QuorateError.is(error)) return error.code;
    throw error;
  }
}

function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
}

/** As if the other slot had never been written. */
function blank(file: Uint8Array, slot: number): Uint8Array {
  return Uint8Array.from(file).fill(0, slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
}

describe('one flipped bit', () => {
  it('in any record of the log, key or value, is refused and never read', async () => {
    const disk = await smallLog();
    const sound = await readAll(disk.clone());
    const seen = new Map<string, number>();
    for (const { key, value } of disk.records.values()) {
      for (let bit = 0; bit < (key.length + value.length) * 8; bit++) {
        const damaged = disk.clone();
        const bytes = Buffer.concat([key, value]);
        flip(bytes, bit);
        damaged.delete(key);
        damaged.put(bytes.subarray(0, key.length), bytes.subarray(key.length));
        const code = await outcome(damaged, sound);
        seen.set(code, (seen.get(code) ?? 0) + 1);
      }
    }
    expect([...seen.keys()].toSorted()).toEqual(['CORRUPT', 'RECOVERING']);
  });

  it('in either slot of the watermark leaves the other one, and the whole log', async () => {
    const disk = await smallLog();
    const sound = await readAll(disk.clone());
    const file = disk.files.get(WATERMARK_FILE) ?? new Uint8Array(0);
    const alone = [1, 0].map((blanked) => readSlots(blank(file, blanked)).newest);
    for (let bit = 0; bit < 2 * SLOT_BYTES * 8; bit++) {
      flip(file, bit);
      const other = bit < SLOT_BYTES * 8 ? alone[1] : alone[0];
      const { newest, unreadable, unsupported } = readSlots(file);
      const left = newest?.sequence === other?.sequence && unreadable === 1 && unsupported === null;
      if (!left) expect.fail(`bit ${bit} went unnoticed`);
      if (bit % 4_001 === 0) expect(await outcome(disk.clone(), sound)).toBe('same');
      flip(file, bit);
    }
  });

  it('in both slots is RECOVERING', async () => {
    const disk = await smallLog();
    for (const slot of [0, 1])
      flip(disk.files.get(WATERMARK_FILE) ?? new Uint8Array(0), slot * SLOT_BYTES * 8 + 300);
    expect(await outcome(disk, null)).toBe('RECOVERING');
  });

  it('in the identity file is refused', () => {
    const voters = ['n1', 'n2'].map((id) => ({ id, incarnation: 'ab'.repeat(16) }));
    const genesis = { clusterId: 'cd'.repeat(16), clusterName: 'orders', voters };
    const identity: Identity = { nodeId: 'n1', incarnation: 'ab'.repeat(16), genesis };
    const record = encodeIdentity(identity);
    expect(decodeIdentity(record, 'here')).toEqual(identity);
    for (let bit = 0; bit < record.length * 8; bit++) {
      const damaged = Uint8Array.from(record);
      flip(damaged, bit);
      expect(() => decodeIdentity(damaged, 'here')).toThrow('fails its checks');
    }
  });
});
