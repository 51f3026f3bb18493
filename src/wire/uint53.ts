/**
 * Index, term, revision and time as they stand in every format: 8 bytes big-endian, of which a safe integer uses at
 * most 53 bits (DESIGN 10). Written as two 32-bit halves: no BigInt on a path that runs for every entry.
 */
const TWO_32 = 0x1_0000_0000;
/** Above it, the high half of a number would leave the safe integers. */
const HIGH_MAX = 0x1f_ffff;

export const UINT53_BYTES = 8;

export function setUint53(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / TWO_32));
  view.setUint32(at + 4, value % TWO_32);
}

/** -1 for eight bytes that are no safe integer. */
export function getUint53(view: DataView, at: number): number {
  const high = view.getUint32(at);
  return high > HIGH_MAX ? -1 : high * TWO_32 + view.getUint32(at + 4);
}
