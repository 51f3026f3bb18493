import { expect, test } from 'vitest';
import { Narrator } from '../../../../src/sim/narrate/narrator.ts';
import { allStart } from '../laws/law-case.ts';
import { History } from '../laws/history.ts';

test('an election, an entry and a crash read like a story', () => {
  const history = allStart(new History())
    .writes('n1', { term: 1, vote: 'n1' })
    .turns('n1', { role: 'candidate', term: 1, vote: 'n1' })
    .syncs('n1')
    .asksVote('n1', 'n2', 1)
    .asksVote('n1', 'n3', 1)
    .turns('n1', { role: 'candidate', term: 1, vote: 'n1' })
    .writes('n2', { term: 1, vote: 'n1' })
    .syncs('n2')
    .grantsVote('n2', 'n1', 1)
    .turns('n2', { term: 1, vote: 'n1' })
    .appends('n1', 'n2', 1, { log: '1@1' })
    .appends('n1', 'n3', 1, { log: '1@1' })
    .writes('n1', { log: '1@1' })
    .leads('n1', 1)
    .appends('n1', 'n2', 1, { after: '1@1' })
    .acknowledges('n2', 'n1', 1, 1)
    .turns('n2', { term: 1, vote: 'n1', leader: 'n1' })
    .applies('n1', '1@1')
    .leads('n1', 1, { committed: 1 })
    .ends('n1');
  expect(storyOf(history)).toEqual([
    '[      0.0] n1 * starts with term 0, no vote, log up to 0@0',
    '[      1.0] n2 * starts with term 0, no vote, log up to 0@0',
    '[      2.0] n3 * starts with term 0, no vote, log up to 0@0',
    '[      4.0] n1 > writes #1: term 1, vote for n1, is a candidate in term 1',
    '[      8.0] n1 > has #1 on disk -> asks n2, n3 for a vote in term 1',
    '[     10.0] n2 > writes #1: term 1, vote for n1',
    '[     12.0] n2 > has #1 on disk -> grants its vote to n1 in term 1, follows nobody in term 1',
    '[     16.0] n1 > sends n2, n3 1@1 after 0@0, commit 0, writes #2: 1@1, leads term 1',
    '            ... 1 beats and answers to them',
    '[     19.0] n2 > follows n1 in term 1',
    '            ... 1 beats and answers to them',
    '[     21.0] n1 > knows 1 to be committed, applies 1',
    '[     22.0] n1 ! ends',
  ]);
});

test('a node says why it refuses', () => {
  const refused = new History()
    .starts('n2', { term: 2, vote: 'n2', log: '1@1 2@2' })
    .asksVote('n1', 'n2', 1)
    .asksVote('n1', 'n2', 2)
    .asksVote('n1', 'n2', 3)
    .appends('n1', 'n2', 2, { after: '3@2', log: '4@2' });
  const reasons = storyOf(refused, true).slice(1).join('\n');
  expect(reasons).toContain('hears that n1 asks it for a vote in term 1: an old term, mine is 2');
  expect(reasons).toContain('asks it for a vote in term 2: I have voted for n2');
  expect(reasons).toContain('asks it for a vote in term 3: its log ends at 0@0, mine at 2@2');
  expect(reasons).toContain('sends it 4@2 after 3@2, commit 0: I have nothing there');
});

/** Observation k happens at k ms; with `hearing`, every message is heard when it is sent. */
function storyOf({ observations }: History, hearing = false): readonly string[] {
  const lines: string[] = [];
  const narrator = new Narrator((line) => lines.push(line));
  for (const [at, observation] of observations.entries()) {
    narrator.observe(observation, at);
    if (hearing && observation.type === 'sent') narrator.heard(observation.message, at);
  }
  narrator.end(observations.length);
  return lines;
}
