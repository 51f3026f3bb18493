import { describe, expect, it } from 'vitest';

import {
  checkBlackBox,
  checkWitness,
  judge,
  MalformedHistory,
} from '../../../../src/sim/linearizability/index.ts';
import type { History } from '../../../../src/sim/linearizability/index.ts';
import { parseDrawing } from '../../../support/histories/notation.ts';

describe('a refutation', () => {
  it('names the key, the shortest prefix, what could be placed and what could not', () => {
    const { history } = parseDrawing(`
      a    [put x=1 @2] [put x=2 @3]                      [put x=3 @4]
      b    [put y=1 @5]              [get x=1]
      c                              [get x=2]`);

    expect(checkBlackBox(history)).toMatchObject({
      type: 'illegal',
      refutation: {
        keys: ['x'],
        untilMs: 45,
        blocked: { client: 'b', callId: 5 },
        report: [
          'Not linearizable: key "x".',
          'The shortest prefix that is illegal ends at 45 ms. The farthest that any order comes:',
          '    [11 … 22] a #1  put x = 1 → revision 2',
          '    [24 … 35] a #2  put x = 2 → revision 3',
          '    [37 … 45] c #6  get x → x = 2, linearizable at revision not stated',
          '  Then: x = "2" (version 2, revision 3).',
          '  This answer is nowhere possible:',
          '    [37 … 45] b #5  get x → x = 1, linearizable at revision not stated',
        ].join('\n'),
      },
    });
  });

  it('is of one group of keys: what no operation ties together is judged apart', () => {
    const { history } = parseDrawing(`
      a    [put x=1]           [put y=1]
      b              [get y=1]`);

    expect(checkBlackBox(history)).toMatchObject({ refutation: { keys: ['y'] } });
  });
});

describe('a place in the log that an unknown write was called too late for', () => {
  it('of a compaction is the leader’s own, which compacts to where a client wants it later', () => {
    const { history, log } = parseDrawing(`
      a    [put x=1 @2] [put x=2 @3] [put y=1 @4] [compact 2 …)
      log  put x=1; put x=2; compact 2; put y=1`);
    expect(checkWitness(history, log ?? []).type).toBe('legal');
  });

  it('of any other write is an order that cannot be', () => {
    const { history, log } = parseDrawing(`
      a    [put x=1 @2] [put x=2 @3] [put y=1 @5] [put z=1 …)
      log  put x=1; put x=2; put z=1; put y=1`);
    expect(checkWitness(history, log ?? [])).toMatchObject({
      type: 'illegal',
      violations: [{ law: 'real-time order' }],
    });
  });
});

const hint = ({ callId }: { readonly callId: number }): number => -callId;

describe('a verdict', () => {
  const { history } = parseDrawing(`
      a    [put x=1 …)
      b    [put x=2 …)
      c                [get x=1 @2] [get x=2 @3] [get x=1 @4]`);

  it('is unknown when the budget has run out, for the search and for both', () => {
    expect(checkBlackBox(history, { stepsMax: 5 })).toEqual({
      type: 'unknown',
      keys: ['x'],
      operationCount: 5,
    });
    const { history: good, log } = parseDrawing('a [put x=1 @2]\nlog put x=1');
    expect(judge(good, log ?? [], { stepsMax: 0 })).toMatchObject({
      verdict: 'unknown',
      report: 'The search gave up on 1 operations on "x".',
    });
  });

  it('does not depend on a hint, be it the worst', () => {
    expect(checkBlackBox(history, { hint }).type).toBe('illegal');
    expect(checkBlackBox(history.slice(0, 4), { hint }).type).toBe('legal');
  });

  it('tells records apart that only their creation tells apart', () => {
    // The order tried first, by time of return, ends in the same record but for the change that created it.
    const { history: open } = parseDrawing(`
      a    [put x=1 @2     ]
      b     [put x=2 @3     ]
      c      [del x 1 @4     ]
      d       [put x=3 @5     ]
      e                         [get x=3:r5v2c2 @5]`);

    expect(checkBlackBox(open)).toEqual({ type: 'legal' });
  });

  it('of the two checkers together shows both views', () => {
    const { history: stale, log } = parseDrawing(`
      a    [put x=1 @2] [put x=2 @3] [get x=1 @2]
      log  put x=1; put x=2`);

    const { report } = judge(stale, log ?? []);
    expect(report).toContain('real-time order: [37 … 48] a #3  get x → x = 1, linearizable at revision 2');
    expect(report).toContain('Not linearizable: key "x".');
  });
});

