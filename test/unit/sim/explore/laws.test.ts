import { expect, test } from 'vitest';
import type { Message } from '../../../../src/raft/index.ts';
import type { NodeState } from '../../../../src/sim/explore/automaton.ts';
import { EMPTY_DISK } from '../../../../src/sim/explore/explored-node.ts';
import { checkLogMatching, checkPromise, commit, elect, NOTHING } from '../../../../src/sim/explore/laws.ts';
import { nodeId } from '../../../property/raft/ids.ts';

const [A, B] = [nodeId('nodeA'), nodeId('nodeB')];

function node(log: readonly string[], seen: Partial<NodeState> = {}): NodeState {
  return {
    number: 0,
    id: A,
    fingerprint: '',
    term: 1,
    leads: false,
    openWrites: 0,
    committed: 0,
    last: { index: log.length, term: 1 },
    log,
    onDisk: log,
    origin: EMPTY_DISK,
    history: [],
    next: new Map(),
    ...seen,
  };
}

test('two leaders of one term are found, two leaders of two terms are fine', () => {
  const memory = elect(NOTHING, node(['1']), [1]);
  expect(() => elect(memory, node(['1']), [1])).toThrow('Election Safety');
  expect(elect(memory, node(['1']), [2]).led).toEqual([1, 2]);
});

test('a leader without a committed entry of an earlier term is found; one of an earlier term that is late is fine', () => {
  const memory = { led: [], committed: ['2'], committedIn: [2] };
  expect(() => elect(memory, node(['1']), [3])).toThrow('Leader Completeness');
  expect(elect(memory, node(['1']), [1]).led).toEqual([1]);
});

test('what is committed is committed once, and on the disks of a majority', () => {
  const nodes = [node(['1', '1=2']), node(['1']), node([])];
  expect(() => commit(NOTHING, node(['1', '1=2'], { committed: 2 }), nodes)).toThrow('majority');
  const memory = commit(NOTHING, node(['1', '1=2'], { committed: 1 }), nodes);
  expect(memory.committed).toEqual(['1']);
  expect(() => commit(memory, node(['2'], { committed: 1 }), nodes)).toThrow('State Machine Safety');
});

test('logs that share a place and differ before it, or in it, are found', () => {
  expect(() => checkLogMatching(['1', '1=1', '2'], ['1', '1=2', '2'])).toThrow('Log Matching');
  expect(() => checkLogMatching(['1', '1=1'], ['1', '1=2'])).toThrow('Log Matching');
  expect(() => checkLogMatching(['1', '1=1', '2'], ['1', '2', '3'])).not.toThrow();
});

test('a promise that is not on the disk is found', () => {
  const onDisk = { ...EMPTY_DISK, hardState: { term: 1, votedFor: B } };
  const reply = { type: 'voteReply', from: A, to: B, term: 1, granted: true } as const;
  const vote = {
    type: 'vote',
    from: A,
    to: B,
    term: 1,
    last: { index: 0, term: 0 },
    reason: 'election',
  } as const;
  const result = { accepted: true, match: 1 } as const;
  const ack: Message = { type: 'appendReply', from: A, to: B, term: 1, result, readSeq: 0, sentAt: 0 };
  expect(() => checkPromise(reply, onDisk)).not.toThrow();
  expect(() => checkPromise({ ...reply, term: 2 }, onDisk)).toThrow('a vote leaves');
  expect(() => checkPromise(vote, onDisk)).toThrow('a vote is asked for');
  expect(() => checkPromise(ack, onDisk)).toThrow('an acknowledgement');
});
