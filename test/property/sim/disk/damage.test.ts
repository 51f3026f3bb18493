import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Damage, DiskFaults, DurableStep, FaultKind } from '../../../../src/sim/disk/index.ts';
import { QuorateError } from '../../../../src/wire/errors.ts';
import { anyStep, EMPTY, type Model, type Step } from '../../storage/model.ts';
import { StorageLife } from './storage-life.ts';

/** Acknowledged writes that a crash may leave above the watermark: what is lost of them only peers can tell (DESIGN 3). */
const WINDOW = 2;

const anySteps = fc.array(anyStep, { minLength: 3, maxLength: 10 });

interface Outcome {
  readonly found: Model | null;
  /** The code of a refusal. */
  readonly refusal: string | null;
}

async function reopen(life: StorageLife): Promise<Outcome> {
  try {
    return { found: await life.open(), refusal: null };
  } catch (error) {
    life.crash('exit');
    if (QuorateError.is(error)) return { found: null, refusal: error.code };
    throw error;
  }
}

async function livedThrough(seed: number, steps: readonly Step[]): Promise<StorageLife> {
  const life = new StorageLife(seed);
  await life.open();
  await life.saveGenesis();
  for (const step of steps) await life.write(step);
  return life;
}

const DAMAGES: readonly Damage[] = [
  { kind: 'bit flip', of: 'record' },
  { kind: 'bit flip', of: 'file' },
  { kind: 'lost record' },
  { kind: 'hole' },
  { kind: 'lost tail', batches: 1 },
  { kind: 'lost tail', batches: 4 },
  { kind: 'lost batches', behind: 1 },
  { kind: 'lost batches', behind: 4 },
  { kind: 'lost file' },
  { kind: 'lost log' },
];

describe('damage at rest', () => {
  it('is refused by name or does no harm, and a lost tail is when the watermark had caught up', async () => {
    const refusals = new Map<string, number>();
    const anyDamage = fc.constantFrom(...DAMAGES);
    await fc.assert(
      fc.asyncProperty(fc.nat(), anySteps, anyDamage, fc.boolean(), async (seed, steps, damage, rests) => {
        const life = await livedThrough(seed, steps);
        if (rests || damage.kind === 'lost tail') await life.rest();
        life.crash('power cut');
        fc.pre(life.disk.damage(damage));
        expect(life.disk.injected.of(damage.kind)).toBe(1);
        const { found, refusal } = await reopen(life);
        if (refusal === null) expect(life.lawful).toContainEqual(found);
        else expect(['CORRUPT', 'RECOVERING', 'FORMAT_UNSUPPORTED']).toContain(refusal);
        const outcome = `${damage.kind}: ${refusal ?? 'harmless'}`;
        refusals.set(outcome, (refusals.get(outcome) ?? 0) + 1);
      }),
      { numRuns: 300 },
    );
    for (const { kind } of DAMAGES) {
      const seen = [...refusals.keys()].filter((each) => each.startsWith(kind) && !each.endsWith('harmless'));
      expect(seen, kind).not.toEqual([]);
    }
  });

  it('takes no more of a tail in silence than the window above the watermark', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), anySteps, fc.integer({ min: 1, max: 5 }), async (seed, steps, batches) => {
        const life = await livedThrough(seed, steps);
        life.crash('power cut');
        fc.pre(life.disk.damage({ kind: 'lost tail', batches }));
        const { found, refusal } = await reopen(life);
        if (refusal === null) expect(life.history.slice(-1 - WINDOW)).toContainEqual(found);
        else expect(['CORRUPT', 'RECOVERING']).toContain(refusal);
      }),
      { numRuns: 100 },
    );
  });

  it('is noticed at the opening when a rewrite of the same entries was lost and others follow it', async () => {
    const life = await livedThrough(1, [
      { cut: 0, sizes: [1, 2], newTerm: true },
      { cut: 0, sizes: [3, 4], newTerm: false },
    ]);
    fallIll(life, { lostWritePercent: 100 }, { lostWritePercent: 0 }, 'batch');
    await life.write({ cut: 2, sizes: [5, 6], newTerm: true });
    await life.write({ cut: 0, sizes: [8], newTerm: false });
    await life.rest();
    life.crash('exit');
    await expect(life.open()).rejects.toThrow('does not continue the log before it');
  });

  it('names an older log under the identity and watermark of today', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), anySteps, anySteps, async (seed, before, after) => {
        const life = await livedThrough(seed, before);
        const backup = life.disk.snapshot();
        for (const step of after) await life.write(step);
        await life.close();
        life.disk.restore(backup, 'log');
        expect((await reopen(life)).refusal).toBe('RECOVERING');
      }),
      { numRuns: 40 },
    );
  });

  it('that takes batches which the watermark knows is never missed, however far it lags', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), anySteps, fc.integer({ min: 1, max: 3 }), async (seed, steps, behind) => {
        const life = await livedThrough(seed, steps);
        life.crash('exit');
        fc.pre(life.disk.damage({ kind: 'lost batches', behind }));
        expect((await reopen(life)).refusal).toBe('RECOVERING');
      }),
      { numRuns: 100 },
    );
  });

  it('leaves a wiped directory as a new one, which nobody takes for the old one', async () => {
    const life = await livedThrough(1, [{ cut: 0, sizes: [1, 2, 3], newTerm: true }]);
    const incarnation = life.identity?.incarnation;
    life.crash('power cut');
    life.disk.damage({ kind: 'wiped' });
    expect(await life.open()).toEqual(EMPTY);
    expect(life.identity?.genesis).toBeNull();
    expect(life.identity?.incarnation).not.toBe(incarnation);
  });
});

