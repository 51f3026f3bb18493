/** A seeded generator (mulberry32): the same seed gives the same history, byte for byte. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 0x9e3779b1) >>> 0;
  }

  readonly uint32 = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };

  /** A whole number in [low, high]. */
  between(low: number, high: number): number {
    return low + (this.uint32() % (high - low + 1));
  }

  chance(percent: number): boolean {
    return this.uint32() % 10_000 < percent * 100;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.uint32() % choices.length];
    if (choice === undefined) throw new Error('nothing to pick from');
    return choice;
  }
}
