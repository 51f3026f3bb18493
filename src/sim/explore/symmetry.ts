import type { NodeId } from '../../raft/index.ts';
import type { Automaton } from './automaton.ts';
import type { GlobalState } from './global-state.ts';

/**
 * Names do not matter: states that differ by a renaming of nodes are one. A state's key is the smallest among those
 * of all its renamings. It is a 53-bit hash: at ten million states, two share one with a chance of 1 in 200.
 */
export class Symmetry {
  readonly #automaton: Automaton;
  readonly #renamings: readonly Renaming[];
  readonly #rests = new Map<string, Hash>();

  constructor(automaton: Automaton, ids: readonly NodeId[]) {
    this.#automaton = automaton;
    this.#renamings = permutations(ids).map((to) => new Renaming(ids, to));
  }

  keyOf(state: GlobalState): number {
    const rest = this.#restOf(state);
    let key = Infinity;
    for (const renaming of this.#renamings) key = Math.min(key, this.#keyOf(state, renaming, rest));
    return key;
  }

  /** Sums, since neither nodes nor messages have an order. */
  #keyOf({ nodes, flying }: GlobalState, renaming: Renaming, rest: Hash): number {
    let { high, low } = rest;
    for (const node of nodes) {
      const hash = renaming.node(node.number) ?? renaming.learnNode(node.number, node.fingerprint);
      high = (high + hash.high) | 0;
      low = (low + hash.low) | 0;
    }
    for (const number of flying) {
      const hash =
        renaming.message(number) ?? renaming.learnMessage(number, this.#automaton.messageText(number));
      high = (high + hash.high) | 0;
      low = (low + hash.low) | 0;
    }
    return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
  }

  /** What no renaming changes. */
  #restOf({ left, memory }: GlobalState): Hash {
    const text = `${left.join()} ${memory.led.join()} ${memory.committed.join()} ${memory.committedIn.join()}`;
    const known = this.#rests.get(text);
    if (known !== undefined) return known;
    const hash = hashOf(text);
    this.#rests.set(text, hash);
    return hash;
  }
}

/** Hashes of node states and messages as they read after the renaming; each worked out once. */
class Renaming {
  readonly #rename: (text: string) => string;
  readonly #nodes: Hash[] = [];
  readonly #messages: Hash[] = [];

  constructor(from: readonly NodeId[], to: readonly NodeId[]) {
    const names = new Map(from.map((id, at) => [String(id), String(to[at])]));
    this.#rename = (text) => text.replaceAll(/\bnode[A-Z]\b/gu, (name) => names.get(name) ?? name);
  }

  node(number: number): Hash | undefined {
    return this.#nodes[number];
  }

  message(number: number): Hash | undefined {
    return this.#messages[number];
  }

  learnNode(number: number, text: string): Hash {
    const hash = hashOf(inOrder(this.#rename(text)));
    this.#nodes[number] = hash;
    return hash;
  }

  learnMessage(number: number, text: string): Hash {
    const hash = hashOf(this.#rename(text));
    this.#messages[number] = hash;
    return hash;
  }
}

/** Lists by node stand in the order of ids; a renaming that swaps two ids must swap their places too. */
function inOrder(text: string): string {
  return JSON.stringify(ordered(JSON.parse(text)));
}

function ordered(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map(ordered);
  if (!items.every((item) => Array.isArray(item) && isNodeName(firstOf(item)))) return items;
  return items.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? firstOf(value[0]) : value;
}

function isNodeName(value: unknown): boolean {
  return typeof value === 'string' && /^node[A-Z]$/u.test(value);
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, at) =>
    permutations(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]),
  );
}

interface Hash {
  readonly high: number;
  readonly low: number;
}

/** cyrb53 (public domain, bryc): two 32-bit lanes, mixed. */
function hashOf(text: string): Hash {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return { high, low };
}
