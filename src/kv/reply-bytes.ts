/**
 * A reply as bytes, for its hash and its size: a tag, then the value; lists and objects behind their length, the fields
 * of an object in the order of their names, so that it does not matter how the object was made.
 */
import { InvariantError } from './assert.ts';

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  bigint: 4,
  string: 5,
  bytes: 6,
  list: 7,
  object: 8,
} as const;
const FIRST_BYTES = 1_024;

export class ReplyBytes {
  #view = new DataView(new ArrayBuffer(FIRST_BYTES));
  #length = 0;

  /** Valid until the next call of `write`. */
  get view(): DataView {
    return this.#view;
  }

  get length(): number {
    return this.#length;
  }

  /** Of plain data: what replies are made of, and nothing else. */
  write(value: unknown): void {
    this.#length = 0;
    this.#value(value);
  }

  #value(value: unknown): void {
    if (value === null) this.#byte(TAG.null);
    else if (typeof value === 'boolean') this.#byte(value ? TAG.true : TAG.false);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#bigint(value);
    else if (typeof value === 'string') this.#string(value);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (typeof value === 'object') this.#members(value);
    else throw new InvariantError(`a reply holds no ${typeof value}`);
  }

  #members(value: object): void {
    if (Array.isArray(value)) {
      this.#head(TAG.list, value.length);
      for (const member of value) this.#value(member);
      return;
    }
    const names = Object.keys(value).toSorted();
    this.#head(TAG.object, names.length);
    for (const name of names) {
      this.#string(name);
      this.#value(Reflect.get(value, name));
    }
  }

  #number(value: number): void {
    const at = this.#tagged(TAG.number, 8);
    this.#view.setFloat64(at, value, true);
  }

  #bigint(value: bigint): void {
    const at = this.#tagged(TAG.bigint, 8);
    this.#view.setBigInt64(at, value, true);
  }

  #string(value: string): void {
    this.#head(TAG.string, value.length);
    const at = this.#take(2 * value.length);
    for (let i = 0; i < value.length; i += 1) this.#view.setUint16(at + 2 * i, value.charCodeAt(i), true);
  }

  #bytes(value: Uint8Array): void {
    this.#head(TAG.bytes, value.length);
    const at = this.#take(value.length);
    new Uint8Array(this.#view.buffer).set(value, at);
  }

  #head(tag: number, length: number): void {
    const at = this.#tagged(tag, 4);
    this.#view.setUint32(at, length, true);
  }

  #byte(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  /** Room is made before anything is written: `#view` is another one afterwards. Where the `count` bytes behind the tag begin. */
  #tagged(tag: number, count: number): number {
    const at = this.#take(1 + count);
    this.#view.setUint8(at, tag);
    return at + 1;
  }

  #take(count: number): number {
    const at = this.#length;
    this.#length = at + count;
    if (this.#length > this.#view.byteLength) this.#grow();
    return at;
  }

  #grow(): void {
    const buffer = new Uint8Array(2 * this.#length);
    buffer.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(buffer.buffer);
  }
}
