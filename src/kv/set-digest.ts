/**
 * The hash of a set: the sum of the hashes of its members, lane by lane. Adding and subtracting commute, so it depends
 * on what is there, not on the order in which it came nor on what was there before (DESIGN 10; AdHash, Bellare and
 * Micciancio 1997).
 */
import type { Lanes } from './murmur128.ts';

export class SetDigest implements Lanes {
  a = 0;
  b = 0;
  c = 0;
  d = 0;

  add(hash: Lanes): void {
    this.a = (this.a + hash.a) | 0;
    this.b = (this.b + hash.b) | 0;
    this.c = (this.c + hash.c) | 0;
    this.d = (this.d + hash.d) | 0;
  }

  /** As the member at a place of an order: odd factors lose no bit, and each place has its own. */
  addWeighted({ a, b, c, d }: Lanes, place: number): void {
    const factor = 2 * place + 1;
    this.a = (this.a + Math.imul(a, factor)) | 0;
    this.b = (this.b + Math.imul(b, factor)) | 0;
    this.c = (this.c + Math.imul(c, factor)) | 0;
    this.d = (this.d + Math.imul(d, factor)) | 0;
  }

  set({ a, b, c, d }: Lanes): void {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  subtract(hash: Lanes): void {
    this.a = (this.a - hash.a) | 0;
    this.b = (this.b - hash.b) | 0;
    this.c = (this.c - hash.c) | 0;
    this.d = (this.d - hash.d) | 0;
  }

  /** 32 lower-case hex digits. */
  print(): string {
    return [this.a, this.b, this.c, this.d].map(hexWord).join('');
  }
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
