const PRIME_A = 0x01000193;
const PRIME_B = 0x85ebca6b;

/** One number for a whole history: two runs that ever differed have different ones (up to collision). */
export class TraceHash {
  #a = 0x811c9dc5;
  #b = 0x9e3779b9;

  text(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#take(text.charCodeAt(at));
    this.#take(0xffff);
  }

  /** Whole numbers and fractions alike. */
  number(value: number): void {
    this.#take(value >>> 0);
    this.#take(Math.floor(value / 2 ** 32) >>> 0);
    this.#take(((value - Math.floor(value)) * 2 ** 32) >>> 0);
  }

  bytes(bytes: Uint8Array): void {
    // As `#take` does, on locals: every frame of a history goes through here.
    let a = this.#a;
    let b = this.#b;
    for (const byte of bytes) {
      a = Math.imul(a ^ byte, PRIME_A);
      b = Math.imul(b ^ byte ^ (a >>> 15), PRIME_B);
    }
    this.#a = a;
    this.#b = b;
    this.#take(bytes.length);
  }

  /** 16 lower-case hex digits. */
  hex(): string {
    return [this.#a, this.#b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Two lanes of FNV-1a, of which the second is stirred by the first. */
  #take(word: number): void {
    this.#a = Math.imul(this.#a ^ word, PRIME_A);
    this.#b = Math.imul(this.#b ^ word ^ (this.#a >>> 15), PRIME_B);
  }
}