describe('a history that its recorder spoiled is refused, not judged', () => {
  const put = {
    type: 'put',
    key: Uint8Array.of(1),
    value: Uint8Array.of(1),
    conditions: [],
    returnPrevious: false,
  } as const;
  const call = (callId: number, callMs: number, returnMs: number): History[number] => ({
    type: 'write',
    client: 'a',
    callId,
    callMs,
    returnMs,
    operation: put,
    outcome: returnMs === Infinity ? { type: 'unknown' } : { type: 'failed' },
  });

  it.each<[string, History]>([
    ['call 1 of client a stands there twice', [call(1, 0, 1), call(1, 2, 3)]],
    ['call 2 of client a began while call 1 of client a was open', [call(1, 0, 5), call(2, 4, 9)]],
    ['call 1 of client a was called at 3 and returned at 2', [call(1, 3, 2)]],
    ['call 1 of client a was called at NaN', [call(1, Number.NaN, 2)]],
    [
      'is of unknown outcome, so it must end at Infinity',
      [{ ...call(1, 0, 1), outcome: { type: 'unknown' } }],
    ],
  ])('%s', (message, history) => {
    expect(() => checkBlackBox(history)).toThrow(MalformedHistory);
    expect(() => checkWitness(history, [])).toThrow(message);
  });

  it('but a client that gave up may go on', () => {
    expect(checkBlackBox([call(1, 0, Infinity), call(2, 0, 0), call(3, 0, 5)])).toEqual({ type: 'legal' });
  });

  it('and of two calls at one moment the one that ended there was first, however they are listed', () => {
    expect(checkBlackBox([call(3, 0, 5), call(2, 0, 0), call(1, 0, Infinity)])).toEqual({ type: 'legal' });
  });

  it('the witness needs revisions', () => {
    const { history } = parseDrawing('a [put x=1]');
    expect(() => checkWitness(history, [])).toThrow(/the witness needs the revision of every reply/u);
  });
});

describe('the witness', () => {
  it('gives what nobody saw to the call that came first, in whatever order they are listed', () => {
    const { history, log } = parseDrawing(`
      a    [put x=1 …)
      b                  [put y=1 @3]
      c                                  [put x=1 …)
      log  put x=1; put y=1; put x=1`);

    expect(checkWitness(history.toReversed(), log ?? [])).toMatchObject({ type: 'legal' });
  });

  it.each([
    ['an index that comes again', '3/1 put x=1; 3/1 put x=2'],
    ['a term that goes back', '3/2 put x=1; 4/1 put x=2'],
  ])('does not believe a log with %s', (_, log) => {
    const drawn = parseDrawing(`
      a    [put x=1 @2] [put x=2 @3]
      log  ${log}`);

    expect(checkWitness(drawn.history, drawn.log ?? [])).toMatchObject({
      type: 'illegal',
      violations: [{ law: 'log in order' }],
    });
  });

  it('does not believe a log whose cluster time goes back', () => {
    const { history, log } = parseDrawing(`
      a    [put x=1 @2] [put x=2 @3]
      log  put x=1; put x=2`);
    const back = (log ?? []).map((entry, at) => ({ ...entry, clusterTimeMs: 9 - at }));

    expect(checkWitness(history, back)).toMatchObject({
      type: 'illegal',
      violations: [{ law: 'log in order' }],
    });
  });
});
