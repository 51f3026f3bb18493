import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply, EMPTY, modelOf, stepAt, writeFor } from './model.ts';
import { buildChild, startChild } from './child.ts';
import { openFolder, openLogIn, refusal, temporaryFolder } from '../../unit/storage/fixtures.ts';
import { append, commands, written } from '../../unit/storage/log-calls.ts';

describe('two processes', () => {
  it('do not open the same directory, nor does one process twice', async () => {
    const program = await buildChild(await temporaryFolder());
    const folder = await temporaryFolder();
    const { directory } = await openLogIn(folder);
    expect(await startChild(program, 'open', folder).next()).toBe('DATA_LOCKED');
    expect(await refusal(openFolder(folder))).toBe('DATA_LOCKED');
    await directory.close();
    expect(await startChild(program, 'open', folder).next()).toBe('open');
  });

  it('do not both go on when somebody removed the lock: the first acknowledges nothing more', async () => {
    const program = await buildChild(await temporaryFolder());
    const folder = await temporaryFolder();
    const { directory, log } = await openLogIn(folder);
    await written(log, append(commands(1, 5, 1)));
    await rm(path.join(folder, 'log', 'LOCK'));
    expect(await startChild(program, 'open', folder).next()).toBe('open');
    expect(await refusal(written(log, append(commands(6, 9, 1))))).toBe('DATA_LOCKED');
    expect(await refusal(written(log, append(commands(6, 9, 1))))).toBe('DATA_LOCKED');
    await directory.close();
  });
});

describe('kill -9 in the middle of a write', () => {
  it('leaves every acknowledged write, and of the next one all or nothing', async () => {
    const program = await buildChild(await temporaryFolder());
    const folder = await temporaryFolder();
    let model = EMPTY;
    let seq = 1;
    for (const acknowledgements of [1, 2, 40, 3, 17, 90, 5, 30]) {
      const child = startChild(program, 'write', folder, String(seq));
      expect(await child.next()).toBe('open');
      for (let i = 0; i < acknowledgements; i++) {
        expect(await child.next()).toBe(String(seq));
        model = apply(model, writeFor(model, stepAt(seq), seq));
        seq += 1;
      }
      await child.kill();
      for (let said = await child.next(); said !== null; said = await child.next()) {
        expect(said).toBe(String(seq));
        model = apply(model, writeFor(model, stepAt(seq), seq));
        seq += 1;
      }
      const { directory, log } = await openLogIn(folder);
      const found = await modelOf(log);
      await directory.close();
      const further = apply(model, writeFor(model, stepAt(seq), seq));
      if (JSON.stringify(found) !== JSON.stringify(model)) {
        expect(found).toEqual(further);
        model = further;
        seq += 1;
      }
    }
  });
});
