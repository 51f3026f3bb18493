/**
 * Keys are bytes; in a program they are nearly always text. A key that is UTF-8 is its text. In any other, each byte
 * that is no part of valid UTF-8 becomes one lone surrogate, U+DC80 to U+DCFF (as Python's `surrogateescape`, PEP 383):
 *
 *   bytes          text             bytes again
 *   63 61 66       "caf"            63 61 66
 *   63 c3 a9       "cé"             63 c3 a9
 *   63 e9          "c\udce9"        63 e9
 *
 * So the text of every key that a scan returns addresses that very key again, whatever its bytes are.
 */
import { QuorateError } from '../wire/errors.ts';

/** A string stands for its UTF-8. */
export type Key = string | Uint8Array;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longer keys do not fit in an operation, whatever a node's own limit is. */
const KEY_BYTES_FORMAT_MAX = 0xffff;

const LONE_SURROGATE = /\p{Surrogate}/u;
const ESCAPES = 0xdc00;

/** The bytes of a key that must exist or may be made, copied: the caller may go on using its own. */
export function keyBytes(key: Key, bytesMax: number | undefined): Uint8Array {
  const bytes = boundBytes(key, bytesMax);
  if (bytes.length === 0) throw new QuorateError('INVALID_ARGUMENT', 'a key has at least one byte');
  return bytes;
}

/** The same for the end of a range, which may be empty. */
export function boundBytes(key: Key, bytesMax: number = KEY_BYTES_FORMAT_MAX): Uint8Array {
  const bytes = typeof key === 'string' ? bytesOfText(key) : copied(key);
  const limit = Math.min(bytesMax, KEY_BYTES_FORMAT_MAX);
  if (bytes.length <= limit) return bytes;
  const message = `a key of ${bytes.length} bytes; the most is ${limit}`;
  throw new QuorateError('KEY_TOO_LARGE', message, { details: { limit, actual: bytes.length } });
}

function copied(key: unknown): Uint8Array {
  if (key instanceof Uint8Array) return new Uint8Array(key);
  throw new QuorateError('INVALID_ARGUMENT', `a key is a string or a Uint8Array, not ${nameOf(key)}`);
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function bytesOfText(text: string): Uint8Array {
  if (!LONE_SURROGATE.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) bytes.push(...encoder.encode(character));
    else if (code >= ESCAPES + 0x80 && code <= ESCAPES + 0xff) bytes.push(code - ESCAPES);
    else {
      const shown = `U+${code.toString(16).toUpperCase()}`;
      throw new QuorateError(
        'INVALID_ARGUMENT',
        `a key holds the lone surrogate ${shown}, which has no bytes`,
      );
    }
  }
  return Uint8Array.from(bytes);
}

export function keyText(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return escapedText(bytes);
  }
}

/** Takes the longest valid sequence at each place, and escapes the byte where there is none. */
function escapedText(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = validLengthAt(bytes, at);
    if (length === 0) {
      text += String.fromCharCode(ESCAPES + (bytes[at] ?? 0));
      at += 1;
    } else {
      text += strictDecoder.decode(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return text;
}

/** The length of the one UTF-8 sequence that starts here; 0 when none does. */
function validLengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length < 2) return length;
  try {
    strictDecoder.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}
