/** Bytes for people and programs: keys and values need not be text. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** null where the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Text as text, anything else as `{ "b64": … }`: the form of the HTTP interface. */
export function jsonOf(bytes: Uint8Array): string | { readonly b64: string } {
  return textOf(bytes) ?? { b64: Buffer.from(bytes).toString('base64') };
}

/** One line of a terminal: nothing in stored data may move the cursor or colour the screen. */
export function cellOf(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text === null) return `b64:${Buffer.from(bytes).toString('base64')}`;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
