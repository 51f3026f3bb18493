import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEntries } from '../../../src/wire/entry-codec.ts';
import { crashCopy, openLogIn, temporaryFolder } from '../../unit/storage/fixtures.ts';
import { readEntries, wholeLog, written } from '../../unit/storage/log-calls.ts';
import { anyStep, apply, EMPTY, modelOf, writeFor } from './model.ts';

/** What happens between two writes. */
const anyPause = fc.oneof(
  { weight: 6, arbitrary: fc.constant('nothing' as const) },
  { weight: 1, arbitrary: fc.constant('closed and opened' as const) },
  { weight: 1, arbitrary: fc.constant('crashed and opened' as const) },
);

describe('a log on LevelDB', () => {
  it('is what the naive model says, after any writes, truncations, closings and crashes', async () => {
    const steps = fc.array(fc.tuple(anyStep, anyPause), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        let model = EMPTY;
        let folder = await temporaryFolder();
        let { directory, log } = await openLogIn(folder);
        for (const [seq, [step, pause]] of script.entries()) {
          const write = writeFor(model, step, seq + 1);
          await written(log, write);
          model = apply(model, write);
          expect(await wholeLog(log, model.entries.length)).toEqual(model.entries);
          if (pause === 'nothing') continue;
          if (pause === 'crashed and opened') folder = await crashCopy(folder);
          await directory.close();
          ({ directory, log } = await openLogIn(folder));
          expect(await modelOf(log)).toEqual(model);
          expectDerived(log.recovered, model.entries);
        }
        await directory.close();
      }),
      { numRuns: 25 },
    );
  });

  it('gives any range, up to any number of bytes, without a gap', async () => {
    const folder = await temporaryFolder();
    const { log } = await openLogIn(folder);
    let model = EMPTY;
    for (const [seq, sizes] of [
      [40, 1, 300],
      [],
      [7, 5_000, 8, 8],
      [90],
      [300_000, 4],
      [12, 12, 12],
    ].entries()) {
      const write = writeFor(model, { cut: 0, sizes, newTerm: seq % 2 === 0 }, seq + 1);
      await written(log, write);
      model = apply(model, write);
    }
    const last = model.entries.length;
    const anyRange = fc.tuple(fc.integer({ min: 1, max: last }), fc.nat(last), fc.nat(6_000));
    await fc.assert(
      fc.asyncProperty(anyRange, async ([from, more, bytesMax]) => {
        const to = Math.min(last, from + more);
        const found = await readEntries(log, from, to, bytesMax);
        expect(found.length).toBeGreaterThan(0);
        const expected = model.entries.slice(from - 1, from - 1 + found.length);
        expect(Buffer.compare(encodeEntries(found), encodeEntries(expected))).toBe(0);
        const bytes = encodeEntries(found.slice(0, -1)).length;
        expect(found.length === 1 || bytes < bytesMax).toBe(true);
        expect(found.at(-1)?.index).toBeLessThanOrEqual(to);
      }),
      { numRuns: 200 },
    );
  });
});

/** Runs of terms and the history of memberships say what the entries say. */
function expectDerived(
  recovered: Awaited<ReturnType<typeof openLogIn>>['log']['recovered'],
  entries: Awaited<ReturnType<typeof wholeLog>>,
): void {
  for (const { index, term } of entries) {
    expect(recovered.terms.findLast((run) => run.from <= index)?.term).toBe(term);
  }
  expect(recovered.last).toEqual({ index: entries.length, term: entries.at(-1)?.term ?? 0 });
  const history = entries.flatMap((e) =>
    e.kind === 'membership' ? [{ index: e.index, membership: e.membership }] : [],
  );
  expect(recovered.memberships.slice(1)).toEqual(history);
}
