import { describe, expect, it } from 'vitest';
import { type DiskImage, SimulatedDisk } from '../../../../src/sim/disk/index.ts';
import { Kernel } from '../../../../src/sim/kernel/kernel.ts';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import { type DataDirectory, openDataDirectory } from '../../../../src/storage/index.ts';
import { SLOT_BYTES, WATERMARK_FILE } from '../../../../src/storage/watermark-slots.ts';
import { QuorateError } from '../../../../src/wire/errors.ts';
import { MEMBERS } from '../../../unit/storage/log-calls.ts';
import { type Model, modelOf } from '../../storage/model.ts';
import { StorageLife } from './storage-life.ts';

/** Of a slot; the rest of it are zeros. */
const USED_BYTES = 64;

/** All that a node acts on. */
interface Memory {
  readonly identity: DataDirectory['identity'];
  readonly log: Model;
}

/** Blocks of several terms, one of them rewritten by a truncation, a genesis, and a watermark at its end. */
async function smallDirectory(): Promise<DiskImage> {
  const life = new StorageLife(1);
  await life.open();
  await life.saveGenesis();
  await life.write({ cut: 0, sizes: [7, 3], newTerm: true });
  await life.write({ cut: 0, sizes: [2, 5, 11], newTerm: false });
  await life.write({ cut: 1, sizes: [4], newTerm: true });
  await life.close();
  return life.disk.snapshot();
}

/** Everything as it was, or the code of a refusal. */
async function outcome(image: DiskImage, sound: Memory | null): Promise<string> {
  try {
    const found = await memoryOf(image);
    if (sound !== null) expect(found).toEqual(sound);
    return 'harmless';
  } catch (error) {
    if (QuorateError.is(error)) return error.code;
    throw error;
  }
}

async function memoryOf(image: DiskImage): Promise<Memory> {
  const kernel = new Kernel();
  const disk = new SimulatedDisk('n1', new RandomSource(1));
  disk.restore(image);
  const opening = (async (): Promise<Memory> => {
    const directory = await openDataDirectory({
      path: '/n1',
      nodeId: 'n1',
      randomBytes: (count) => new Uint8Array(count),
      schedule: () => {},
      disk: disk.attach(kernel),
    });
    return { identity: directory.identity, log: await modelOf(await directory.openLog(MEMBERS)) };
  })();
  // Whoever is interested hears of it from the promise itself.
  opening.catch(() => {});
  await kernel.run(1_000);
  return opening;
}

async function outcomes(
  sound: DiskImage,
  bits: Iterable<number>,
  flip: (image: DiskImage, bit: number) => void,
): Promise<ReadonlySet<string>> {
  const memory = await memoryOf(sound);
  const seen = new Set<string>();
  for (const bit of bits) {
    const image = sound.copy();
    flip(image, bit);
    seen.add(await outcome(image, memory));
  }
  return seen;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

describe('every single bit of a directory', () => {
  it('in the log, keys and values: flipped, it is refused by name', async () => {
    const image = await smallDirectory();
    expect(image.records.size).toBe(4);
    for (const position of range(image.records.size)) {
      const record = image.records.at(position);
      const bits = range(((record?.key.length ?? 0) + (record?.value.length ?? 0)) * 8);
      const seen = await outcomes(image, bits, (copy, bit) => copy.flipRecordBit(position, bit));
      expect([...seen].filter((each) => each !== 'CORRUPT' && each !== 'RECOVERING')).toEqual([]);
    }
  });

  it('in the identity: flipped, it is refused as corrupt', async () => {
    const image = await smallDirectory();
    const bits = range((image.files.get('quorate.identity')?.length ?? 0) * 8);
    const seen = await outcomes(image, bits, (copy, bit) => copy.flipFileBit('quorate.identity', bit));
    expect([...seen]).toEqual(['CORRUPT']);
  });

  it('in the watermark: flipped, it is harmless, because the other slot stands', async () => {
    const image = await smallDirectory();
    // All bits of what is used, and a sample of the zeros behind it: the CRC covers both alike.
    const bits = range(2 * SLOT_BYTES * 8).filter(
      (bit) => (bit >> 3) % SLOT_BYTES < USED_BYTES || bit % 101 === 0,
    );
    const seen = await outcomes(image, bits, (copy, bit) => copy.flipFileBit(WATERMARK_FILE, bit));
    expect([...seen]).toEqual(['harmless']);
  });
});
