/** The words of one operation, taken from the front, or from the back. */
export class Words {
  readonly #words: string[];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.#words = text.split(/\s+/u).filter((word) => word !== '');
  }

  peek(): string {
    return this.#words[0] ?? '';
  }

  rest(): readonly string[] {
    return this.#words;
  }

  take(): string {
    const word = this.#words.shift();
    if (word === undefined) throw new Error(`something is missing at the end of: ${this.#text}`);
    return word;
  }

  takeIf(word: string): boolean {
    if (this.peek() !== word) return false;
    this.#words.shift();
    return true;
  }

  skip(word: string): this {
    if (!this.takeIf(word)) throw new Error(`no "${word}" where it should be in: ${this.#text}`);
    return this;
  }

  number(): number {
    const number = Number(this.take());
    if (!Number.isInteger(number)) throw new Error(`no number where one should be in: ${this.#text}`);
    return number;
  }

  /** The group of the last word if it matches. */
  takeLast(pattern: RegExp): string | null {
    const found = pattern.exec(this.#words.at(-1) ?? '')?.[1] ?? null;
    if (found !== null) this.#words.pop();
    return found;
  }

  drain(): string[] {
    return this.#words.splice(0);
  }
}
