/** What each key was after each change of it, so that any revision can be read. Nothing is ever forgotten. */
import type { Bytes, KeyRange, KvRecord } from '../../../kv/operation.ts';
import { bytesText, keysInRange } from '../text.ts';

/** A state of the store that can be read. */
export interface Readable {
  find(key: Bytes): KvRecord | null;
  /** Records of the range in the order of keys. */
  list(range: KeyRange): KvRecord[];
}

interface Version {
  readonly revision: number;
  /** Null: from then on it was gone. */
  readonly record: KvRecord | null;
}

export class Versions {
  /** Oldest first. */
  readonly #ofKey = new Map<string, Version[]>();

  add(text: string, revision: number, record: KvRecord | null): void {
    const versions = this.#ofKey.get(text);
    if (versions === undefined) this.#ofKey.set(text, [{ revision, record }]);
    else versions.push({ revision, record });
  }

  /** The key's newest version was none: its transaction failed. */
  takeBack(text: string): void {
    this.#ofKey.get(text)?.pop();
  }

  at(revision: number): Readable {
    return {
      find: (key) => this.#find(bytesText(key), revision),
      list: ({ start, end }) => {
        const keys = [...this.#ofKey.keys()].toSorted();
        const [from, to] = keysInRange(keys, bytesText(start), end === null ? null : bytesText(end));
        const records = keys.slice(from, to).map((text) => this.#find(text, revision));
        return records.filter((record) => record !== null);
      },
    };
  }

  #find(text: string, revision: number): KvRecord | null {
    const known = this.#ofKey.get(text)?.findLast((version) => version.revision <= revision);
    return known?.record ?? null;
  }
}
