import { describe, expect, test } from 'vitest';

import { bootstrapStep, NOT_STARTED } from '../../../src/server/bootstrap.ts';
import type { Bootstrap, BootstrapAction, BootstrapInput } from '../../../src/server/bootstrap.ts';
import type { Genesis } from '../../../src/wire/peer-protocol.ts';

const VOTERS = ['a', 'b', 'c'];

function fresh(nodeId: string): { nodeId: string; incarnation: string; clusterId: null } {
  return { nodeId, incarnation: `of ${nodeId}`, clusterId: null };
}

function up(nodeId: string): BootstrapInput {
  return { type: 'linkUp', hello: fresh(nodeId) };
}

describe('step by step, a node', () => {
  const genesis: Genesis = {
    clusterId: 'drawn',
    clusterName: 'same',
    voters: VOTERS.map((id) => ({ id, incarnation: `of ${id}` })),
  };

  /** Feeds one input after the other to `nodeId`; returns what it was told to do each time. */
  function feed(nodeId: string, ...inputs: readonly BootstrapInput[]): (readonly BootstrapAction[])[] {
    const self = { nodeId, incarnation: `of ${nodeId}`, clusterName: 'same', voters: VOTERS };
    let state: Bootstrap = NOT_STARTED;
    return inputs.map((input) => {
      const next = bootstrapStep(self, state, input, 'drawn');
      state = next.state;
      return next.actions;
    });
  }

  const start: BootstrapInput = { type: 'start', stored: null };

  test('that founds announces and stores first, sends and votes only when that is durable', () => {
    expect(feed('a', start, up('b'), up('c'), { type: 'stored' })).toEqual([
      [],
      [],
      [
        { type: 'announce', genesis },
        { type: 'store', genesis },
      ],
      [
        { type: 'founded', genesis },
        { type: 'send', peer: 'b', genesis },
        { type: 'send', peer: 'c', genesis },
      ],
    ]);
  });

  test('does not count a peer that has gone, or that has a cluster', () => {
    expect(feed('a', start, up('b'), { type: 'linkDown', peer: 'b' }, up('c')).flat()).toEqual([]);
    const member: BootstrapInput = { type: 'linkUp', hello: { ...fresh('c'), clusterId: 'other' } };
    expect(feed('a', start, up('b'), member).flat()).toEqual([]);
  });

  test('that is not the smallest does not draw', () => {
    expect(feed('b', start, up('a'), up('c')).flat()).toEqual([]);
  });

  test('that has a record starts with it, and sends it to whom it names and who has none', () => {
    const wiped: BootstrapInput = { type: 'linkUp', hello: { ...fresh('c'), incarnation: 'new' } };
    const member: BootstrapInput = { type: 'linkUp', hello: { ...fresh('a'), clusterId: 'drawn' } };
    expect(feed('b', { type: 'start', stored: genesis }, up('a'), wiped, member)).toEqual([
      [
        { type: 'announce', genesis },
        { type: 'founded', genesis },
      ],
      [{ type: 'send', peer: 'a', genesis }],
      [],
      [],
    ]);
  });

  const named = (id: string, incarnation: string): Genesis => ({
    ...genesis,
    voters: genesis.voters.map((voter) => (voter.id === id ? { id, incarnation } : voter)),
  });

  test.each<[string, Genesis, string]>([
    ['another directory of its own', named('b', 'new'), 'INCARNATION_FENCED'],
    ['another directory of the sender', named('a', 'new'), 'INCARNATION_FENCED'],
    ['another cluster name', { ...genesis, clusterName: 'other' }, 'WRONG_CLUSTER'],
    ['fewer voters', { ...genesis, voters: genesis.voters.slice(0, 2) }, 'WRONG_CLUSTER'],
    [
      'another voter',
      { ...genesis, voters: [...genesis.voters.slice(0, 2), { id: 'd', incarnation: 'of d' }] },
      'WRONG_CLUSTER',
    ],
  ])('does not take a record with %s', (_, record, code) => {
    expect(feed('b', start, up('a'), { type: 'genesis', from: 'a', genesis: record })[2]).toEqual([
      expect.objectContaining({ type: 'reject', from: 'a', code }),
    ]);
  });

  test('keeps its record: the same one again changes nothing, another one is refused', () => {
    const other = { ...genesis, clusterId: 'other' };
    const [, , taken, again, refused] = feed(
      'b',
      start,
      up('a'),
      { type: 'genesis', from: 'a', genesis },
      { type: 'genesis', from: 'a', genesis },
      { type: 'genesis', from: 'a', genesis: other },
    );
    expect(taken?.map(({ type }) => type)).toEqual(['announce', 'store']);
    expect(again).toEqual([]);
    expect(refused).toEqual([expect.objectContaining({ type: 'reject', code: 'WRONG_CLUSTER' })]);
  });
});
