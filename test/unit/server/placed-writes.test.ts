import { expect, it } from 'vitest';
import { PlacedWrites } from '../../../src/server/placed-writes.ts';
import type { WriteRequest } from '../../../src/server/requests.ts';

function request(id: number): WriteRequest {
  const operation = new Uint8Array(0);
  const head = { kind: 'write' as const, connection: 1, id, deadline: 0, settled: false };
  return { ...head, session: 0n, sequence: 0, operation, mayApply: true };
}

function placedWrites(): { readonly placed: PlacedWrites; readonly told: string[] } {
  const told: string[] = [];
  const placed = new PlacedWrites({
    answered: ({ id }, term) => told.push(`${id} answered in term ${term}`),
    lost: ({ id }) => told.push(`${id} lost`),
    missed: ({ id }) => told.push(`${id} missed`),
  });
  return { placed, told };
}

const REPLY = { type: 'increment' as const, revision: 2, value: 1n };

it('keeps a write whose place a later term took: the older entry may still be the one that commits (Figure 8)', () => {
  const { placed, told } = placedWrites();
  placed.add(request(1), 2, 5, 0);
  placed.add(request(2), 3, 5, 0);
  expect(told).toEqual([]);
  placed.applied({ kind: 'command', index: 5, term: 2, data: new Uint8Array(0) }, [REPLY]);
  expect(told).toEqual(['1 answered in term 2', '2 lost']);
});

it('calls a write lost only when another term is applied in its place', () => {
  const { placed, told } = placedWrites();
  placed.add(request(1), 2, 5, 0);
  placed.applied({ kind: 'noop', index: 5, term: 3 }, []);
  expect(told).toEqual(['1 lost']);
});

it('cannot tell what became of a write whose place was applied before it was known', () => {
  const { placed, told } = placedWrites();
  placed.applied({ kind: 'noop', index: 5, term: 3 }, []);
  placed.add(request(1), 3, 5, 0);
  expect(told).toEqual(['1 missed']);
});
