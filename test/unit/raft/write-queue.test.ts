import { describe, expect, test } from 'vitest';
import { WriteQueue } from '../../../src/raft/write-queue.ts';

const HARD_STATE = { term: 1, votedFor: null };

describe('an acknowledgement of the disk', () => {
  test('counts for its write and for every write before it', () => {
    const writes = new WriteQueue(HARD_STATE, 0);
    for (const lastIndex of [1, 2, 3]) writes.issue(HARD_STATE, lastIndex, 0);
    writes.acknowledge(2);
    expect(writes.durable.index).toBe(2);
    expect(writes.inFlight).toBe(1);
    writes.acknowledge(3);
    expect(writes.durable.index).toBe(3);
    expect(writes.inFlight).toBe(0);
  });

  test('says nothing of what was issued after its write', () => {
    const writes = new WriteQueue(HARD_STATE, 0);
    writes.issue(HARD_STATE, 4, 0);
    writes.issue({ term: 2, votedFor: null }, 9, 0);
    writes.acknowledge(1);
    expect(writes.durable).toEqual({ ...HARD_STATE, index: 4 });
  });
});
