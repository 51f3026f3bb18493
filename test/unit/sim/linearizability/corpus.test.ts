import { describe, expect, it } from 'vitest';

import { checkBlackBox, checkWitness, judge } from '../../../../src/sim/linearizability/index.ts';
import { BAD_HISTORIES } from '../../../support/histories/all.ts';
import { parseDrawing } from '../../../support/histories/notation.ts';

const withLog = BAD_HISTORIES.filter(({ seenBy }) => seenBy !== 'search');

describe('known-bad histories', () => {
  it.each(BAD_HISTORIES)('the search judges: $law', ({ bad, good, seenBy }) => {
    expect(checkBlackBox(parseDrawing(bad).history).type).toBe(seenBy === 'witness' ? 'legal' : 'illegal');
    expect(checkBlackBox(parseDrawing(good).history)).toEqual({ type: 'legal' });
  });

  it.each(withLog)('the witness judges: $law', ({ bad, good }) => {
    expect(witnessed(bad).type).toBe('illegal');
    expect(witnessed(good)).not.toHaveProperty('violations');
  });

  it.each(withLog)('both together judge, and never contradict each other: $law', ({ bad, good }) => {
    expect(judged(bad).verdict).toBe('illegal');
    expect(judged(good)).toMatchObject({ verdict: 'legal', report: '' });
  });

  it('are at least forty, each of another law', () => {
    expect(new Set(BAD_HISTORIES.map(({ law }) => law)).size).toBe(BAD_HISTORIES.length);
    expect(BAD_HISTORIES.length).toBeGreaterThanOrEqual(40);
  });
});

function witnessed(drawing: string): ReturnType<typeof checkWitness> {
  const { history, log } = parseDrawing(drawing);
  return checkWitness(history, log ?? []);
}

function judged(drawing: string): ReturnType<typeof judge> {
  const { history, log } = parseDrawing(drawing);
  return judge(history, log ?? []);
}
