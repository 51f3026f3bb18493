/** The stamp in a command's envelope, without decoding the rest of it (layout: wire/envelope.ts, fixed by DESIGN 10). */
import { getUint53, UINT53_BYTES } from '../wire/uint53.ts';

const VERSION = 1;
const TIME_AT = 2;

/** 0 for bytes that are no envelope: what they are is the state machine's business. */
export function clusterTimeOf(data: Uint8Array): number {
  if (data.length < TIME_AT + UINT53_BYTES || data[0] !== VERSION) return 0;
  return Math.max(0, getUint53(new DataView(data.buffer, data.byteOffset, data.byteLength), TIME_AT));
}
