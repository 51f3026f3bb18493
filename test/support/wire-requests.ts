import type { Operation, Query } from '../../src/kv/operation.ts';

/** Requests as the wire has them, for tests that speak to one node. */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function put(key: string, value: string): Operation {
  return {
    type: 'put',
    key: encoder.encode(key),
    value: encoder.encode(value),
    conditions: [],
    returnPrevious: false,
  };
}

export function increment(key: string): Operation {
  return { type: 'increment', key: encoder.encode(key), by: 1n };
}

export function get(key: string): Query {
  return { type: 'get', keys: [encoder.encode(key)] };
}

/** The one value that a `get` of one key found. */
export function valueIn(answer: { readonly result: unknown }): string | null {
  const { result } = answer;
  if (!isGetResult(result)) throw new Error('not the answer to a get');
  const [found] = result.records;
  return found ? decoder.decode(found.value) : null;
}

function isGetResult(
  result: unknown,
): result is { readonly records: readonly ({ readonly value: Uint8Array } | null)[] } {
  return typeof result === 'object' && result !== null && 'type' in result && result.type === 'get';
}