interface Sickness {
  readonly kind: FaultKind;
  readonly faults: Partial<DiskFaults>;
  readonly health: Partial<DiskFaults>;
}

const SICKNESSES: readonly Sickness[] = [
  { kind: 'lost write', faults: { lostWritePercent: 100 }, health: { lostWritePercent: 0 } },
  {
    kind: 'misdirected write',
    faults: { misdirectedWritePercent: 100 },
    health: { misdirectedWritePercent: 0 },
  },
  { kind: 'write error', faults: { writeErrorPercent: 100 }, health: { writeErrorPercent: 0 } },
  { kind: 'no space', faults: { full: true }, health: { full: false } },
  { kind: 'lying sync', faults: { lying: true }, health: { lying: false } },
];

describe('a disk on which one operation goes wrong', () => {
  for (const { kind, faults, health } of SICKNESSES) {
    it(`${kind}: what was acknowledged is there after a crash, or opening refuses by name`, async () => {
      let happened = 0;
      await fc.assert(
        fc.asyncProperty(fc.nat(), anySteps, fc.nat(9), anySteps, async (seed, before, when, after) => {
          const life = await livedThrough(seed, before);
          for (const [at, step] of after.entries()) {
            if (at === when % after.length) fallIll(life, faults, health);
            await writeOrGiveUp(life, step);
          }
          await life.rest();
          life.crash('power cut');
          happened += life.disk.injected.of(kind);
          const { found, refusal } = await reopen(life);
          if (refusal === null) expect(life.lawful).toContainEqual(found);
          else expect(['CORRUPT', 'RECOVERING']).toContain(refusal);
        }),
        { numRuns: 60 },
      );
      expect(happened).toBeGreaterThan(20);
    });
  }
});

/** The next operation, or all up to the next one of a kind, draw their fate from these faults; then it is well again. */
function fallIll(
  life: StorageLife,
  faults: Partial<DiskFaults>,
  health: Partial<DiskFaults>,
  until?: DurableStep['operation'],
): void {
  life.disk.setFaults(faults);
  life.crashesAt = ({ operation }) => {
    if (until === undefined || operation === until) life.disk.setFaults(health);
    return null;
  };
}

/** A process that is told of a failure, and asks again: nothing may be acknowledged from then on. */
async function writeOrGiveUp(life: StorageLife, step: Step): Promise<void> {
  try {
    await life.write(step);
  } catch (error) {
    if (!QuorateError.is(error) || !['IO_FAILED', 'CORRUPT'].includes(error.code)) throw error;
  }
}
