import { describe, expect, it } from 'vitest';
import { PlacedWrites } from '../../../src/server/placed-writes.ts';
import type { ReadRequest, WriteRequest } from '../../../src/server/requests.ts';
import { WaitingList } from '../../../src/server/waiting-list.ts';

function write(id: number): WriteRequest {
  const head = { connection: 1, id, deadline: 1_000, settled: false };
  return { kind: 'write', ...head, session: 0n, sequence: 0, operation: new Uint8Array(0), mayApply: true };
}

function read(id: number): ReadRequest {
  const head = { connection: 1, id, deadline: 1_000, settled: false };
  return { kind: 'read', ...head, level: 'local', minRevision: 9, query: { type: 'get', keys: [] } };
}

/** What becomes of writes, as words in order. */
function placedWrites(): { readonly placed: PlacedWrites; readonly told: string[] } {
  const told: string[] = [];
  const placed = new PlacedWrites({
    answered: ({ id }, term, reply) => told.push(`${id} answered ${reply.revision} in term ${term}`),
    lost: ({ id }) => told.push(`${id} lost`),
    missed: ({ id }) => told.push(`${id} missed`),
  });
  return { placed, told };
}

const noop = (index: number, term: number) => ({ kind: 'noop' as const, index, term });
const replies = [2, 3].map((revision) => ({ type: 'put' as const, revision, previous: null }));

describe('placed writes', () => {
  it('are answered by their ordinal once an entry of their term is applied at their index', () => {
    const { placed, told } = placedWrites();
    placed.add(write(1), 1, 5, 1);
    placed.add(write(2), 1, 5, 0);
    placed.applied(noop(4, 1), []);
    placed.applied(noop(5, 1), replies);
    expect(told).toEqual(['1 answered 3 in term 1', '2 answered 2 in term 1']);
  });

  it('are lost once an entry of another term is applied there, and not before (Raft §5.4.2, Figure 8)', () => {
    // n1 leads term 1 and has write 1 at 5; n2 leads term 2 and says that write 2 stands at 5, and dies; n1 leads
    // term 3 and commits its own 5 after all.
    const { placed, told } = placedWrites();
    placed.add(write(1), 1, 5, 0);
    placed.add(write(2), 2, 5, 0);
    expect(told).toEqual([]);
    placed.applied(noop(5, 1), replies);
    expect(told).toEqual(['1 answered 2 in term 1', '2 lost']);
  });

  it('that hear of their place too late are not guessed about', () => {
    const { placed, told } = placedWrites();
    placed.applied(noop(5, 1), []);
    placed.add(write(1), 1, 5, 0);
    expect(told).toEqual(['1 missed']);
  });
});

describe('a waiting list', () => {
  it('does not grow with requests that were settled while they waited', () => {
    const list = new WaitingList<ReadRequest>();
    const open = read(0);
    list.push(open);
    for (let id = 1; id <= 10_000; id += 1) {
      const request = read(id);
      list.push(request);
      request.settled = true;
    }
    expect(list.length).toBeLessThan(200);
    expect(list.takeAll()).toEqual([open]);
    expect(list.length).toBe(0);
  });
});
