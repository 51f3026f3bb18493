import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, DiskImage } from '../../../../src/sim/disk/image.ts';
import { Journal } from '../../../../src/sim/disk/journal.ts';
import { keyText, OrderedRecords } from '../../../../src/sim/disk/ordered-records.ts';

const anyKey = fc.uint8Array({ minLength: 1, maxLength: 2, max: 3 });
const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 6 });
const anyName = fc.constantFrom('a', 'b');

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('batch' as const),
    deletes: fc.array(anyKey, { maxLength: 3 }),
    puts: fc.array(fc.record({ key: anyKey, value: anyBytes }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('overwrite' as const), name: anyName, offset: fc.nat(4), content: anyBytes }),
  fc.record({ kind: fc.constant('replace' as const), name: anyName, content: fc.option(anyBytes) }),
);

function emptyImage(): DiskImage {
  const image = new DiskImage();
  image.apply({ kind: 'folder', folder: 'directory', there: true });
  image.apply({ kind: 'folder', folder: 'log', there: true });
  return image;
}

function contents({ records, files }: DiskImage): unknown {
  const all = records.range(new Uint8Array(0), Uint8Array.of(255), 1_000, false);
  return { records: all.map(({ key, value }) => [[...key], [...value]]), files };
}

describe('the journal of an image', () => {
  it('leaves, whichever changes are taken back, what the others alone would have made', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyChange, fc.boolean()), { maxLength: 12 }), (script) => {
        const image = emptyImage();
        const journal = new Journal(image);
        const alone = emptyImage();
        for (const [change, isKept] of script) {
          journal.apply(change, 'synced');
          if (isKept) alone.apply(change);
        }
        const entries = [...journal.entries];
        const lost = journal.keep((entry) => script[entries.indexOf(entry)]?.[1] === true);
        expect(lost).toBe(script.filter(([, isKept]) => !isKept).length);
        expect(contents(image)).toEqual(contents(alone));
      }),
    );
  });
});

describe('ordered records', () => {
  it('give any range, from either end, as sorting and filtering all of them does', () => {
    fc.assert(
      fc.property(
        fc.array(anyKey),
        anyKey,
        anyKey,
        fc.integer({ min: 1, max: 9 }),
        (keys, gte, lte, limit) => {
          const records = new OrderedRecords();
          for (const key of keys) records.set(keyText(key), { key, value: key });
          const inside = [...new Map(keys.map((key) => [keyText(key), key])).values()]
            .filter((key) => Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lte) <= 0)
            .toSorted((a, b) => Buffer.compare(a, b));
          const found = (reverse: boolean): unknown =>
            records.range(gte, lte, limit, reverse).map(({ key }) => key);
          expect(found(false)).toEqual(inside.slice(0, limit));
          expect(found(true)).toEqual(inside.toReversed().slice(0, limit));
        },
      ),
    );
  });
});
