/** What a broken or hostile sender makes of a good frame. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

type Damage =
  | { readonly type: 'flip'; readonly at: number; readonly bit: number }
  | { readonly type: 'set'; readonly at: number; readonly byte: number }
  | { readonly type: 'cut'; readonly at: number }
  | { readonly type: 'remove'; readonly at: number; readonly count: number }
  | { readonly type: 'repeat'; readonly at: number; readonly count: number }
  | { readonly type: 'insert'; readonly at: number; readonly bytes: Uint8Array };

const at = fc.nat({ max: 4_095 });
const count = fc.integer({ min: 1, max: 12 });

/** Type bytes of MessagePack and numbers at the edges of their forms: a random byte rarely is one. */
const telling = fc.constantFrom(
  0x00,
  0x7f,
  0x80,
  0x90,
  0xa1,
  0xc0,
  0xc4,
  0xc6,
  0xca,
  0xcb,
  0xcf,
  0xd3,
  0xdc,
  0xdd,
  0xdf,
  0xff,
);
const byte = fc.oneof(telling, fc.integer({ min: 0, max: 255 }));

const damage: Arbitrary<Damage> = fc.oneof(
  fc.record({ type: fc.constant('flip' as const), at, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ type: fc.constant('set' as const), at, byte }),
  fc.record({ type: fc.constant('cut' as const), at }),
  fc.record({ type: fc.constant('remove' as const), at, count }),
  fc.record({ type: fc.constant('repeat' as const), at, count }),
  fc.record({
    type: fc.constant('insert' as const),
    at,
    bytes: fc.array(byte, { maxLength: 9 }).map((some) => Uint8Array.from(some)),
  }),
);

export const damages: Arbitrary<readonly Damage[]> = fc.array(damage, { minLength: 1, maxLength: 4 });

export function damaged(frame: Uint8Array, list: readonly Damage[]): Uint8Array {
  return list.reduce(damagedOnce, Uint8Array.from(frame));
}

function damagedOnce(frame: Uint8Array, one: Damage): Uint8Array {
  if (frame.length === 0) return frame;
  const place = one.at % frame.length;
  const [before, after] = [frame.subarray(0, place), frame.subarray(place)];
  switch (one.type) {
    case 'flip':
      return joined(before, Uint8Array.of((frame[place] ?? 0) ^ (1 << one.bit)), after.subarray(1));
    case 'set':
      return joined(before, Uint8Array.of(one.byte), after.subarray(1));
    case 'cut':
      return before;
    case 'remove':
      return joined(before, after.subarray(one.count));
    case 'repeat':
      return joined(before, after.subarray(0, one.count), after);
    case 'insert':
      return joined(before, one.bytes, after);
    default:
      return one satisfies never;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
