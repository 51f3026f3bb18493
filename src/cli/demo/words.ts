import { QuorateError } from '../../server/terms.ts';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

/**
 * A line of the demo's shell as words, quoted as in sh:
 *
 *   put a 'b c'      put · a · b c
 *   put a "b\n\"c"   put · a · b⏎"c      (\n \t \r \0, and any other character as itself)
 *   put a b\ c       put · a · b c
 *   # comment        (nothing)
 */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quote !== null) {
      if (character === quote) quote = null;
      else if (character === '\\' && quote === '"') {
        at += 1;
        word = (word ?? '') + unescaped(line.charAt(at));
      } else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\') {
      at += 1;
      word = (word ?? '') + line.charAt(at);
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === '#' && word === null) {
      break;
    } else word = (word ?? '') + character;
  }
  if (quote !== null) {
    throw new QuorateError('INVALID_ARGUMENT', `the quote ${quote} is not closed`, {
      details: { hint: `a quote as itself is written \\${quote}` },
    });
  }
  if (word !== null) words.push(word);
  return words;
}

function unescaped(character: string): string {
  return ESCAPES[character] ?? character;
}
