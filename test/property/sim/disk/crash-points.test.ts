import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiskFaults, DurableStep, ProcessEnd } from '../../../../src/sim/disk/index.ts';
import { anyStep, EMPTY, type Step } from '../../storage/model.ts';
import { StorageLife } from './storage-life.ts';

interface Script {
  readonly seed: number;
  readonly steps: readonly Step[];
  readonly unsynced: DiskFaults['unsynced'];
  /** Rests in between: the watermark catches up. */
  readonly rests: boolean;
}

const anyScript: fc.Arbitrary<Script> = fc.record({
  seed: fc.nat(),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 4 }),
  unsynced: fc.constantFrom('prefix' as const, 'subset' as const),
  rests: fc.boolean(),
});

/** Cuts through a block that the watermark covers: the one place where the order of watermark and log turns round. */
const TRUNCATIONS: readonly [Script][] = Array.from({ length: 8 }, (_, seed) => [
  {
    seed,
    steps: [
      { cut: 0, sizes: [20, 30], newTerm: true },
      { cut: 2, sizes: [], newTerm: true },
    ],
    unsynced: 'subset',
    rests: true,
  },
]);

/** From an empty disk to a closed directory, or to the crash. */
async function live(
  script: Script,
  crashesAt: (step: DurableStep) => ProcessEnd | null,
): Promise<StorageLife> {
  const life = new StorageLife(script.seed);
  life.disk.setFaults({ unsynced: script.unsynced, tornPercent: 50 });
  life.crashesAt = crashesAt;
  await life.open();
  if (life.isAlive) await life.saveGenesis();
  for (const step of script.steps) {
    if (life.isAlive) await life.write(step);
    if (life.isAlive && script.rests) await life.rest();
  }
  if (life.isAlive) await life.close();
  life.crashesAt = () => null;
  return life;
}

async function countSteps(script: Script): Promise<number> {
  let steps = 0;
  await live(script, () => {
    steps += 1;
    return null;
  });
  return steps;
}

describe('a log on a sound disk', () => {
  it('is read as it was written, after every write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(anyStep, { minLength: 4, maxLength: 12 }), async (seed, steps) => {
        const life = new StorageLife(seed);
        await life.open();
        for (const step of steps) {
          await life.write(step);
          expect(await life.read()).toEqual(life.acknowledged.entries);
        }
        await life.close();
        expect(await life.open()).toEqual(life.acknowledged);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a crash at every durable step, before it, in it and after it', () => {
  for (const how of ['exit', 'power cut'] as const) {
    it(`${how}: the next process finds all that was acknowledged, and at most the write in flight besides`, async () => {
      await fc.assert(
        fc.asyncProperty(anyScript, async (script) => {
          const steps = await countSteps(script);
          // Making a directory has 4 durable steps, a genesis 1, each write 1, and each step has 3 moments.
          expect(steps).toBeGreaterThanOrEqual(3 * (5 + script.steps.length));
          for (let crashAt = 1; crashAt <= steps; crashAt += 1) {
            let at = 0;
            const life = await live(script, () => {
              at += 1;
              return at === crashAt ? how : null;
            });
            const { lawful, genesis } = life;
            const found = await life.open();
            expect(lawful).toContainEqual(found);
            if (genesis !== null) expect(life.identity?.genesis).toEqual(genesis);
            life.goOnFrom(found ?? EMPTY);
            expect(await life.write({ cut: 2, sizes: [5, 9], newTerm: true })).toBe(true);
            await life.close();
            expect(await life.open()).toEqual(life.acknowledged);
          }
        }),
        { numRuns: 16, examples: [...TRUNCATIONS] },
      );
    });
  }
});
