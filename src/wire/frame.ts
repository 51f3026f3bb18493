/**
 * A frame is one msgpack array of messages; a message is an array (a tuple) whose first element is its type.
 *
 * MessagePack decoders allocate what a header promises (five bytes can ask for 4 billion elements, and nested headers
 * multiply), so every frame is walked once before it is unpacked: no more elements than its limit or its bytes allow,
 * at most DEPTH_MAX levels, no maps, no extensions, nothing behind the end (reliability 0.5). What passes holds only
 * what `Wire` says, so the unpacker meets none of its own extensions (dates, records, expressions).
 */
import { Packr } from 'msgpackr/index-no-eval';

/** What a frame is made of. Integers beyond 2^32 travel as float64, exact up to 2^53; bigints as int64. */
export type Wire = null | boolean | number | bigint | string | Uint8Array | readonly Wire[];

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

export interface FrameLimits {
  readonly frameBytesMax: number;
  /** Of all lists together; as many as the frame has bytes unless set lower. */
  readonly elementsMax?: number;
}

/** Of lists that are not empty. Our deepest message has five: frame, answer, result, records, record. */
const DEPTH_MAX = 16;

const codec = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  moreTypes: false,
  int64AsType: 'bigint',
  // Decoded bytes are views on the frame; whoever keeps them keeps the frame, or copies.
  copyBuffers: false,
});

export function packFrame(messages: readonly Wire[]): Uint8Array {
  return codec.pack(messages);
}

/** The frame's messages, not looked into yet. */
export function unpackFrame(bytes: Uint8Array, limits: FrameLimits): Result<readonly Wire[]> {
  if (bytes.length > limits.frameBytesMax) {
    return bad(`a frame of ${bytes.length} bytes; the most is ${limits.frameBytesMax}`);
  }
  const flaw = scan(bytes, Math.min(limits.elementsMax ?? bytes.length, bytes.length));
  if (flaw !== null) return bad(flaw);
  try {
    const messages: unknown = codec.unpack(bytes);
    return Array.isArray(messages) ? { ok: true, value: messages } : bad('a frame is an array of messages');
  } catch (error) {
    return bad(`not MessagePack: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function bad(reason: string): Result<never> {
  return { ok: false, reason };
}

/** Sizes of what follows a type byte of 0xc0 to 0xdf; -1 where the type is refused. */
const FIXED_BYTES: readonly number[] = [
  /* c0 nil, (never used), false, true */ 0, -1, 0, 0, /* c4 bin 8, 16, 32 */ 1, 2, 4,
  /* c7 ext 8, 16, 32 */ -1, -1, -1, /* ca float 32, 64 */ -1, 8, /* cc uint 8, 16, 32, 64 */ 1, 2, 4, 8,
  /* d0 int 8, 16, 32, 64 */ 1, 2, 4, 8, /* d4 fixext 1, 2, 4, 8, 16 */ -1, -1, -1, -1, -1,
  /* d9 str 8, 16, 32 */ 1, 2, 4, /* dc array 16, 32 */ 2, 4, /* de map 16, 32 */ -1, -1,
];

const FLOAT64 = 0xcb;

/** Walks the structure without allocating; null when it is in order. */
function scan(bytes: Uint8Array, elementsMax: number): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const open: number[] = [];
  let left = 1;
  let at = 0;
  let elements = 0;
  for (;;) {
    while (left === 0) {
      const outer = open.pop();
      if (outer === undefined) return at === bytes.length ? null : 'bytes behind the end of the frame';
      left = outer;
    }
    left -= 1;
    const type = bytes[at];
    if (type === undefined) return 'the frame ends in the middle';
    at += 1;
    let children = 0;
    if (type >= 0xc0 && type <= 0xdf) {
      const size = FIXED_BYTES[type - 0xc0] ?? -1;
      if (size < 0) return `type 0x${type.toString(16)} has no place in a frame`;
      if (at + size > bytes.length) return 'the frame ends in the middle';
      if (type === FLOAT64 && !isInteger(view.getFloat64(at))) return 'a fraction has no place in a frame';
      const length = lengthAt(view, at, type, size);
      at += size;
      if (type >= 0xdc) children = length;
      else at += length;
    } else if (type >= 0xa0 && type < 0xc0) {
      at += type & 0x1f;
    } else if (type >= 0x90 && type < 0xa0) {
      children = type & 0x0f;
    } else if (type >= 0x80 && type < 0x90) {
      return 'a map has no place in a frame';
    }
    if (at > bytes.length) return 'the frame ends in the middle';
    if (children === 0) continue;
    elements += children;
    if (elements > elementsMax) return `more than ${elementsMax} elements`;
    if (open.length === DEPTH_MAX) return `nested deeper than ${DEPTH_MAX}`;
    open.push(left);
    left = children;
  }
}

/** Negative zero is refused too: it would come back as another value than it went. */
function isInteger(float: number): boolean {
  return Number.isSafeInteger(float) && !Object.is(float, -0);
}

/** How many bytes (strings, binary) or elements (arrays) a header announces; 0 for the other types. */
function lengthAt(view: DataView, at: number, type: number, size: number): number {
  const announces = (type >= 0xc4 && type <= 0xc6) || type >= 0xd9;
  if (!announces) return 0;
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at) : view.getUint32(at);
}
