import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { HARM_KINDS } from '../../../src/sim/index.ts';
import { breachText, replayCommand } from '../../../src/cli/sim/breach-report.ts';
import { drawPlan } from '../../../src/sim/index.ts';
import { fakeIo } from './fake-io.ts';

async function sim(line: string) {
  const io = fakeIo();
  const code = await run(['sim', ...line.split(' ')], io);
  return { code, out: io.said.out(), err: io.said.err() };
}

describe('what makes no sense is a usage error that says what would', () => {
  test.each([
    ['--faults crash,slow-disks', 'there is no fault "slow-disks"', 'slow-disk, '],
    ['--nodes 4', 'it is 3 or 5', 'quorate sim --help'],
    ['--minutes 0', 'it is a number from 0.1', 'quorate sim --help'],
    ['--until 10', 'it is a time like 90s, 10m or 2h', 'quorate sim --help'],
    ['--only 3', '--only speaks of the faults of one seed', 'give --seed'],
    ['--seed 1 --seeds 2 --only 3', '--only speaks of the faults of one seed', 'no --seeds'],
    ['--seed 1 --only 3;4', 'it is a list of numbers like 3,7,9, or none', 'quorate sim --help'],
    ['--seed 1 --minutes 0.2 --only 999', 'seed 1 has no fault 999', 'numbered from 0 to'],
  ])('quorate sim %s', async (line, sentence, hint) => {
    const { code, out, err } = await sim(line);
    expect(err).toContain(sentence);
    expect(err).toContain(hint);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('an unknown fault is answered with all that there are', async () => {
    const { err } = await sim('--faults nothing');
    for (const kind of HARM_KINDS) expect(err).toContain(kind.replaceAll(' ', '-'));
  });
});

test('the command that replays a breach draws the same plan, and leaves the same faults in', () => {
  const flags = { minutes: 0.5, nodes: 5, faults: ['slow disk', 'crash'] };
  expect(replayCommand(7, [2, 0], flags)).toBe(
    'quorate sim --seed 7 --minutes 0.5 --nodes 5 --faults slow-disk,crash --only 2,0',
  );
  expect(replayCommand(7, [], {})).toBe('quorate sim --seed 7 --only none');
});

test('a breach is told with its law, its faults as a table, its story, and how to replay it', () => {
  const plan = { ...drawPlan(1, { size: 3 }), faults: [] };
  const fault = { atMs: 1_500, forMs: 20, harm: { kind: 'sleep', whom: 1 } } as const;
  const breach = {
    seed: 1,
    law: 'election safety',
    message: 'election safety is broken by n2 at 1.0 ms: two leaders',
    plan: { ...plan, faults: [fault, fault, { ...fault, harm: { kind: 'sleep', whom: 'leader' } } as const] },
    places: [0, 2],
    runs: 4,
    replay: 'quorate sim --seed 1 --only 0,2',
    story: ['[      1.0] n2 leads'],
  };
  expect(breachText(breach)).toBe(`seed 1 broke: election safety
  election safety is broken by n2 at 1.0 ms: two leaders

2 of 3 faults are enough (3 nodes; found in 4 runs)
  #  FROM     FOR      FAULT  WHOM    PARTICULARS
  0  1.500 s  0.020 s  sleep  n2
  2  1.500 s  0.020 s  sleep  leader

the end of the story
  [      1.0] n2 leads

replay: quorate sim --seed 1 --only 0,2

`);
});
