import { describe, expect, it } from 'vitest';
import {
  append,
  command,
  commands,
  nodeId,
  openLogIn,
  readEntries,
  temporaryFolder,
  wholeLog,
  written,
} from './fixtures.ts';

describe('the durable log', () => {
  it('is empty in a new directory, and knows the genesis membership', async () => {
    const { log } = await openLogIn(await temporaryFolder());
    expect(log.recovered.last).toEqual({ index: 0, term: 0 });
    expect(log.recovered.hardState).toEqual({ term: 0, votedFor: null });
    expect(log.recovered.memberships).toHaveLength(1);
    expect(log.clusterTimeMs).toBe(0);
  });

  it('gives back entries, hard state and commit hint after it was closed and opened', async () => {
    const folder = await temporaryFolder();
    const { directory, log } = await openLogIn(folder);
    await written(
      log,
      append([{ kind: 'noop', index: 1, term: 3 }, ...commands(2, 50, 3)], { commitHint: 40 }),
    );
    await written(log, append(commands(51, 60, 5)));
    await directory.close();

    const { log: again } = await openLogIn(folder);
    expect(again.recovered.last).toEqual({ index: 60, term: 5 });
    expect(again.recovered.hardState).toEqual({ term: 5, votedFor: nodeId('n2') });
    expect(again.recovered.terms).toEqual([
      { from: 1, term: 3 },
      { from: 51, term: 5 },
    ]);
    expect(await wholeLog(again, 60)).toEqual([
      { kind: 'noop', index: 1, term: 3 },
      ...commands(2, 50, 3),
      ...commands(51, 60, 5),
    ]);
  });

  it('cuts inside a block and goes on from there', async () => {
    const folder = await temporaryFolder();
    const { directory, log } = await openLogIn(folder);
    await written(log, append(commands(1, 20, 1)));
    await written(log, append(commands(21, 40, 1)));
    await written(log, append(commands(15, 16, 2), { truncateFrom: 15 }));
    expect(await wholeLog(log, 16)).toEqual([...commands(1, 14, 1), ...commands(15, 16, 2)]);
    await directory.close();
    const { log: again } = await openLogIn(folder);
    expect(again.recovered.last).toEqual({ index: 16, term: 2 });
    expect(await readEntries(again, 14, 16)).toEqual([command(14, 1, 'entry 14/1'), ...commands(15, 16, 2)]);
  });
});
