import { expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { fakeIo } from '../unit/cli/fake-io.ts';

async function sim(line: string) {
  const io = fakeIo();
  const code = await run(['sim', ...line.split(' ')], io);
  return { code, out: io.said.out(), err: io.said.err() };
}

test('a seed that holds ends with 0: as JSON a line for the seed and one for the whole', async () => {
  const { code, out } = await sim('--seed 4 --minutes 0.1 --twice -o json');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    { type: 'seed', seed: 4 },
    { type: 'summary', firstSeed: 4, seeds: 1, broken: 0 },
  ]);
  expect(code).toBe(0);
});

test('without faults, --trace tells the story on standard error and the table has no fault in it', async () => {
  const { out, err } = await sim('--seed 4 --minutes 0.1 --nodes 3 --only none --trace');
  expect(err).toContain('all is well from now on');
  expect(out).toContain('1, from 4 on; all held');
  expect(out).not.toContain('faults that met somebody');
});
